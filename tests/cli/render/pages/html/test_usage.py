"""The chart of the usage, and its table."""

import re

from convo.history.lines import WholeLine
from convo.history.transcript import WholeTurns
from convo_cli.render.pages.html.usage import Costs, usage


def line(name: str, numbers: range, tokens: int = 10) -> WholeLine:
    spent = {turn: ["m", 0, 1, tokens, tokens // 2, tokens, 0, 2 * tokens] for turn in numbers}
    turns = WholeTurns({}, spent, None)  # type: ignore[arg-type]
    turns.add([(turn, None, turn, "") for turn in numbers])
    return WholeLine(name, None, None, tuple(numbers), turns)


def drawn(*lines: WholeLine, costs: Costs | None = None) -> str:
    prefixes = ["", *(f"{line.branch_id}." for line in lines[1:])]
    return "".join(usage(lines, prefixes, costs or {}))


def cells(page: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", page)
    return [re.findall(r">([^<>]+)<", row) for row in rows]


def test_the_table_has_what_the_chart_shows() -> None:
    page = drawn(line("main", range(1, 3)), line("<b>", range(2, 3), 40), costs={(0, 1): 0.5})
    assert cells(page)[1:] == [
        ["main", "1", "m", "1", "10", "5", "10", "0", "20", "$0.50"],
        ["main", "2", "m", "1", "10", "5", "10", "0", "20"],
        ["&lt;b&gt;", "2", "m", "1", "40", "20", "40", "0", "80"],
    ]
    assert "120 tokens · 30 input · 30 cached input · 60 output · at least $0.50 · m" in page
    assert "Turn 2: 20 input, 20 cached input, 40 output</title>" in page


def test_the_highest_bar_is_as_high_as_the_chart() -> None:
    page = drawn(line("main", range(1, 3), 30), line("side", range(3, 4), 60))
    heights = [float(height) for height in re.findall(r'height="([\d.]+)"></rect>', page)]
    assert heights == [7.5, 7.5, 15] * 2 + [15, 15, 30]


def test_many_turns_share_a_bar() -> None:
    page = drawn(line("main", range(1, 1001)))
    assert len(cells(page)) - 1 == page.count("<g>") == 112
    assert cells(page)[1][:4] == ["1-9", "m", "9", "90"]
    assert cells(page)[-1][0] == "1000"
    assert "each bar is 9 turns" in page


def test_no_section_without_usage() -> None:
    assert drawn(WholeLine("main", None, None, (), WholeTurns({}, {}, None))) == ""  # type: ignore[arg-type]
