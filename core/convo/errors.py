"""Every error that convo raises on purpose.

    ConvoError
    ├── InvalidNameError              ValueError
    ├── InvalidItemError              TypeError
    ├── NotFoundError                 ValueError
    │   ├── SessionNotFoundError
    │   ├── BranchNotFoundError
    │   ├── TurnNotFoundError
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
MORE_DESCRIPTORS = "close what holds them, or allow more with `ulimit -n`"


class ConvoError(Exception):
    """Something that convo foresaw went wrong.

    `str(error)` is one line that says what is wrong; `hint`, where there is one, says what to do.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class InvalidNameError(ConvoError, ValueError):
    """A name for a session or branch cannot be used."""


class InvalidItemError(ConvoError, TypeError):
    """An item cannot be stored, because it cannot be written as JSON."""


class NotFoundError(ConvoError, ValueError):
    """What was named does not exist."""


class SessionNotFoundError(NotFoundError):
    """No session of that name is in the database."""


class BranchNotFoundError(NotFoundError):
    """The session has no branch of that name."""


class TurnNotFoundError(NotFoundError):
    """The branch has no turn of that number."""


class NotWaitingError(NotFoundError):
    """No prompt of that number, or on that branch, waits to be asked again."""


class NoMatchError(NotFoundError):
    """No turn of the branch says what was searched for."""


class NothingToRestoreError(NotFoundError):
    """Nothing was taken away that could be brought back."""


class ConflictError(ConvoError, ValueError):
    """What was asked for contradicts what is stored."""


class NameTakenError(ConflictError):
    """The name is, or was once, in use."""


class CurrentBranchError(ConflictError):
    """The current branch is deleted only on demand."""


class ProtectedBranchError(ConflictError):
    """The branch `main` is there as long as its session."""


class HeadMovedError(ConflictError):
    """Somebody else moved the head in the meantime."""


class BranchDeletedError(ConflictError):
    """The branch that this session was on has been deleted by somebody else."""


class SessionClosedError(ConvoError, RuntimeError):
    """The session or store was used after it was closed."""


class ModelError(ConvoError):
    """The model gave no answer: no key, refused, rate limit, network, timeout."""


class DatabaseError(ConvoError):
    """The database file cannot do what was asked of it."""


class DatabaseLockedError(DatabaseError):
    """Another process held the database for longer than the lock timeout."""


class ReadOnlyDatabaseError(DatabaseError):
    """The database file, or its folder, cannot be written."""


class DatabaseFullError(DatabaseError):
    """There is no space left for the database to grow."""


class DamagedDatabaseError(DatabaseError):
    """The file is damaged, or no SQLite database at all."""


class DatabaseUnavailableError(DatabaseError):
    """The file cannot be opened: it is a folder, is missing, or may not be read."""


class NewerDatabaseError(DatabaseError):
    """A newer release of convo made the tables of the file: this one may read it, not write it."""


class NotAConversationDatabaseError(DatabaseError, ValueError):
    """The file is a database, but not one of conversations in the configured tables."""
