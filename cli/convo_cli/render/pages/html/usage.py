"""The usage of turns as a chart, drawn of the numbers, with the same numbers in a table.

Branches are rows below each other with one scale, and a turn is at the place of its number, so that
a branch begins where it forks. Long branches have a bar for several turns together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple

from convo.history.lines import WholeLine
from convo.history.transcript import TurnUsage
from convo.usage_records import Tokens
from convo_cli.render.money import dollars
from convo_cli.render.terminal.text import counted, one_line

Costs = Mapping[tuple[int, int], float]
"""The known costs in US dollars, by the place of the line and the turn."""

_MOST_BARS, _LEAST_BARS = 120, 40
"""The fewest bars that a row has room for, so that a single turn does not fill it."""

_MOST_ROWS = 6
_HEIGHT, _STEP, _BAR = 60, 4, 3
_NAMES = {"input": "input", "cached": "cached input", "output": "output"}


class _Bar(NamedTuple):
    """Turns from `first` to `last`, which are one bar, and what they took together.

    `cost` is the sum of the known costs, None if none is known; `is_whole` whether all are.
    """

    first: int
    last: int
    models: frozenset[str]
    tokens: Tokens
    cost: float | None
    is_whole: bool

    @property
    def name(self) -> str:
        return f"Turn {self.last}" if self.first == self.last else f"Turns {self.first}-{self.last}"

    @property
    def height(self) -> int:
        return self.tokens.input_tokens + self.tokens.output_tokens

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """The parts that are drawn, from below."""
        cached = min(self.tokens.cached_tokens, self.tokens.input_tokens)
        return (
            ("input", self.tokens.input_tokens - cached),
            ("cached", cached),
            ("output", self.tokens.output_tokens),
        )


def usage(lines: Sequence[WholeLine], prefixes: Sequence[str], costs: Costs) -> Iterator[str]:
    """The section with the chart and the table; nothing if no turn has any usage."""
    found = [list(line.turns.usage()) for line in lines]
    last = max((each.turn for some in found for each in some), default=0)
    if not last:
        return
    width = -(-last // _MOST_BARS)
    rows = [list(_bars(place, some, width, costs)) for place, some in enumerate(found)]
    names = [escape(one_line(line.branch_id)) for line in lines]
    yield '<section id="usage" aria-labelledby="usage-title">\n<h2 id="usage-title">Usage</h2>\n'
    yield f'<p class="facts">{_summary([bar for bars in rows for bar in bars])}</p>\n'
    yield from _chart(rows, names, -(-last // width), width)
    yield from _table(rows, names, prefixes, width)
    yield "</section>\n"


def _bars(place: int, turns: Iterable[TurnUsage], width: int, costs: Costs) -> Iterator[_Bar]:
    """The turns of a branch, `width` numbers to a bar."""
    bars: dict[int, _Bar] = {}
    for turn, model, tokens in turns:
        cost = costs.get((place, turn))
        models = frozenset() if model is None else frozenset((model,))
        bar = _Bar(turn, turn, models, tokens, cost, cost is not None)
        number = (turn - 1) // width
        bars[number] = _together(bars[number], bar) if number in bars else bar
    yield from bars.values()


def _together(a: _Bar, b: _Bar) -> _Bar:
    costs = [bar.cost for bar in (a, b) if bar.cost is not None]
    return _Bar(
        min(a.first, b.first),
        max(a.last, b.last),
        a.models | b.models,
        a.tokens + b.tokens,
        sum(costs) if costs else None,
        a.is_whole and b.is_whole,
    )


def _summary(bars: Sequence[_Bar]) -> str:
    """The sum of all turns, as text."""
    total = bars[0]
    for bar in bars[1:]:
        total = _together(total, bar)
    facts = [_mark(total) + counted(total.tokens.total_tokens, "token")]
    facts += [f"{count:,} {_NAMES[kind]}" for kind, count in total.parts if count]
    if total.cost:
        facts.append(_cost(total))
    models = ", ".join(escape(one_line(model)) for model in sorted(total.models))
    return " · ".join([*facts, models] if models else facts)


def _chart(rows: list[list[_Bar]], names: list[str], places: int, width: int) -> Iterator[str]:
    most = max(1, *(bar.height for bars in rows for bar in bars))
    dearest = max((bar.cost or 0.0 for bars in rows for bar in bars), default=0.0)
    legend = "".join(f'<li class="{kind}">{name}</li>' for kind, name in _NAMES.items())
    legend += '<li class="cost">cost</li>' if dearest else ""
    yield f'<figure>\n<ul class="legend">{legend}</ul>\n'
    with_bars = [place for place, bars in enumerate(rows) if bars]
    largest = sorted(with_bars, key=lambda place: -sum(bar.height for bar in rows[place]))
    for place in sorted(largest[:_MOST_ROWS]):
        of = f" of branch {names[place]}" if len(rows) > 1 else ""
        label = f"<p><bdi>{names[place]}</bdi></p>\n" if len(rows) > 1 else ""
        bars = "".join(_drawn(bar, most, width) for bar in rows[place])
        yield f'<div class="row-of-chart">\n{label}<div>\n'
        yield _svg(f"Tokens by turn{of}; the table has the numbers", bars, places, _HEIGHT)
        if any(bar.cost for bar in rows[place]):
            bars = "".join(_drawn_cost(bar, dearest, width) for bar in rows[place])
            yield _svg(f"Cost by turn{of}; the table has the numbers", bars, places, _HEIGHT // 3)
        yield "</div>\n</div>\n"
    said = [f"The highest bar is {counted(most, 'token')}"]
    if dearest:
        said.append(f"the highest cost {escape(dollars(dearest))}")
    if width > 1:
        said.append(f"each bar is {width} turns")
    if (more := len(with_bars) - _MOST_ROWS) > 0:
        said.append(f"{more:,} smaller {'branch is' if more == 1 else 'branches are'} in the table")
    yield f"<figcaption>{'; '.join(said)}.</figcaption>\n</figure>\n"


def _svg(label: str, bars: str, places: int, height: int) -> str:
    room = max(places, _LEAST_BARS) * _STEP
    return (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {room} {height}" '
        f'preserveAspectRatio="none" class="{"tokens" if height == _HEIGHT else "costs"}">'
        f"{bars}</svg>\n"
    )


def _drawn(bar: _Bar, most: int, width: int) -> str:
    parts, bottom = [], float(_HEIGHT)
    for kind, count in bar.parts:
        height = count / most * _HEIGHT
        if count:
            bottom -= height
            parts.append(_rect(kind, bar, bottom, height, width))
    said = ", ".join(f"{count:,} {_NAMES[kind]}" for kind, count in bar.parts if count)
    cost = f", {_cost(bar)}" if bar.cost is not None else ""
    return f"<g><title>{bar.name}: {said}{cost}</title>{''.join(parts)}</g>"


def _drawn_cost(bar: _Bar, dearest: float, width: int) -> str:
    if not bar.cost:
        return ""
    height = bar.cost / dearest * _HEIGHT / 3
    drawn = _rect("cost", bar, _HEIGHT / 3 - height, height, width)
    return f"<g><title>{bar.name}: {_cost(bar)}</title>{drawn}</g>"


def _rect(kind: str, bar: _Bar, top: float, height: float, width: int) -> str:
    x = (bar.first - 1) // width * _STEP
    return (
        f'<rect class="{kind}" x="{x}" y="{top:.2f}" width="{_BAR}" height="{height:.2f}"></rect>'
    )


def _table(
    rows: list[list[_Bar]], names: list[str], prefixes: Sequence[str], width: int
) -> Iterator[str]:
    """What the chart shows, as a table."""
    of_branch = len(rows) > 1
    has_cost = any(bar.cost is not None for bars in rows for bar in bars)
    heads = ["Branch"] if of_branch else []
    heads += ["Turns" if width > 1 else "Turn", "Model", "Requests", "Input", "Cached", "Output"]
    heads += ["Reasoning", "Total", *(["Cost"] if has_cost else [])]
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    yield "<details>\n<summary>As a table</summary>\n<table>\n<caption>Tokens by turn</caption>\n"
    yield f"<thead><tr>{head}</tr></thead>\n<tbody>\n"
    for bars, name, prefix in zip(rows, names, prefixes, strict=True):
        for bar in bars:
            cells = [f"<td><bdi>{name}</bdi></td>"] if of_branch else []
            href = f"#{prefix}turn-{bar.first}"
            cells.append(f'<th scope="row"><a href="{href}">{bar.name.split()[1]}</a></th>')
            models = ", ".join(escape(one_line(model)) for model in sorted(bar.models))
            cells.append(f"<td>{models}</td>")
            cells += [f'<td class="number">{text}</td>' for text in _numbers(bar, has_cost)]
            yield f"<tr>{''.join(cells)}</tr>\n"
    yield "</tbody>\n</table>\n</details>\n"


def _numbers(bar: _Bar, has_cost: bool) -> list[str]:
    tokens = bar.tokens
    counts = (
        tokens.requests,
        tokens.input_tokens,
        tokens.cached_tokens,
        tokens.output_tokens,
        tokens.reasoning_tokens,
    )
    total = f"{_mark(bar)}{tokens.total_tokens:,}"
    cost = [] if not has_cost else ["" if bar.cost is None else _cost(bar)]
    return [*(f"{count:,}" for count in counts), total, *cost]


def _mark(bar: _Bar) -> str:
    return "~" if bar.tokens.estimated else ""


def _cost(bar: _Bar) -> str:
    """The cost as text; if it is not all known, what is known."""
    return f"{'' if bar.is_whole else 'at least '}{escape(dollars(bar.cost or 0))}"
