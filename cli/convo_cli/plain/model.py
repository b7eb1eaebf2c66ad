"""The protocol of a model that answers plain questions, and checks of its answers."""

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

_ANSWERS = frozenset({"message", "image_generation_call"})
"""Items that are an answer; others, such as reasoning and searches, only lead to one."""


class PlainModel(Protocol):
    """A model that can be asked; `asked` describes it in records and messages."""

    asked: Asked
    api: str | None
    ends: Ends

    @property
    def has_estimated(self) -> bool:
        """Whether the tokens are an estimate."""

    def answer(self, items: list[Item]) -> AsyncGenerator[Said | Whole, None]:
        """The answer to the last of the items: its pieces if it is streamed, then the whole."""

    def translated(self) -> AbstractContextManager[None]:
        """Raise errors of the model as ModelError, and all others unchanged."""


def check_answer(items: Sequence[Item]) -> None:
    """Raise an error if the model called a tool, or refused, instead of answering."""
    for item in items:
        # The messages of the SDK, in which every model belongs to an agent.
        if kind_of(item) in NUMBERED:
            name = item.get("name", kind_of(item))
            raise UncalledForError(f"Tool {name} not found in agent convo")
        if kind_of(item) == "mcp_approval_request":
            raise UncalledForError(f"MCP server label {item.get('server_label')} not found")
    message = last_message(items)
    if message is not None and (refused := refusal_of(message)):
        raise RefusedToAnswerError(refused)


def check_said(items: Sequence[Item]) -> None:
    """Raise NothingSaidError if the model neither said nor did anything."""
    if _ANSWERS.isdisjoint(map(kind_of, items)):
        raise NothingSaidError
