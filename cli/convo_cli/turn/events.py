"""The events of a running turn."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """The next piece of the model's reasoning."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """The model called a tool; the arguments are JSON as the model wrote it."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolReturned:
    """A tool returned its output, here as text."""

    name: str
    output: str


@dataclass(frozen=True, slots=True)
class ToolFailed:
    """A tool raised an error, described as in Python. The SDK decides what the model is told."""

    name: str
    error: str


@dataclass(frozen=True, slots=True)
class HandedOff:
    """Another agent goes on with the turn."""

    name: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something that the user should know, and that is not part of the answer."""

    text: str


Event = TextDelta | ReasoningDelta | ToolCalled | ToolReturned | ToolFailed | HandedOff | Noticed

OnEvent = Callable[[Event], None]
