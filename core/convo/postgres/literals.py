"""Values as literals of a statement.

Statements are sent with their values filled in, because that is the only way to send several at
once without a pipeline, and because the server then plans with the values. libpq quotes texts.
"""

from collections.abc import Callable
from math import isfinite
from typing import Any

from convo.errors import DatabaseError, InvalidNameError
from convo.storage.values import MAX_INTEGER

Quote = Callable[[Any], str]

_LONGEST_INTEGER = 2**31 - 1

_SHOWN = 80
"""The most characters of a name that an error shows."""


def literal(value: Any, escaped: Callable[[bytes], bytes]) -> str:
    """A value as a literal, in which `escaped` quotes texts for the connection.

    Raises `InvalidNameError` for a text that the server cannot store, and `DatabaseError` for a
    number that it cannot.
    """
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return escaped(_encoded(value)).decode()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        if not -MAX_INTEGER - 1 <= value <= MAX_INTEGER:
            raise DatabaseError("a number has more than 64 bits and cannot be stored")
        return f"({value})" if value < 0 else str(value)
    if isinstance(value, float):
        return f"({value!r})" if isfinite(value) else f"CAST('{value!r}' AS DOUBLE PRECISION)"
    if isinstance(value, bytes):
        # From a file, any column of which may hold anything.
        raise InvalidNameError("bytes that are not a text cannot be stored on a server")
    raise TypeError(f"a {type(value).__name__} cannot be a value of a statement")


def kind(value: Any) -> str:
    """The kind of the literal of a value, as `Pattern` calls its type."""
    if isinstance(value, bool):
        return "b"
    if isinstance(value, int):
        return "i" if abs(value) <= _LONGEST_INTEGER else "l"
    if isinstance(value, float):
        return "n" if isfinite(value) else "d"
    return "t"


def _encoded(text: str) -> bytes:
    try:
        encoded = text.encode()
    except UnicodeEncodeError as error:
        raise _unstorable(text) from error
    if b"\0" in encoded:
        raise _unstorable(text)
    return encoded


def _unstorable(text: str) -> InvalidNameError:
    return InvalidNameError(
        f"{text[:_SHOWN]!a} is not valid text: it cannot be stored or searched for"
    )
