"""Lists of notes and of tags."""

from collections.abc import Sequence

from convo.records import Tag, TurnInfo
from convo_cli.render.data import shapes
from convo_cli.render.data.rows import Row
from convo_cli.render.listings import Listing, preview, when
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import one_line

NOTE_KEYS = tuple(shapes.NOTED)
TAG_KEYS = tuple(shapes.TAG)


def note_row(session: str, branch: str, turn: int, note: str | None) -> Row:
    """The note of one turn, by `shapes.NOTED`."""
    return {"session": session, "branch": branch, "turn": turn, "note": note}


def one_note(row: Row) -> Listing:
    """The note of one turn, as one object."""
    return Listing(NOTE_KEYS, lambda: [row], lambda: Grid([], []), lambda: row)


def notes(session: str, branch: str, infos: Sequence[TurnInfo]) -> Listing:
    """The notes of the turns of a branch."""
    found = [info for info in infos if info.marks.note]

    def rows() -> list[Row]:
        return [note_row(session, branch, info.turn, info.marks.note) for info in found]

    def grid() -> Grid:
        columns = [Column("turn", numeric=True), Column("note", weight=2), Column("text", weight=1)]
        lines = [
            [str(info.turn), preview(info.marks.note or ""), preview(info.text)] for info in found
        ]
        return Grid(columns, lines)

    return Listing(NOTE_KEYS, rows, grid)


def tags(session: str, found: Sequence[Tag]) -> Listing:
    """The tags of a session, each with a place of its turn."""

    def rows() -> list[Row]:
        return [
            {
                "tag": tag.tag,
                "session": session,
                "branch": tag.branch_id,
                "turn": tag.turn,
                "text": tag.text,
                "created_at": tag.created_at,
            }
            for tag in found
        ]

    def grid() -> Grid:
        columns = [
            Column("tag", weight=1, wraps=True),
            Column("branch", weight=1, wraps=True),
            Column("turn", numeric=True),
            Column("text", weight=2),
            Column("tagged"),
        ]
        lines = [
            [
                one_line(tag.tag),
                one_line(tag.branch_id),
                str(tag.turn),
                preview(tag.text),
                when(tag.created_at),
            ]
            for tag in found
        ]
        return Grid(columns, lines)

    return Listing(TAG_KEYS, rows, grid)
