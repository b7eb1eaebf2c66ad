"""The version of convo's tables, which every database has in `convo_schema`."""

from convo.errors import NewerDatabaseError

VERSION = 1
"""The version of the tables that this release creates.

It goes up when an older release would do damage by writing to a database of the new one. A database
without a version, or with a lower one, is upgraded in one transaction; one with a higher version is
only read.
"""


def newer(address: object, version: int | None = None) -> NewerDatabaseError:
    """The error for a database of a newer release, with its version if that is known."""
    which = "" if version is None else f" (its tables are of version {version}, ours of {VERSION})"
    return NewerDatabaseError(
        f"the database {address} was written by a newer convo{which}: it can be read, not written",
        hint="install that release: pip install -U convo-cli",
    )
