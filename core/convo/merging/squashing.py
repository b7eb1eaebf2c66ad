"""Squash: make several turns of a branch one.

The new turn takes the place of the others, and the turns after it get lower numbers. The old ones
are set aside until the squash is undone.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from convo.errors import ConflictError
from convo.items.encoding import EncodedItem, Item, decode, encoded
from convo.merging.checks import STANDS_FOR_OTHERS, check_target
from convo.merging.merging import MergedTurns, copied
from convo.merging.records import Row, enter, rows_of
from convo.records import Location, Merged
from convo.storage.transaction import Transaction
from convo.structure import adoption, numbering
from convo.structure.numbering import renumber_turns
from convo.undo import taking


class Squashed(NamedTuple):
    """What a squash did, and the row that begins the new turn."""

    turns: MergedTurns
    anchor: int


def rows_to_squash(tx: Transaction, at: Location, first: int, last: int) -> list[Row]:
    """The rows of the turns to be squashed. Raises `ConflictError` if they cannot be."""
    adoption.adopt(tx, at.session_id)
    check_target(tx, at, replaces=True)
    if last <= first:
        raise ConflictError(
            "there is nothing to squash in one turn", hint="name several, such as 2..4"
        )
    rows = rows_of(tx, *at, first, last)
    for row in rows:
        if row.message_type in STANDS_FOR_OTHERS:
            raise ConflictError(
                f"turn {row.turn} of '{at.branch_id}' has a compaction, which stands for the turns "
                "before it",
                hint="squash the turns after it",
            )
    return rows


def squash(
    tx: Transaction,
    at: Location,
    first: int,
    last: int,
    *,
    only_last: bool = False,
    summary: Sequence[EncodedItem] | None = None,
    expected: Sequence[Row] | None = None,
) -> Squashed:
    """Make the turns from `first` to `last` one.

    Their prompts become one, and all other items follow it in their order; with `only_last`, only
    those of the last turn. With `summary`, its two items take their place. Raises `ConflictError`,
    also if the rows are not the `expected` ones any more.
    """
    session_id, branch_id = at
    rows = rows_to_squash(tx, at, first, last)
    if expected is not None and [row.id for row in expected] != [row.id for row in rows]:
        raise ConflictError(
            f"turns {first}-{last} of '{branch_id}' have changed in the meantime",
            hint="look at them and run the command again",
        )
    # The new rows take the places of old ones, so that those after them can stay where they are.
    places = [row.sequence for row in rows]
    numbering.forget_last_row(tx, session_id)
    if summary is not None:
        made = [
            _added(tx, at, item, place, -1) for item, place in zip(summary, places, strict=False)
        ]
    else:
        prompt = encoded([_joined(_prompts(tx, rows))])[0]
        begin = next(row for row in reversed(rows) if row.message_type == "user")
        others = [
            row
            for row in rows
            if row.message_type != "user" and (not only_last or row.turn == last)
        ]
        made = [_added(tx, at, prompt, places[0], -1, like=begin)]
        made += [
            copied(tx, at, row, place, -1) for row, place in zip(others, places[1:], strict=False)
        ]
    replaced = taking.take(tx, session_id, branch_id, "turns", first, last)
    for row_id in made:
        tx.execute("set_turn_of_row", id=row_id, turn=first)
    renumber_turns(tx, session_id, branch_id, after=last, shift=first - last)
    merged = Merged("squash", None, first, last)
    enter(
        tx,
        session_id,
        merged,
        (made[0], made[-1]),
        (rows[0].id, rows[-1].id),
        replaced_id=replaced,
    )
    tx.execute("touch_session", session_id=session_id)
    return Squashed(MergedTurns(branch_id, merged, first, first, first, last), made[0])


def _added(
    tx: Transaction,
    at: Location,
    item: EncodedItem,
    sequence: int,
    turn: int,
    like: Row | None = None,
) -> int:
    """Add an item at a place; it has the time of the row that it is like, if any."""
    message_id: int = tx.value("append_message", session_id=at.session_id, message_data=item.data)
    if like is not None:
        tx.execute("set_time_of_message", id=message_id, other=like.message_id)
    row_id: int = tx.value(
        "append_structure",
        session_id=at.session_id,
        message_id=message_id,
        branch_id=at.branch_id,
        message_type=item.message_type,
        sequence_number=sequence,
        turn=turn,
        tool_name=item.tool_name,
    )
    adoption.note(tx, at.session_id, message_id)
    return row_id


def _prompts(tx: Transaction, rows: Sequence[Row]) -> list[Item]:
    prompts = []
    for row in rows:
        if row.message_type == "user":
            try:
                prompts.append(decode(tx.value("message_data", message_id=row.message_id)))
            except ValueError:
                raise ConflictError(
                    f"the prompt of turn {row.turn} cannot be read", hint="squash other turns"
                ) from None
    return prompts


def _joined(prompts: Sequence[Item]) -> Item:
    """One prompt that says what several say, with their attachments."""
    contents = [prompt.get("content") if isinstance(prompt, dict) else None for prompt in prompts]
    if all(isinstance(content, str) for content in contents):
        return {"role": "user", "content": "\n\n".join(map(str, contents))}
    parts: list[Any] = []
    for content in contents:
        if isinstance(content, str):
            parts.append({"type": "input_text", "text": content})
        elif isinstance(content, list):
            parts += content
    return {"role": "user", "content": parts}
