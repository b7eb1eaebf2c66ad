"""Every error that convo raises on purpose.

    ConvoError
    ├── InvalidNameError              ValueError
    ├── InvalidAddressError           ValueError
    ├── InvalidItemError              TypeError
    ├── NotFoundError                 ValueError
    │   ├── SessionNotFoundError
    │   ├── BranchNotFoundError
    │   ├── TurnNotFoundError
    │   ├── TagNotFoundError
    │   ├── EvalNotFoundError
    │   ├── NotWaitingError
    │   ├── NoMatchError
    │   └── NothingToRestoreError
    ├── ConflictError                 ValueError
    │   ├── NameTakenError
    │   ├── CurrentBranchError
    │   ├── ProtectedBranchError
    │   ├── HeadMovedError
    │   └── BranchDeletedError
    ├── SessionClosedError            RuntimeError
    ├── ModelError
    ├── CheckError
    ├── SetError
    └── DatabaseError
        ├── DatabaseLockedError
        ├── ReadOnlyDatabaseError
        ├── DatabaseFullError
        ├── DamagedDatabaseError
        ├── DatabaseUnavailableError
        ├── NewerDatabaseError
        └── NotAConversationDatabaseError   ValueError

The second column is the built-in class that the contract of the OpenAI Agents SDK documents for
the case; code written against the SDK goes on catching it.
"""

NO_DESCRIPTORS = "no file descriptors are left"
MORE_DESCRIPTORS = "close some files or programs, or allow more with `ulimit -n`"


def joined(*said: str | None) -> str:
    """Messages in one, each without its full stop if another one follows; None is left out."""
    *first, last = [one for one in said if one] or [""]
    return "; ".join([*(one.rstrip().rstrip(".") for one in first), last])


class ConvoError(Exception):
    """The base class of all errors that convo raises.

    `str(error)` is one line that says what is wrong; `hint`, if not None, says what to do.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class InvalidNameError(ConvoError, ValueError):
    """A name for a session or branch cannot be used."""


class InvalidAddressError(ConvoError, ValueError):
    """The address of a database cannot be used. The message never shows the address."""


class InvalidItemError(ConvoError, TypeError):
    """An item cannot be stored, because it cannot be written as JSON."""


class NotFoundError(ConvoError, ValueError):
    """A session, branch or turn does not exist."""


class SessionNotFoundError(NotFoundError):
    """The database has no session of that name."""


class BranchNotFoundError(NotFoundError):
    """The session has no branch of that name."""


class TurnNotFoundError(NotFoundError):
    """The branch has no turn of that number."""


class TagNotFoundError(NotFoundError):
    """No turn has that tag, or only one on another branch."""


class EvalNotFoundError(NotFoundError):
    """The database has no eval of that number."""


class NotWaitingError(NotFoundError):
    """No pending turn has that number, or is on that branch."""


class NoMatchError(NotFoundError):
    """No turn of the branch contains the search term."""


class NothingToRestoreError(NotFoundError):
    """There is nothing to restore."""


class ConflictError(ConvoError, ValueError):
    """The request conflicts with what is stored."""


class NameTakenError(ConflictError):
    """The name is in use, or was once."""


class CurrentBranchError(ConflictError):
    """The current branch is only deleted with `force`."""


class ProtectedBranchError(ConflictError):
    """The branch `main` can be neither renamed nor deleted."""


class HeadMovedError(ConflictError):
    """Another program has moved the head in the meantime."""


class BranchDeletedError(ConflictError):
    """Another program has deleted the branch that this session was on."""


class SessionClosedError(ConvoError, RuntimeError):
    """The session or store was used after it was closed."""


class ModelError(ConvoError):
    """The model gave no answer: no key, refused, rate limit, network, timeout."""


class CheckError(ConvoError):
    """A check of an answer cannot be run, or does not end."""


class SetError(ConvoError):
    """A set of cases cannot be used; each of `lines` describes one mistake."""

    def __init__(self, lines: list[str], *, hint: str | None = None) -> None:
        super().__init__("\n".join(lines), hint=hint)
        self.lines = lines


class DatabaseError(ConvoError):
    """The base class of errors of the database file."""


class DatabaseLockedError(DatabaseError):
    """Another process held the database for longer than the lock timeout."""


class ReadOnlyDatabaseError(DatabaseError):
    """The database file, or its folder, cannot be written."""


class DatabaseFullError(DatabaseError):
    """No space is left for the database to grow."""


class DamagedDatabaseError(DatabaseError):
    """The file is damaged, or is not an SQLite database."""


class DatabaseUnavailableError(DatabaseError):
    """The file cannot be opened: it is a folder, is missing, or may not be read."""


class NewerDatabaseError(DatabaseError):
    """A newer release of convo made the tables; this release can read the file but not write it."""


class NotAConversationDatabaseError(DatabaseError, ValueError):
    """The file is a database without conversations in the configured tables."""
