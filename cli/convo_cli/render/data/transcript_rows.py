"""Turns with all their items as rows for programs: the keys that scripts may rely on."""

from collections.abc import Iterable, Iterator

from convo.history.lines import WholeSession
from convo.history.transcript import TranscriptTurn
from convo.items.contents import TranscriptItem
from convo_cli.render.data import shapes
from convo_cli.render.data.rows import Row, marks_row, token_row

ITEM_KEYS = tuple(shapes.ITEM)
TRANSCRIPT_KEYS = tuple(shapes.TRANSCRIPT)
LINE_KEYS = ("session", "branch", "parent", "after", *TRANSCRIPT_KEYS)
FLAT_KEYS = tuple(shapes.FLAT_ITEM)


def turn_rows(turns: Iterable[TranscriptTurn]) -> Iterator[Row]:
    """The turns, by `TRANSCRIPT_KEYS`, each with its items, by `ITEM_KEYS`."""
    for turn in turns:
        yield {
            "turn": turn.turn,
            "model": turn.model,
            **token_row(turn.tokens),
            "created_at": turn.created_at,
            "cut": turn.cut is not None,
            **marks_row(turn.marks, turn.merged),
            "items": [item_row(item) for item in turn.items],
        }


def flat_rows(turns: Iterable[TranscriptTurn]) -> Iterator[Row]:
    """The items of all turns, by `FLAT_KEYS`."""
    for turn in turns:
        for item in turn.items:
            row = item_row(item)
            del row["item"]
            yield {"turn": turn.turn, **row}


def item_row(item: TranscriptItem) -> Row:
    """One item, by `ITEM_KEYS`."""
    row = item._asdict()
    return {**row, "attachments": list(row["attachments"])}


def line_rows(session: WholeSession) -> Iterator[Row]:
    """The turns of all branches of a session, each once, by `LINE_KEYS`.

    The first turn of a branch follows the turn `after` of `parent`.
    """
    for line in session.lines:
        where = {
            "session": session.session_id,
            "branch": line.branch_id,
            "parent": line.parent,
            "after": line.after,
        }
        for row in turn_rows(line.turns):
            yield {**where, **row}
