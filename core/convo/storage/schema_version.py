"""The version of convo's tables, which every database has in `convo_schema`."""

import re

from convo.errors import NewerDatabaseError

_RELEASE = re.compile(r"[0-9][0-9a-z.]{0,30}")

VERSION = 1
"""The version of the tables that this release creates.

It goes up when an older release would do damage by writing to a database of the new one. A database
without a version, or with a lower one, is upgraded in one transaction; one with a higher version is
only read.
"""

OF_MESSAGES = (
    *("forget_every_cut", "forget_every_note", "forget_every_tag", "forget_every_star"),
    "forget_every_merge",
)
"""The statements that forget rows that name messages by their ids."""

RELEASE = "0.1.0"
"""The first release that creates this version of the tables."""


def newer(address: object, version: int, release: object) -> NewerDatabaseError:
    """The error for a database of a newer release, with the first that can write, if known."""
    needed = f"convo {release}" if isinstance(release, str) and _RELEASE.fullmatch(release) else ""
    return NewerDatabaseError(
        f"the database {address} was written by a newer convo (its tables are of version "
        f"{version}, ours of {VERSION}): it can be read, and to write to it needs "
        f"{needed or 'that release'}",
        hint="install it: pip install -U convo-cli",
    )
