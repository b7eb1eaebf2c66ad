"""What answers a plain question, and what counts as its answer."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from convo_cli.plain.errors import NothingSaidError, RefusedToAnswerError, UncalledForError
from convo_cli.turn.asked import Asked
from convo_cli.wire.kinds import Item, kind_of
from convo_cli.wire.pairs import NUMBERED
from convo_cli.wire.reading import Ends, Whole
from convo_cli.wire.said import last_message, refusal_of
from convo_cli.wire.thinking import Said


class PlainModel(Protocol):
    """A model that can be asked; `asked` is what is recorded and said of it."""

    asked: Asked
    api: str | None
    ends: Ends

    @property
    def has_estimated(self) -> bool:
        """Whether tokens are an estimate."""

    def answer(self, items: list[Item]) -> AsyncGenerator[Said | Whole, None]:
        """The answer to the last of the items: as it comes where it is streamed, and then whole."""

    def translated(self) -> AbstractContextManager[None]:
        """Raises what goes wrong with the model as ModelError, and everything else as it is."""


def check_answer(items: Sequence[Item]) -> None:
    """Raise what the model did instead of answering: it called a tool, or refused."""
    for item in items:
        if kind_of(item) in NUMBERED:
            # In the words of the SDK, which asks in the name of an agent.
            raise UncalledForError(f"Tool {item.get('name')} not found in agent convo")
    message = last_message(items)
    if message is not None and (refused := refusal_of(message)):
        raise RefusedToAnswerError(refused)


def check_said(items: Sequence[Item]) -> None:
    """Raise NothingSaidError where the model said nothing, and did nothing."""
    if all(kind_of(item) == "reasoning" for item in items):
        raise NothingSaidError
