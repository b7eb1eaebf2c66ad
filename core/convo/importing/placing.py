"""Puts lines of imported turns on branches, with their usage and their times."""

import itertools
from collections.abc import Mapping, Sequence

from convo.branches import branches
from convo.history import items as history
from convo.importing.preparing import PreparedTurn
from convo.items.encoding import EncodedItem
from convo.records import MAIN, TurnRef
from convo.storage.transaction import Transaction
from convo.structure import numbering
from convo.structure import state as branch_state
from convo.structure.state import BranchState
from convo.usage import turn_usage

MOST_BRANCHES = 1_000
MOST_SHARED = 2_000_000
"""The most branches of an imported session, and items that they share: each branch has a row for
every item before it, so that a small file could fill a disk."""


def affordable(
    lines: Sequence[list[PreparedTurn]], turns: Sequence[PreparedTurn]
) -> list[list[PreparedTurn]]:
    """The first lines, as many as there may be branches. `turns` are all of the session."""
    before: dict[str | None, int] = {None: 0}
    until: dict[str | None, int] = {None: 0}
    for turn in turns:
        before[turn.id] = until.get(turn.parent, 0)
        until[turn.id] = before[turn.id] + len(turn.lead) + len(turn.items)
    shared = itertools.accumulate(before[line[0].id] for line in lines)
    there = [line for line, items in zip(lines, shared, strict=True) if items <= MOST_SHARED]
    return there[:MOST_BRANCHES]


def put(
    tx: Transaction,
    session_id: str,
    branch_id: str,
    turns: Sequence[PreparedTurn],
    state: BranchState | None = None,
) -> list[TurnRef]:
    """Add turns to the end of a branch, and return where each of them is.

    Pass the `state` of the branch if it is known.
    """
    items: list[EncodedItem] = []
    times: list[str] = []
    begins: list[int] = []
    for turn in turns:
        begins.append(len(items) + len(turn.lead))
        items += [*turn.lead, *turn.items]
        times += [turn.created_at] * (len(turn.lead) + len(turn.items))
    state = state or branch_state.of(tx, session_id, branch_id)
    numbers, row_ids = history.add(tx, session_id, branch_id, items, state, times=times)
    places = [TurnRef(branch_id, numbers[begin], row_ids[begin]) for begin in begins]
    entered: list[int] = []
    for turn, place in zip(turns, places, strict=True):
        entered += turn_usage.store_first(tx, session_id, place, turn.runs)
    if entered:
        tx.execute("date_imported_runs", session_id=session_id, first=entered[0])
    return places


def branch_after(
    tx: Transaction,
    session_id: str,
    turn: PreparedTurn,
    places: Mapping[str, TurnRef],
    *,
    source: str,
    name: str | None = None,
    is_apart: bool = False,
) -> str:
    """The branch where a line that begins with `turn` goes: that of its parent, or a new one.

    It is a new one, and named after the source, if something else was said here after the parent.
    `is_apart` asks for a new one in any case; `name` is what a new one is called.
    """
    parent = None if turn.parent is None else places.get(turn.parent)
    branch_id = MAIN if parent is None else parent.branch_id
    numbers = numbering.number_range(tx, session_id, branch_id)
    if numbers is None:
        return branch_id
    after = numbers[0] - 1 if parent is None else parent.turn
    is_last = after >= numbers[1]
    if is_last and not is_apart:
        return branch_id
    is_fork_there = any(place[:2] == (branch_id, after + 1) for place in places.values())
    made = branches.create(
        tx,
        session_id,
        branch_id,
        after if is_last else after + 1,
        stem=name or (f"turn-{after + 1}" if is_fork_there else source),
        include_turn=is_last,
    )
    date(tx, session_id, made, turn)
    return made


def date(tx: Transaction, session_id: str, branch_id: str, turn: PreparedTurn) -> None:
    """Make a new branch as old as the first turn of its own."""
    tx.execute(
        "date_branch", session_id=session_id, branch_id=branch_id, created_at=turn.created_at
    )
