"""Store a whole turn, with the session or branch that it begins."""

from collections.abc import Sequence
from typing import NamedTuple

from convo.branches import branches, heads
from convo.history import items as history
from convo.items.encoding import EncodedItem
from convo.pending import holding, pending
from convo.records import Beside, Cut, Location, NewSession, StoredTurn, TurnPlace, TurnRef
from convo.storage.transaction import Transaction
from convo.store import catalog, lookup
from convo.store.branches import branch_off
from convo.structure import state as branch_state
from convo.structure.state import BranchState
from convo.usage import turn_usage
from convo.usage_records import RunRecord


def record(
    tx: Transaction,
    place: TurnPlace,
    items: Sequence[EncodedItem],
    run: RunRecord,
    pending_id: int | None,
    cut: Cut | None = None,
    *,
    keep_session: bool = False,
    keep_model: bool = False,
) -> StoredTurn:
    """Store a turn with its usage, and drop it from the pending ones.

    If its session or branch has been renamed since it was asked, the turn is stored under the new
    name. With `cut`, its answer is marked as incomplete. With `keep_session`, the current session
    stays current, and with `keep_model`, the session goes on with the model that it was asked with.
    """
    stored, turn = _appended(tx, place, items, cut, keep_session)
    run_id = None if pending_id is None else holding.settle(tx, pending_id, stored.session_id, turn)
    turn_usage.store(tx, stored.session_id, turn, run, run_id)
    if isinstance(place, Beside) and place.sums_up_to is not None:
        _add_later_turns(tx, place.location, place.sums_up_to, stored)
    elif not keep_model:
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
    *,
    keep_session: bool = False,
) -> StoredTurn:
    """Store a pending turn with its incomplete answer, marked as cut; it is no longer pending.

    Its usage is in the ledger already. `asked` gives the model and agent, without token counts.
    """
    waits = pending.require(tx, pending_id)
    waits.require_ended()
    # If the turn only could not be stored, its answer is complete.
    cut: Cut | None = None if waits.state == "not stored" else "interrupted"
    stored, turn = _appended(tx, place, items, cut, keep_session)
    if holding.has_runs(tx, waits.pending_id):
        holding.settle(tx, waits.pending_id, stored.session_id, turn)
        turn_usage.sum_up(tx, stored.session_id, turn)
    _note_model(tx, stored.session_id, asked)
    holding.forget(tx, waits.pending_id)
    return stored


def _appended(
    tx: Transaction,
    place: TurnPlace,
    items: Sequence[EncodedItem],
    cut: Cut | None,
    keep_session: bool,
) -> tuple[StoredTurn, TurnRef]:
    if keep_session:
        heads.pin(tx)
    history.reserve(tx, len(items))
    (session_id, branch_id), state, started = _found(tx, place, keep_session)
    turn = history.append(tx, session_id, branch_id, items, state=state)
    turn = history.anchored(tx, session_id, turn)
    if cut is not None:
        tx.execute("mark_cut", session_id=session_id, branch_id=branch_id, reason=cut)
    return StoredTurn(session_id, branch_id, turn.turn, started), turn


def _add_later_turns(tx: Transaction, location: Location, last: int, summary: StoredTurn) -> None:
    """Copy the turns after those that a summary replaces to the branch, after the summary."""
    now = called_now(tx, location)
    # The turns may have been removed since.
    lookup.require_turn(tx, *now, last)
    branches.copy_later_rows(tx, *now, summary.branch_id, after=last, first=summary.turn + 1)


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
        folder=run.folder,
    )


class _Found(NamedTuple):
    """The branch where a turn is stored, and its state if that has been read already."""

    location: Location
    state: BranchState | None = None
    started: bool = False


def _found(tx: Transaction, place: TurnPlace, keep_session: bool) -> _Found:
    """The branch of a place. The branch and its session may have been renamed since."""
    match place:
        case NewSession(name, is_unique):
            if is_unique or not catalog.exists(tx, name):
                switch = not keep_session
                session_id = catalog.start(tx, name, unique=is_unique, switch=switch)
                return _Found(Location(session_id), started=True)
            # Another program was faster. The answer must not be lost: append the turn.
            return _Found(Location(name))
        case Beside(location, turn, stem, head, _):
            now = called_now(tx, location)
            return _Found(_made_beside(tx, now, turn, stem, head))
        case Location():
            state = branch_state.of(tx, *place)
            if state.session_is_there and state.renamed_to is None:
                return _Found(place, state)
            return _Found(called_now(tx, place))


def called_now(tx: Transaction, location: Location) -> Location:
    """A location with the current names of its session and branch."""
    session_id, branch_id = location
    if not catalog.exists(tx, session_id):
        session_id = catalog.renamed_to(tx, session_id) or session_id
    catalog.require(tx, session_id)
    return Location(session_id, branches.renamed_to(tx, session_id, branch_id) or branch_id)


def _made_beside(
    tx: Transaction, location: Location, turn: int, stem: str, head: str | None
) -> Location:
    expected = None
    if head is not None:
        expected = called_now(tx, Location(location.session_id, head)).branch_id
    # The answer must not be lost because another program has moved the head.
    is_there = heads.of_session(tx, location.session_id).branch_id == expected
    branch_id = branch_off(
        tx,
        location,
        turn,
        None,
        stem=stem,
        include_turn=False,
        expected=expected if is_there else None,
    )
    return Location(location.session_id, branch_id)
