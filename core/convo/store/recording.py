"""Storing a turn whole, with the session or branch that begins with it."""

from collections.abc import Sequence

from convo.branches import branches, heads
from convo.history import items as history
from convo.items.encoding import EncodedItem
from convo.pending import holding, pending
from convo.records import Cut, RunRecord, StoredTurn, TurnPlace, TurnRef
from convo.storage.transaction import Transaction
from convo.store import catalog, lookup
from convo.structure import state as branch_state
from convo.structure.state import BranchState
from convo.usage import turn_usage


def record(
    tx: Transaction,
    place: TurnPlace,
    items: Sequence[EncodedItem],
    run: RunRecord,
    pending_id: int | None,
    cut: Cut | None = None,
) -> StoredTurn:
    """Store a turn in its place, with what it cost, and drop it from those that are held.

    Where its session or branch has got another name since it was asked, the turn goes along. With
    `cut`, its answer is marked as one that did not come to its end.
    """
    stored, turn = _appended(tx, place, items, cut)
    run_id = None if pending_id is None else holding.settle(tx, pending_id, stored.session_id, turn)
    turn_usage.store(tx, stored.session_id, turn, run, run_id)
    _note_model(tx, stored.session_id, run)
    if pending_id is not None:
        holding.forget(tx, pending_id)
    return stored


def keep(
    tx: Transaction,
    place: TurnPlace,
    items: Sequence[EncodedItem],
    pending_id: int,
    asked: RunRecord,
) -> StoredTurn:
    """Store a pending turn with the unfinished answer, marked as cut, and hold it no longer.

    What it cost stands in the ledger already. `asked` says what was asked, and of no tokens.
    """
    waits = pending.require(tx, pending_id)
    waits.require_ended()
    # An answer that only could not be stored had come to its end.
    cut: Cut | None = None if waits.state == "not stored" else "interrupted"
    stored, turn = _appended(tx, place, items, cut)
    if holding.has_runs(tx, waits.pending_id):
        holding.settle(tx, waits.pending_id, stored.session_id, turn)
        turn_usage.sum_up(tx, stored.session_id, turn)
    _note_model(tx, stored.session_id, asked)
    holding.forget(tx, waits.pending_id)
    return stored


def _appended(
    tx: Transaction, place: TurnPlace, items: Sequence[EncodedItem], cut: Cut | None
) -> tuple[StoredTurn, TurnRef]:
    session_id, branch_id, state, started = _place(tx, place)
    turn = history.append(tx, session_id, branch_id, items, state=state)
    turn = history.anchored(tx, session_id, turn)
    if cut is not None:
        tx.execute("mark_cut", session_id=session_id, branch_id=branch_id, reason=cut)
    return StoredTurn(session_id, branch_id, turn.turn, started), turn


def _note_model(tx: Transaction, session_id: str, run: RunRecord) -> None:
    tx.execute(
        "set_session_model",
        session_id=session_id,
        model=run.model,
        base_url=run.base_url,
        api=run.api,
        agent=run.agent,
        model_chosen=run.model_chosen,
        context=run.context,
        mcp=run.mcp,
        template=run.template,
        template_values=run.template_values,
    )


def _place(tx: Transaction, place: TurnPlace) -> tuple[str, str, BranchState | None, bool]:
    """The session and branch of a turn, its state if it is known, and whether the session is new.

    Both may have got other names since the turn was asked.
    """
    session_id, started = place.session_id, False
    state = branch_state.of(tx, session_id, place.branch_id)
    if not state.session_is_there:
        session_id, started = _session(tx, place)
        state = branch_state.of(tx, session_id, place.branch_id)
    elif place.starts == "unique":
        session_id, started = catalog.start(tx, session_id, unique=True), True
        state = branch_state.of(tx, session_id, place.branch_id)
    if place.from_turn is not None or state.renamed_to is not None:
        place = _called_now(tx, session_id, place)
        return session_id, _branch(tx, session_id, place), None, started
    return session_id, place.branch_id, state, started


def _session(tx: Transaction, place: TurnPlace) -> tuple[str, bool]:
    """The session of a turn that is not there under its name, and whether it is started."""
    if place.starts is not None:
        return catalog.start(tx, place.session_id, unique=False), True
    session_id = catalog.renamed_to(tx, place.session_id) or place.session_id
    catalog.require(tx, session_id)
    return session_id, False


def _called_now(tx: Transaction, session_id: str, place: TurnPlace) -> TurnPlace:
    """The place, under the names that its branch and its head have got since."""

    def now(name: str) -> str:
        return branches.renamed_to(tx, session_id, name) or name

    head = place.head if place.head is None else now(place.head)
    return place._replace(branch_id=now(place.branch_id), head=head)


def _branch(tx: Transaction, session_id: str, place: TurnPlace) -> str:
    if place.from_turn is None:
        return place.branch_id
    # The answer is there already: it is not lost because another shell has moved the head.
    is_there = heads.of_session(tx, session_id).branch_id == place.head
    return lookup.branch_off(
        tx,
        session_id,
        place.branch_id,
        place.from_turn,
        None,
        stem=place.stem,
        include_turn=False,
        expected=place.head if is_there else None,
    )
