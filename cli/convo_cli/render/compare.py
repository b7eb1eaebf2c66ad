"""Shows several branches side by side, from where they part, with what each of them took."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from convo.history.columns import Column
from convo.history.comparison import Comparison
from convo.history.transcript import TranscriptTurn
from convo.usage_records import Tokens, UsageRow
from convo_cli.render.columns import Facts, Side, laid_out
from convo_cli.render.data import compared_shapes
from convo_cli.render.data.rows import Row, token_row
from convo_cli.render.data.transcript_rows import turn_rows
from convo_cli.render.diff import in_words
from convo_cli.render.listings import number
from convo_cli.render.money import dollars, in_column
from convo_cli.render.sections import about
from convo_cli.render.terminal.grid import Column as GridColumn
from convo_cli.render.terminal.grid import Grid
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.tables import draw
from convo_cli.render.terminal.text import one_line

COMPARED_KEYS = tuple(compared_shapes.COMPARED)
FLAT_COMPARED_KEYS = tuple(compared_shapes.FLAT_COMPARED)

_OF_DOLLARS, _OF_SECONDS = 9, 3

Usage = Mapping[int, UsageRow]
"""The usage of the turns of a branch, by their numbers."""


class Compared(NamedTuple):
    """Branches of a session, each with the usage of its turns, and where they part in words."""

    session: str
    columns: Sequence[Column]
    usage: Sequence[Usage]
    sentence: str


def of_two(session: str, found: Comparison, usage: Sequence[Usage]) -> Compared:
    """Two branches that were compared."""
    columns = [
        Column(found.a, found.common_turn_a, found.turns_a),
        Column(found.b, found.common_turn_b, found.turns_b),
    ]
    return Compared(session, columns, usage, in_words(found))


def of_several(session: str, columns: Sequence[Column], usage: Sequence[Usage]) -> Compared:
    """Several branches that were compared."""
    return Compared(session, columns, usage, _sentence(columns))


class Sums(NamedTuple):
    """What the turns of a branch took, as far as that is known; `unpriced` counts runs by model."""

    turns: int
    models: tuple[str, ...]
    tokens: Tokens | None
    cost: float | None
    seconds: float | None
    unpriced: Mapping[str | None, int]


def sums_of(column: Column, usage: Usage) -> Sums:
    """What the turns of a branch took that not all branches share."""
    spent = list(column.turns.usage())
    rows = [usage[turn] for turn in column.turns.numbers if turn in usage]
    costs = [cost for row in rows if (cost := cost_of(row)) is not None]
    times = [row.timing.duration_s for row in rows if row.timing.duration_s is not None]
    unpriced: dict[str | None, int] = {}
    for row in rows:
        if row.money.unpriced:
            unpriced[row.model] = unpriced.get(row.model, 0) + row.money.unpriced
    return Sums(
        sum(turn > 0 for turn in column.turns.numbers),
        tuple(dict.fromkeys(one.model for one in spent if one.model)),
        sum((one.tokens for one in spent), Tokens()) if spent else None,
        sum(costs) if costs else None,
        sum(times) if times else None,
        unpriced,
    )


def cost_of(row: UsageRow | None) -> float | None:
    """What a turn cost, by its price or else as it was recorded; None if neither is known."""
    if row is None:
        return None
    return row.money.recorded if row.money.cost is None else row.money.cost


def facts_of(usage: Usage, *, cost: bool = True, time: bool = True) -> Facts:
    """A function that says what a turn took."""

    def facts(turn: TranscriptTurn) -> list[str]:
        row = usage.get(turn.turn)
        said = about(turn)
        if cost and (paid := cost_of(row)):
            said.append(dollars(paid))
        if time and row is not None and row.timing.duration_s is not None:
            said.append(f"{row.timing.duration_s:,.1f} s")
        return said

    return facts


def _sentence(columns: Sequence[Column]) -> str:
    names = [f"'{one_line(column.branch)}'" for column in columns]
    together = f"{', '.join(names[:-1])} and {names[-1]}"
    numbers = [column.common_turn for column in columns]
    if not any(len(column.turns) for column in columns):
        return f"{together} are the same"
    if not numbers[0]:
        return f"{together} have no turn in common"
    of_first = f" of {names[0]}" if len(set(numbers)) > 1 else ""
    return f"{together} part after turn {numbers[0]}{of_first}"


def summary(compared: Compared, *, cost: bool = True, time: bool = True) -> Grid:
    """What each branch took, one a row."""
    columns = [
        GridColumn("branch", weight=2, wraps=True),
        GridColumn("turns", numeric=True),
        GridColumn("model", weight=1),
        GridColumn("tokens", numeric=True),
        GridColumn("USD", numeric=True),
        GridColumn("seconds", numeric=True),
    ]
    rows = []
    for column, usage in zip(compared.columns, compared.usage, strict=True):
        sums = sums_of(column, usage)
        tokens = sums.tokens
        known = None if tokens is None or tokens.is_unknown else tokens
        rows.append(
            [
                one_line(column.branch),
                number(sums.turns),
                one_line(", ".join(sums.models)),
                "" if known is None else number(known.total_tokens, known.estimated),
                in_column(sums.cost) if cost else "",
                "" if sums.seconds is None or not time else f"{sums.seconds:,.1f}",
            ]
        )
    grid = Grid(columns, rows).without_empty("model", "tokens", "USD", "seconds")
    # That nothing has cost anything needs no column.
    return grid if any(row[4] not in {"", "0"} for row in rows) else grid.without("USD")


def compared_lines(
    compared: Compared, look: Look, *, cost: bool = True, time: bool = True
) -> Iterator[str]:
    """The lines of the comparison: what each branch took, and then what was said."""
    yield f"{compared.sentence}\n\n"
    yield draw(summary(compared, cost=cost, time=time), look)
    sides = [
        Side(
            column.branch,
            column.turns,
            facts_of(usage, cost=cost, time=time),
            column.shared_with,
            column.shared_turns,
        )
        for column, usage in zip(compared.columns, compared.usage, strict=True)
    ]
    beside = sum(len(column.turns) > 0 for column in compared.columns) > 1
    yield from laid_out(sides, look, beside=beside)


def compared_row(compared: Compared) -> Row:
    """The comparison, by `COMPARED_KEYS`; the rows of the turns are made lazily."""
    branches = []
    for column, usage in zip(compared.columns, compared.usage, strict=True):
        sums = sums_of(column, usage)
        branches.append(
            {
                "branch": column.branch,
                "common_turn": column.common_turn or None,
                "shared_with": column.shared_with,
                "shared_turns": column.shared_turns,
                "turns": sums.turns,
                "models": list(sums.models),
                **token_row(sums.tokens),
                "cost_usd": _rounded(sums.cost, _OF_DOLLARS),
                "duration_s": _rounded(sums.seconds, _OF_SECONDS),
            }
        )
    values = [compared.session, branches, _turn_rows(compared)]
    return dict(zip(COMPARED_KEYS, values, strict=True))


def _turn_rows(compared: Compared) -> Iterator[Row]:
    for place, number_of, turn in _placed(compared):
        column, usage = compared.columns[number_of], compared.usage[number_of]
        (row,) = turn_rows([turn])
        items = row.pop("items")
        shared = column.shared_with if place <= column.shared_turns else None
        where: Row = {"place": place, "branch": column.branch, "shared_with": shared}
        yield {**where, **row, **spent_row(usage.get(turn.turn)), "items": items}


def flat_rows(compared: Compared) -> Iterator[Row]:
    """One turn of a branch a row, by `FLAT_COMPARED_KEYS`."""
    for place, number_of, turn in _placed(compared):
        column, usage = compared.columns[number_of], compared.usage[number_of]
        asked = [one.text for one in turn.items if one.kind == "user" and one.text]
        said = [one.text for one in turn.items if one.kind == "assistant" and one.text]
        yield {
            "place": place,
            "branch": column.branch,
            "turn": turn.turn,
            "text": "\n".join(asked),
            "answer": said[-1] if said else "",
            "model": turn.model,
            **token_row(turn.tokens),
            **spent_row(usage.get(turn.turn)),
        }


def _placed(compared: Compared) -> Iterator[tuple[int, int, TranscriptTurn]]:
    """The turns by their places after those that all share, each with the place of its branch."""
    for place, turns in enumerate(zip_longest(*(one.turns for one in compared.columns)), 1):
        for number_of, turn in enumerate(turns):
            if turn is not None:
                yield place, number_of, turn


def spent_row(row: UsageRow | None) -> Row:
    """What a turn cost, and how long it took; null for what is not known."""
    return {
        "cost_usd": _rounded(cost_of(row), _OF_DOLLARS),
        "duration_s": None if row is None else _rounded(row.timing.duration_s, _OF_SECONDS),
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
