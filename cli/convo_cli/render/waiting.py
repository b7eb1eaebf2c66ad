"""Shows pending turns, which the user sees as waiting prompts: their number, a list, or one."""

from collections.abc import Sequence

from convo.pending.pending import PendingTurn
from convo_cli.render.data import shapes
from convo_cli.render.data.rows import Row
from convo_cli.render.data.transcript_rows import item_row
from convo_cli.render.listings import Listing, preview, when
from convo_cli.render.pending import ended, named, quoted, typed_text, waiting_turn
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import counted, one_line

RETRY, SHOW = "`convo retry`", "`convo show --waiting`"
"""The commands that retry and list pending turns."""

WAITING_KEYS = tuple(shapes.WAITING)


def waiting_row(pending: PendingTurn) -> Row:
    """A pending turn, by `WAITING_KEYS`, with its items as in `show`."""
    turn = waiting_turn(pending)
    return {
        "number": pending.number,
        "session": pending.asked.session_id,
        "branch": pending.asked.branch_id,
        "turn": pending.turn,
        "in_place_of": pending.asked.from_turn,
        "text": question_of(pending),
        "state": pending.state,
        "message": pending.message,
        "tools": pending.tools_run(),
        "answer": pending.answer,
        "model": turn.model,
        "created_at": pending.created_at,
        "updated_at": pending.updated_at,
        "items": [item_row(item) for item in turn.items],
    }


def waiting_list(turns: Sequence[PendingTurn]) -> Listing:
    """The pending turns, in the order in which they were asked."""

    def grid() -> Grid:
        columns = [
            Column("number", numeric=True),
            Column("prompt", weight=3),
            Column("session", weight=1, wraps=True),
            Column("branch", weight=1, wraps=True),
            Column("turn", numeric=True),
            Column("ended", weight=2),
            Column("tools", weight=1),
            Column("answer", numeric=True),
            Column("asked"),
        ]
        lines = [
            [
                str(pending.number),
                preview(question_of(pending)),
                "(new)" if pending.asked.session_id is None else one_line(pending.asked.session_id),
                one_line(pending.asked.branch_id),
                str(pending.turn),
                one_line(ended(pending)),
                named(pending.tools_run()),
                f"{len(pending.answer):,}" if pending.answer else "",
                when(pending.created_at),
            ]
            for pending in turns
        ]
        return Grid(columns, lines).without_empty("tools", "answer")

    return Listing(WAITING_KEYS, lambda: [waiting_row(pending) for pending in turns], grid)


def question_of(pending: PendingTurn) -> str:
    """The typed question of a pending turn."""
    return typed_text(pending.asked.items[0]["content"])


def wait(count: int) -> str:
    """A clause saying how many prompts wait."""
    return f"{counted(count, 'prompt')} {'waits' if count == 1 else 'wait'}"


def how_many(count: int, show: str) -> str:
    """A line saying how many prompts wait to be asked again; `show` lists them."""
    return f"{wait(count)} to be asked again; {show} lists {'it' if count == 1 else 'them'}"


def standing(count: int, newest: PendingTurn | None, retry: str, show: str) -> str | None:
    """A line saying how many prompts wait, and how the newest here ended; None without any.

    `retry` and `show` are the commands that ask it again and list them.
    """
    if newest is not None and newest.state == "running":
        others = f"; {how_many(count, show)}" if count else ""
        return f"{_asked(newest)} is being answered by process {newest.process.number}{others}"
    if newest is None:
        return how_many(count, show).replace(" to be", " elsewhere to be", 1) if count else None
    which = wait(count) if count == 1 else f"{wait(count)}, the newest here"
    lists = f"{show} {'shows it' if count == 1 else 'lists them'}"
    again = "goes on from there" if newest.resumable() else "asks it again"
    return f"{which}: {_asked(newest)} {ended(newest)}{_after(newest)}; {retry} {again}, {lists}"


def _after(pending: PendingTurn) -> str:
    """The progress of a turn, as the end of a clause."""
    calls, arrived = len(pending.tools_run()), len(pending.answer)
    done = [counted(calls, "tool call")] if calls else []
    done += [f"{counted(arrived, 'character')} of its answer"] if arrived else []
    return f" after {' and '.join(done)}" if done else ""


def _asked(pending: PendingTurn) -> str:
    of = " of a new session" if pending.asked.session_id is None else ""
    return f"turn {pending.turn}{of}, {quoted(question_of(pending))},"
