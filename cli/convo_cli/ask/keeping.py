"""Keeps what came of an answer that was interrupted, as a turn that is marked as cut."""

from collections.abc import Mapping
from typing import Any

from convo.errors import NotFoundError
from convo.items.encoding import Item
from convo.pending.pending import HeldTurn
from convo.records import RunRecord, StoredTurn
from convo.store import ConversationStore
from convo_cli.ask.question import Question


class NothingToKeepError(NotFoundError):
    """Nothing of the answer had arrived."""


def kept_items(held: HeldTurn) -> list[Item]:
    """The items of a turn that came to no end: its question, and what there is of its answer.

    Raises `NothingToKeepError` where that is nothing.
    """
    answer = held.arrived()
    if not answer:
        raise NothingToKeepError(
            f"nothing of the answer to prompt {held.number} arrived that could be kept",
            hint="ask it again",
        )
    return [*held.asked.items, *answer]


async def keep(store: ConversationStore, held: HeldTurn, question: Question) -> StoredTurn:
    """Store a held turn where its question would be asked again, with what there is of it."""
    return await store.keep_turn(
        question.place(), kept_items(held), held.number, _asked(question.options)
    )


def _asked(options: Mapping[str, Any]) -> RunRecord:
    """The model that a question was asked of; its cost is in the ledger already."""
    return RunRecord(
        options.get("model"),
        *(0, 0, 0, 0),
        status="interrupted",
        base_url=options.get("base_url"),
        api=options.get("api"),
        agent=options.get("agent"),
        model_chosen=bool(options.get("is_chosen")),
    )
