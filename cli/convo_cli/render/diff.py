"""Shows two branches side by side, from where they diverge."""

from collections.abc import Iterator, Sequence
from typing import Any

from convo.history.comparison import Comparison
from convo_cli.render.columns import Facts, Side, laid_out, no_facts
from convo_cli.render.data import compared_shapes
from convo_cli.render.data.rows import Row
from convo_cli.render.data.transcript_rows import flat_rows, turn_rows
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.text import one_line

DIFF_KEYS = tuple(compared_shapes.DIFF)
DIFF_FLAT_KEYS = tuple(compared_shapes.FLAT_DIFF)


def diff_row(found: Comparison) -> Row:
    """The comparison, by `DIFF_KEYS`; the number of the common turn is null if there is none.

    The rows of the turns are made lazily.
    """
    values: list[Any] = [found.a, found.b, found.relation]
    values += [found.common_turn_a or None, found.common_turn_b or None]
    values += [turn_rows(found.turns_a), turn_rows(found.turns_b)]
    return dict(zip(DIFF_KEYS, values, strict=True))


def diff_flat_rows(found: Comparison) -> Iterator[Row]:
    """The items that the branches do not share, by `DIFF_FLAT_KEYS`."""
    for branch, turns in ((found.a, found.turns_a), (found.b, found.turns_b)):
        for row in flat_rows(turns):
            yield {"branch": branch, **row}


def in_words(found: Comparison) -> str:
    """The relation of the branches, in one sentence."""
    a, b = f"'{one_line(found.a)}'", f"'{one_line(found.b)}'"
    turn = found.common_turn_a
    match found.relation:
        case "same":
            return f"{a} and {b} are the same"
        case "a_ends":
            return f"{b} goes on where {a} ends, after turn {turn}" if turn else f"{a} has no turns"
        case "b_ends":
            return f"{a} goes on where {b} ends, after turn {turn}" if turn else f"{b} has no turns"
        case "unrelated":
            return f"{a} and {b} have no turn in common"
        case _ if turn != found.common_turn_b:
            other = f"turn {found.common_turn_b} of {b}"
            return f"{a} and {b} part after turn {turn} of {a}, which is {other}"
        case _:
            return f"{a} and {b} part after turn {turn}"


def side_by_side(found: Comparison, look: Look, facts: Sequence[Facts] = ()) -> Iterator[str]:
    """The lines of the comparison: two columns, or one below the other on a narrow terminal.

    `facts` are those of the turns of each branch.
    """
    yield f"{in_words(found)}\n"
    both = [(found.a, found.turns_a), (found.b, found.turns_b)]
    sides = [
        Side(*one, about) for one, about in zip(both, facts or [no_facts, no_facts], strict=True)
    ]
    yield from laid_out(sides, look, beside=bool(found.turns_a and found.turns_b))
