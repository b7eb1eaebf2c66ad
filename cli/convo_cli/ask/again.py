"""Retries a question, continues a cut answer, or stores the part of an answer that arrived."""

from collections.abc import Mapping
from typing import Any

from convo.errors import (
    BranchNotFoundError,
    NotFoundError,
    NotWaitingError,
    SessionNotFoundError,
    TurnNotFoundError,
)
from convo.items.encoding import Item
from convo.pending.pending import PendingTurn, Progress
from convo.records import StoredTurn
from convo.store import ConversationStore
from convo.usage_records import RunRecord
from convo_cli.ask.conversation import Destination
from convo_cli.ask.question import Question
from convo_cli.config.mcp import names_text, recorded_names
from convo_cli.turn.choice import Content

GO_ON = "Go on with your answer exactly where it was cut off, without repeating any of it."
"""The prompt that asks for the rest of a cut answer; it is stored like any other question."""


class NothingToContinueError(NotFoundError):
    """The last answer of the branch is complete, or the branch has no answer."""


class NothingToKeepError(NotFoundError):
    """No part of the answer had arrived."""


class NothingToRetryError(NotFoundError):
    """The branch has no turns yet."""


async def question_again(
    store: ConversationStore, destination: Destination, *, or_new: bool = False
) -> Question:
    """The newest pending question of a conversation, or else its last turn, asked in a new branch.

    With `or_new`, a question that was to begin a new session counts too. Raises `ConflictError`
    while another process is still answering, and `NothingToRetryError` if there is no question.
    """
    failed = await store.failed_turn(destination.session, destination.branch, or_new=or_new)
    return (
        await last_question(store, destination)
        if failed is None
        else await pending_question(store, failed)
    )


async def newest_here(
    store: ConversationStore, destination: Destination, *, or_new: bool = False
) -> PendingTurn:
    """The newest pending turn of a conversation. Raises `NotWaitingError` if none is pending."""
    pending = await store.failed_turn(destination.session, destination.branch, or_new=or_new)
    if pending is None:
        raise NotWaitingError(f"no prompt waits on branch '{destination.branch}'")
    return pending


async def last_question(store: ConversationStore, destination: Destination) -> Question:
    """The question of the last turn, to be asked again in a new branch.

    Raises `NothingToRetryError` if the conversation has no turns.
    """
    if destination.session is None or not destination.exists:
        raise NothingToRetryError(
            "nothing to retry: nothing was asked yet", hint="ask something with `convo chat`"
        )
    last = await store.last_turn(destination.session, destination.branch)
    if not last:
        raise NothingToRetryError(
            f"nothing to retry: branch '{destination.branch}' has no turns yet",
            hint="ask something with `convo chat`",
        )
    schema = await store.answer_schema(destination.session, destination.branch, last)
    content = await asked_in(store, destination, last)
    return Question(destination, content, last, f"retry-{last}", options={"schema": schema})


async def continuing(store: ConversationStore, destination: Destination) -> Question:
    """A question that asks the model to continue its last answer.

    Raises `NothingToContinueError` unless the last answer was cut off.
    """
    infos = []
    if destination.session is not None and destination.exists:
        infos = await store.turns(destination.session, destination.branch, 1)
    if not infos or infos[0].cut is None:
        last = (
            f"turn {infos[0].turn} of '{destination.branch}' is whole"
            if infos
            else "no turn is there"
        )
        raise NothingToContinueError(
            f"nothing to continue: {last}", hint="only an answer that was cut is continued"
        )
    return Question(destination, GO_ON)


async def pending_question(
    store: ConversationStore, pending: PendingTurn, destination: Destination | None = None
) -> Question:
    """The question of a pending turn, to be asked again where it was asked.

    If its branch has new turns, the question goes to the end of the branch; if the branch is gone,
    to the end of the session's current branch; if the session is gone, a session of that name
    begins with it. With `destination`, it goes to the end of that branch. Raises `ConflictError`
    while a process is still answering it.
    """
    pending.require_ended()
    asked, note, from_turn = pending.asked, None, pending.asked.from_turn
    if destination is None:
        destination, note = await _place_again(store, pending)
        last = (
            0
            if not destination.exists
            else await store.last_turn(destination.session or "", destination.branch)
        )
        if note is not None or (from_turn or 0) > last:
            from_turn = None
        if note is None and from_turn is None and destination.exists:
            note = _gone_on(pending, destination, last)
    else:
        from_turn = None
    return Question(
        destination,
        asked.items[0]["content"],
        from_turn,
        asked.stem if from_turn is not None else None,
        retries=pending.number,
        options=_mapping(asked.options),
        reached=Progress(pending.resumable(), agent=pending.agent),
        note=note,
        ran=tuple(pending.tools_run()),
    )


async def _place_again(
    store: ConversationStore, pending: PendingTurn
) -> tuple[Destination, str | None]:
    """The destination of a retried turn, and a note if it is not where the turn was asked."""
    session, branch = pending.asked.session_id, pending.asked.branch_id
    if session is None:
        return Destination(None, False), None
    try:
        head = await store.session_head(session)
    except SessionNotFoundError:
        gone = f"the session '{session}' is not there any more, and begins again"
        return Destination(session, False), gone if pending.turn > 1 else None
    note = None
    try:
        await store.require_branch(session, branch)
    except BranchNotFoundError:
        note = f"its branch '{branch}' is not there any more: it is asked on '{head.branch_id}'"
        branch = head.branch_id
    recorded = await store.session_model(session)
    return Destination(session, True, branch, recorded, head.branch_id), note


def _gone_on(pending: PendingTurn, destination: Destination, last: int) -> str | None:
    if last + 1 == pending.turn and not pending.has_gone_on:
        return None
    return f"'{destination.branch}' has changed since: it is asked as turn {last + 1}, at its end"


async def asked_in(store: ConversationStore, destination: Destination, turn: int) -> Content:
    """What was asked in a turn, attachments included. Raises `TurnNotFoundError`."""
    if destination.session is None or not destination.exists:
        raise TurnNotFoundError(f"no turn {turn}: nothing was said yet")
    (found,) = await store.transcript(destination.session, destination.branch, turn, turn)
    content: Content = next(
        (part.item["content"] for part in found.items if part.kind == "user"), ""
    )
    return content


def kept_items(pending: PendingTurn) -> list[Item]:
    """The items of an unfinished turn: its question, and the part of the answer that arrived.

    Raises `NothingToKeepError` if no part of the answer arrived.
    """
    answer = pending.arrived()
    if not answer:
        raise NothingToKeepError(
            f"no part of the answer to prompt {pending.number} arrived",
            hint="ask it again",
        )
    return [*pending.asked.items, *answer]


async def keep(store: ConversationStore, pending: PendingTurn, question: Question) -> StoredTurn:
    """Store a pending turn, with the part of its answer that arrived, where a retry would go."""
    return await store.keep_turn(
        question.place(),
        kept_items(pending),
        pending.number,
        _spent_before(question.options),
        keep_session=question.destination.keep_session,
    )


def _spent_before(options: Mapping[str, Any]) -> RunRecord:
    """A run that names the model but has no cost, because the ledger already has that."""
    return RunRecord(
        options.get("model"),
        *(0, 0, 0, 0),
        status="interrupted",
        base_url=options.get("base_url"),
        api=options.get("api"),
        agent=options.get("agent"),
        model_chosen=bool(options.get("is_chosen")),
        context=options.get("context"),
        mcp=names_text(recorded_names(options.get("mcp")) or ()),
    )


def _mapping(options: object) -> Mapping[str, Any]:
    return options if isinstance(options, Mapping) else {}
