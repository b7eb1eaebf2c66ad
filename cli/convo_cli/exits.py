"""The exit codes, and the function that maps an error to its code."""

import errno
from enum import IntEnum

import typer
from typer.exceptions import TyperException

from convo.errors import (
    CheckError,
    ConflictError,
    ConvoError,
    DatabaseError,
    InvalidAddressError,
    InvalidItemError,
    InvalidNameError,
    ModelError,
    NotFoundError,
    SetError,
)
from convo_cli.config.file import ConfigError
from convo_cli.turn.errors import ChoiceError


class ExitCode(IntEnum):
    """The exit codes of the program."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    NOT_FOUND = 3
    CONFLICT = 4
    MODEL = 5
    DATABASE = 6
    HUNG_UP = 129
    """The terminal was closed; shells report the same code for a program ended by SIGHUP."""
    INTERRUPTED = 130
    PIPE_CLOSED = 141
    """The reader of stdout is gone; shells report the same code for a program ended by SIGPIPE."""
    TERMINATED = 143
    """SIGTERM ended the program."""


MEANINGS = {
    ExitCode.DONE: "Done.",
    ExitCode.UNEXPECTED: "An unexpected failure (--debug shows where), or an eval below its --min.",
    ExitCode.USAGE: "Wrong usage, or a file that cannot be used.",
    ExitCode.NOT_FOUND: "No such session, branch, turn or match.",
    ExitCode.CONFLICT: "A conflict: a name is taken, --force is missing, or the head has moved.",
    ExitCode.MODEL: "The model failed: no key, refused, a limit, the network, too late.",
    ExitCode.DATABASE: "The database: locked, read-only, full, damaged, unreachable, or foreign.",
    ExitCode.HUNG_UP: "The terminal was closed.",
    ExitCode.INTERRUPTED: "Interrupted.",
    ExitCode.PIPE_CLOSED: "The reader of the output is gone.",
    ExitCode.TERMINATED: "Another program ended it.",
}
"""What each exit code means, for the help."""


class UsageError(ConvoError):
    """The command line is invalid."""


class DeclinedError(KeyboardInterrupt):
    """The user was asked, and does not want it; the message says what has become of it."""


class NeedsForceError(ConflictError):
    """An irreversible action was neither confirmed nor forced."""


_CODES: tuple[tuple[type[BaseException], ExitCode], ...] = (
    (KeyboardInterrupt, ExitCode.INTERRUPTED),
    (typer.Abort, ExitCode.INTERRUPTED),
    (BrokenPipeError, ExitCode.PIPE_CLOSED),
    (TyperException, ExitCode.USAGE),
    (UsageError, ExitCode.USAGE),
    (CheckError, ExitCode.USAGE),
    (ChoiceError, ExitCode.USAGE),
    (ConfigError, ExitCode.USAGE),
    (InvalidNameError, ExitCode.USAGE),
    (InvalidAddressError, ExitCode.USAGE),
    (InvalidItemError, ExitCode.USAGE),
    (SetError, ExitCode.USAGE),
    (NotFoundError, ExitCode.NOT_FOUND),
    (ConflictError, ExitCode.CONFLICT),
    (ModelError, ExitCode.MODEL),
    (DatabaseError, ExitCode.DATABASE),
    # Only the contents of a database can take all memory, or be nested without end.
    (MemoryError, ExitCode.DATABASE),
    (RecursionError, ExitCode.DATABASE),
)


def is_out_of_descriptors(error: BaseException) -> bool:
    """Whether the process, or the system, may open no more files."""
    return isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE)


def exit_code_for(error: BaseException) -> ExitCode:
    """The exit code for an error that ends the program."""
    if is_out_of_descriptors(error):
        # Without descriptors the database cannot be opened.
        return ExitCode.DATABASE
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code
    return ExitCode.UNEXPECTED
