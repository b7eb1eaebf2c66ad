"""Translates errors of a plain question into one-line messages, with a hint about what to do.

Only errors of the libraries below are translated. An error in convo's own code is raised unchanged,
and reported as a bug.
"""

import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2

from convo.errors import ModelError
from convo_cli.plain.answer_faults import (
    IN_ONE_PIECE,
    bad_answer,
    broken_off,
    cannot_run,
    cut_answer,
    failed_answer,
    malformed,
    misbehaved,
    refused_to_answer,
)
from convo_cli.plain.errors import (
    NothingSaidError,
    RefusedError,
    RefusedToAnswerError,
    UncalledForError,
)
from convo_cli.plain.http_faults import broken_connection, error_status
from convo_cli.turn.asked import Asked, Fault
from convo_cli.turn.redact import contains_secret, one_line
from convo_cli.wire.ends import (
    BadAnswerError,
    BrokenOffError,
    CutAnswerError,
    FailedAnswerError,
    UnheardError,
)

_CONNECTIONS = "anyio"
"""It has the sockets; what the libraries above it do not foresee is a connection that broke off."""

_LIBRARIES = frozenset({"httpx2", "httpcore2", "h11", "json"})
"""Packages whose unexpected errors mean that they could not process what a server sent."""

_CANNOT_STREAM = re.compile(
    r"\b(stream(s|ed|ing)?\b.*(support|allow|implement|disabl|enabl|availab|must be|not)"
    r"|(support|cannot|can't|does not|do not|unable to|disabl)\w*\b.* stream)",
    re.IGNORECASE,
)
"""Matches the error of a server that cannot stream."""


Find = Callable[[Exception, Asked], ModelError | None]
"""Finds the ModelError for an error of the model; None for any other error."""


@contextmanager
def translated(asked: Asked, find: Find | None = None) -> Iterator[None]:
    """Raise errors of the model as ModelError, and all others unchanged.

    Without `find`, they are those of a plain question. The original error is the cause, unless its
    text contains a key.
    """
    try:
        yield
    except Exception as error:
        found = (find or model_error)(error, asked)
        if found is None:
            raise
        raise found from (None if gives_away(error, asked.secrets) else error)


def model_error(error: Exception, asked: Asked) -> ModelError | None:
    """The ModelError for an error of the model; None for any other error."""
    for kind, describe in _FAULTS:
        if isinstance(error, kind):
            message, hint = describe(error, asked)
            return said(message, cannot_stream(message, asked) or hint, asked)
    if top_module(error) == _CONNECTIONS:
        return said(*broken_connection(error, asked), asked)
    if top_module(error) in _LIBRARIES:
        return said(*malformed(error, asked), asked)
    return None


def said(message: str, hint: str | None, asked: Asked) -> ModelError:
    """A ModelError with this message and hint, each on one line and without keys."""
    return ModelError(one_line(message, asked.secrets), hint=hint and one_line(hint, asked.secrets))


def cannot_stream(message: str, asked: Asked) -> str | None:
    """A hint if the message says that the server cannot stream; otherwise None."""
    return IN_ONE_PIECE if asked.streams and _CANNOT_STREAM.search(message) else None


def _nothing(error: Exception, asked: Asked) -> Fault:
    return f"{asked.where} answered with nothing", "ask again"


_FAULTS: tuple[tuple[type[Exception], Callable[..., Fault]], ...] = (
    (RefusedError, error_status),
    (BrokenOffError, lambda error, asked: broken_off(str(error), asked)),
    (httpx2.HTTPError, broken_connection),
    (ssl.SSLError, broken_connection),
    (FailedAnswerError, failed_answer),
    (CutAnswerError, cut_answer),
    (BadAnswerError, bad_answer),
    (NothingSaidError, _nothing),
    (RefusedToAnswerError, lambda error, asked: refused_to_answer(str(error), asked)),
    (UncalledForError, lambda error, asked: misbehaved(str(error), asked)),
    (UnheardError, lambda error, asked: cannot_run(str(error), asked)),
)


def top_module(error: Exception) -> str:
    """The package whose code raised the error."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    name = trace.tb_frame.f_globals.get("__name__", "") if trace is not None else ""
    return str(name).partition(".")[0]


def gives_away(error: BaseException | None, secrets: tuple[str, ...]) -> bool:
    """Whether the text of the error, or of one of its causes, contains a secret."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if contains_secret(str(error), secrets):
            return True
        error = error.__cause__ or error.__context__
    return False
