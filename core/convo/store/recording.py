"""Storing a turn whole, with the session or branch that begins with it."""

from collections.abc import Sequence
from typing import NamedTuple

from convo.branches import branches, heads
from convo.history import items as history
from convo.items.encoding import EncodedItem
from convo.pending import holding, pending
from convo.records import (
    Beside,
    Cut,
    Location,
    NewSession,
    RunRecord,
    StoredTurn,
    TurnPlace,
    TurnRef,
)
from convo.storage.transaction import Transaction
from convo.store import catalog, lookup
from convo.store.branches import branch_off
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
    if isinstance(place, Beside) and place.sums_up_to is not None:
        _add_later_turns(tx, place.location, place.sums_up_to, stored)
    else:
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
    (session_id, branch_id), state, started = _found(tx, place)
    turn = history.append(tx, session_id, branch_id, items, state=state)
    turn = history.anchored(tx, session_id, turn)
    if cut is not None:
        tx.execute("mark_cut", session_id=session_id, branch_id=branch_id, reason=cut)
    return StoredTurn(session_id, branch_id, turn.turn, started), turn


def _add_later_turns(tx: Transaction, location: Location, last: int, summary: StoredTurn) -> None:
    """Show the turns after the last that a summary stands for behind it."""
    now = _called_now(tx, location)
    # They may have been taken back since.
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
    )


class _Found(NamedTuple):
    """Where a turn goes as things stand: its branch, whose state is known if it has been read."""

    location: Location
    state: BranchState | None = None
    started: bool = False


def _found(tx: Transaction, place: TurnPlace) -> _Found:
    """The branch of a place. Both it and its session may have got other names since."""
    match place:
        case NewSession(name, is_unique):
            if is_unique or not catalog.exists(tx, name):
                return _Found(Location(catalog.start(tx, name, unique=is_unique)), started=True)
            # Somebody was faster. The answer is there already: it goes below what was said.
            return _Found(Location(name))
        case Beside(location, turn, stem, head, _):
            now = _called_now(tx, location)
            return _Found(_made_beside(tx, now, turn, stem, Location(now.session_id, head)))
        case Location():
            state = branch_state.of(tx, *place)
            if state.session_is_there and state.renamed_to is None:
                return _Found(place, state)
            return _Found(_called_now(tx, place))


def _called_now(tx: Transaction, location: Location) -> Location:
    """A location under the names that its session and its branch have got since."""
    session_id, branch_id = location
    if not catalog.exists(tx, session_id):
        session_id = catalog.renamed_to(tx, session_id) or session_id
    catalog.require(tx, session_id)
    return Location(session_id, branches.renamed_to(tx, session_id, branch_id) or branch_id)


def _made_beside(
    tx: Transaction, location: Location, turn: int, stem: str, head: Location
) -> Location:
    expected = _called_now(tx, head).branch_id
    # The answer is there already: it is not lost because another shell has moved the head.
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
