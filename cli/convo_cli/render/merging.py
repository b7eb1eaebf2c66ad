"""What merges and squashes did, in words and as rows."""

from convo.merging.merging import MergedTurns
from convo.pending.pending import PendingTurn
from convo.records import Merged
from convo_cli.render.data.rows import Row
from convo_cli.render.terminal.text import one_line


def merged(done: MergedTurns, undo: str = "convo undo") -> str:
    """The notice of a merge or squash; `undo` is the command that takes it back."""
    back = f"`{undo}` takes it back"
    kind, source, first, last = done.merged
    branch = f"'{one_line(done.branch_id)}'"
    old = _turns(first, last)
    new = _turns(done.first, done.last)
    if not done.first:
        return f"nothing to merge: {branch} has all that '{one_line(source or '')}' has"
    if kind == "squash":
        return f"turn {done.first} of {branch} is now what {old} were; {back}"
    of = f"{old} of '{one_line(source or '')}'"
    if kind == "summary":
        return f"turn {done.first} of {branch} sums up {of}; {back}"
    if kind == "picked":
        return f"copied {of} to {branch}, as {new}; {back}"
    aside = ""
    if done.aside_first:
        aside = f", and its own {_turns(done.aside_first, done.aside_last)} made room"
    return f"{branch} goes on with {of}, as {new}{aside}; {back}"


def row(session: str, done: MergedTurns) -> Row:
    """The same for programs, by `shapes.MERGED`."""
    nothing = not done.first
    return {
        "session": session,
        "branch": done.branch_id,
        "kind": done.merged.kind,
        "source": done.merged.source,
        "source_first_turn": None if nothing else done.merged.first,
        "source_last_turn": None if nothing else done.merged.last,
        "first_turn": done.first or None,
        "last_turn": done.last or None,
        "set_aside_first_turn": done.aside_first or None,
        "set_aside_last_turn": done.aside_last or None,
    }


def nothing_to_merge(target: str, source: str) -> MergedTurns:
    """A merge of a branch that has nothing new."""
    return MergedTurns(target, Merged("summary", source, 0, 0), 0, 0)


def not_merged(waits: PendingTurn) -> str:
    """The end of a notice about a prompt of the merged branch that has no answer."""
    branch = one_line(waits.asked.branch_id)
    return f"; turn {waits.turn} of '{branch}' has no answer, and is not merged"


def _turns(first: int, last: int) -> str:
    return f"turn {first}" if first == last else f"turns {first}-{last}"
