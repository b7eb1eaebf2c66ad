"""Declares what commands write for programs: the shape of their JSON, and their exit codes.

The documentation is made of these declarations, and tests compare them with what is written.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

_ATTRIBUTE = "__written__"


class Rows(NamedTuple):
    """A value that is a list of objects; `name` is what the documentation calls them."""

    name: str
    keys: "Keys"


class Nested(NamedTuple):
    """A value that is one object."""

    keys: "Keys"


Kind = str | Rows | Nested
"""The kind of a value: text, integer, number, boolean, time, object or any.

One in brackets is a list of such values; with a question mark, the value may be null.
"""

Keys = Mapping[str, Kind]
"""The keys of an object, in order, with the kinds of their values."""


class Shape(NamedTuple):
    """What a command writes with `--json`: a list of objects, one object, or text of its own.

    `option` is the option with which it does so, if that is not the rule. `flat` has the columns
    of CSV and TSV if they are not the keys.
    """

    form: Literal["list", "object", "text"]
    keys: Keys
    option: str = ""
    flat: Keys | None = None


class Written(NamedTuple):
    """What a command writes, and its exit codes beside those that every command has."""

    shapes: Sequence[Shape]
    exits: Sequence[int] = ()


def each(keys: Keys, option: str = "", *, flat: Keys | None = None) -> Shape:
    """The shape of a list of objects with these keys."""
    return Shape("list", keys, option, flat)


def one(keys: Keys, option: str = "", *, flat: Keys | None = None) -> Shape:
    """The shape of one object with these keys."""
    return Shape("object", keys, option, flat)


TEXT = Shape("text", {})
"""The shape of a text that is the same in every format, such as a script or a document."""


def writes(*shapes: Shape, exits: Sequence[int] = ()) -> Callable[[F], F]:
    """Declare what a command writes."""

    def declare(command: F) -> F:
        setattr(command, _ATTRIBUTE, Written(shapes, exits))
        return command

    return declare


def written_by(command: Any) -> Written | None:
    """What a command declares; None if it declares nothing."""
    found: Written | None = getattr(command.callback, _ATTRIBUTE, None)
    return found
