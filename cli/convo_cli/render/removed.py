"""Removals and restored removals of a session, as lists and as sentences."""

import shlex
from collections.abc import Sequence

from convo.records import Removed, RemovedSession, Restored, RestoredSession
from convo_cli.render.data import rows as as_rows
from convo_cli.render.listings import Listing, preview, when
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import counted, one_line

_WORDS = 50
"""The longest quotation of a prompt in a sentence, in characters."""


def removed(
    session: str | None, entries: Sequence[Removed], sessions: Sequence[RemovedSession] = ()
) -> Listing:
    """The removals that can be restored: deleted sessions, and those of one, the last one first."""

    def rows() -> list[as_rows.Row]:
        of_session = [{"session": session, **as_rows.removed_row(entry)} for entry in entries]
        return [*map(as_rows.removed_session_row, sessions), *of_session]

    def grid() -> Grid:
        columns = [
            Column("what"),
            Column("branch or session" if sessions else "branch", weight=1, wraps=True),
            Column("turns"),
            Column("text", weight=3),
            Column("taken"),
        ]
        lines = [
            [
                entry.what,
                one_line(entry.branch_id),
                _numbers(entry),
                preview(entry.text),
                when(entry.removed_at),
            ]
            for entry in entries
        ]
        deleted_sessions = [
            [
                "session",
                one_line(one.session_id),
                str(one.turns),
                preview(one.text),
                when(one.removed_at),
            ]
            for one in sessions
        ]
        return Grid(columns, [*deleted_sessions, *lines])

    return Listing(as_rows.REMOVED_KEYS, rows, grid)


def restored(session: str, current: str, ones: Sequence[Restored]) -> Listing:
    """The restored removals; `current` is the branch that is current. JSON is one object.

    Users see only the names of their branches.
    """

    def rows() -> list[as_rows.Row]:
        return [as_rows.restored_row(one) for one in ones]

    def document() -> as_rows.Row:
        return {"branch": current, "session": session, "restored": rows()}

    def grid() -> Grid:
        return Grid([Column("branch")], [[one_line(one.branch_id)] for one in ones])

    return Listing(as_rows.RESTORED_KEYS, rows, grid, document)


def restored_session(one: RestoredSession) -> Listing:
    """A restored session. JSON is one object, as for branches."""

    def rows() -> list[as_rows.Row]:
        return [as_rows.restored_session_row(one)]

    def grid() -> Grid:
        return Grid([Column("session")], [[one_line(one.removed.session_id)]])

    def document() -> as_rows.Row:
        return {"branch": one.branch_id, "session": one.removed.session_id, "restored": rows()}

    return Listing(as_rows.RESTORED_KEYS, rows, grid, document)


def session_brought_back(one: RestoredSession) -> str:
    """The message for a restored session."""
    name, count = one.removed.session_id, one.removed.branches
    said = f"restored session '{name}' with {'1 branch' if count == 1 else f'{count:,} branches'}"
    if one.waiting:
        said += f" and {counted(one.waiting, 'waiting prompt')}"
    if one.lost_items:
        lost = counted(one.lost_items, "item")
        said += f", without {lost} that somebody has deleted for good"
    if one.is_current:
        return f"{said}; it is current"
    return f"{said}; `convo session use {shlex.quote(name)}` goes there"


def undone(entry: Removed, bring_back: str) -> str:
    """The message of `undo`; `bring_back` is the command that restores the turns."""
    if entry.merged is not None:
        return f"took back {_merge(entry)}; `{bring_back}` brings it back"
    them = "it" if entry.turns == 1 else "them"
    return f"took back {_turns(entry)}; `{bring_back}` brings {them} back"


def brought_back(one: Restored, current: str, switch: str) -> str:
    """The message of `restore`; `switch` is the command that goes to another branch."""
    entry = one.removed
    what = _turns(entry) if entry.what == "turns" else f"branch '{entry.branch_id}'"
    if entry.merged is not None and not one.is_elsewhere:
        what = _merge(entry)
    said = f"restored {what}"
    if one.is_elsewhere and entry.what == "turns":
        said += f", on a branch beside it, '{one.branch_id}'"
    elif one.is_elsewhere:
        said += f" as '{one.branch_id}', as '{entry.branch_id}' has been written to since"
    if one.lost_items:
        lost = counted(one.lost_items, "item")
        said += f", without {lost} that somebody has deleted for good"
    if one.branch_id != current:
        said += f"; `{switch} {shlex.quote(one.branch_id)}` goes there"
    return said


def _merge(entry: Removed) -> str:
    """The merge or squash that was undone."""
    assert entry.merged is not None
    _, source, first, last = entry.merged
    if source is None:
        return f"the squash of turns {first}-{last} of '{entry.branch_id}'"
    return f"the merge of '{source}' into '{entry.branch_id}'"


def _turns(entry: Removed) -> str:
    """The numbers of the turns, and the prompt of the first."""
    text = one_line(entry.text)
    words = f'"{text[:_WORDS]}…"' if len(text) > _WORDS else f'"{text}"'
    if entry.turns == 1:
        return f"turn {_numbers(entry)} of '{entry.branch_id}', {words}"
    return f"turns {_numbers(entry)} of '{entry.branch_id}', from {words} on"


def _numbers(entry: Removed) -> str:
    if entry.first_turn is None:
        return ""
    if entry.first_turn == entry.last_turn:
        return str(entry.first_turn)
    return f"{entry.first_turn}-{entry.last_turn}"


def deleted(names: list[str]) -> str:
    """The message for deleted branches."""
    listed = ", ".join(f"'{name}'" for name in names)
    return f"deleted {'branch' if len(names) == 1 else 'branches'} {listed}"
