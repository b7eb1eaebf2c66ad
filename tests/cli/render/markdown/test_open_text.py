"""Texts that are drawn in parts, because their last block is long before it has its end."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convo_cli.render.markdown import kept_text, open_text
from convo_cli.render.markdown.blocks import BlockLines
from convo_cli.render.markdown.document import parse
from convo_cli.render.markdown.stream import MarkdownStream, markdown
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.spans import drawn
from tests.cli.render.markdown.test_stream import COLOURED, FRAGMENTS, PLAIN, streamed

LINES = ("a\n", "- x\n", "  - y\n", "> q\n", ">\n", "1. n\n", "   more\n", "    code\n", "`c` ")
TABLE = ("| a | b |\n|---|---|\n", "| c | d |\n")
texts = st.lists(st.sampled_from([*FRAGMENTS, *LINES, *TABLE]), max_size=60).map("".join)
few_kinds = st.lists(st.sampled_from([*LINES, "```py\n", "word word "]), max_size=60).map("".join)

SENTENCE = "The **night** stays `clear` until four, and [colder](http://a.b) than it is."
LONG = {
    "code": ("```py\n", "    return [g(i) for i in x]\n"),
    "table": ("| a | b |\n|---|---|\n", "| one **two** | some words |\n"),
    "list": ("", f"- {SENTENCE}\n"),
    "paragraph": ("", f"{SENTENCE}\n"),
    "quote": ("", f"> {SENTENCE}\n"),
    "nested": ("1. One\n   - two\n\n     > three\n", f"     > - {SENTENCE}\n"),
    "nested code": ("- x\n\n  > ```py\n", "  >     return x\n"),
    "line": ("", f"{SENTENCE} "),
    "word": ("- ", "x" * 76),
    "line of code": ("```js\n", "let x = 'abc'; "),
    "line of nested code": ("> ```js\n> ", "let x = 'abc'; "),
    "row": ("| a | b |\n|---|---|\n| ", "words and "),
    "html": ("<div>\n", "<p>words</p>\n"),
    "indented": ("", "    x = y\n"),
    "empty lines": ("a\n", "\n"),
}


@pytest.fixture
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is long is so after some characters already."""
    limits = {"LONG": 50, "LONG_TABLE": 40, "_STEP": 12, "_LONG_LINE": 60, "_LONGEST_LINE": 90}
    for name, limit in limits.items():
        monkeypatch.setattr(kept_text, name, limit)
    monkeypatch.setattr(open_text, "_DECIDED", 10)


SAME_LIMITS = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SAME_LIMITS
@given(texts | few_kinds, st.integers(1, 12), st.sampled_from([PLAIN, COLOURED, Look(9)]))
def test_parts_do_not_depend_on_the_pieces_that_arrive(
    short_parts: None, text: str, size: int, look: Look
) -> None:
    assert streamed(text, size, look) == markdown(text, look)


@SAME_LIMITS
@given(
    st.lists(st.sampled_from(["- x\n", "  - y\n", "> q\n", ">\n", "> - z\n", "\n"]), max_size=50)
)
def test_what_stands_in_long_items_and_quotations_is_drawn_as_in_short_ones(
    short_parts: None, lines: list[str]
) -> None:
    text = "".join(lines).lstrip("\n")
    whole = [drawn(line.spans, colour=False) for line in BlockLines(parse(text), PLAIN).lines()]
    assert markdown(text, PLAIN).split("\n")[:-1] == whole


@pytest.mark.parametrize("kind", LONG)
@pytest.mark.parametrize("size", [1, 4_000])
def test_a_drawing_looks_at_no_more_of_a_long_text_than_of_a_short_one(
    monkeypatch: pytest.MonkeyPatch, kind: str, size: int
) -> None:
    begin, rest = LONG[kind]
    text = (begin + rest * (25_000 // len(rest)))[:25_000]
    looked_at = 0

    def counted(text: str, number: int | None = None) -> object:
        nonlocal looked_at
        looked_at += len(text)
        return parse(text, number)

    for module in (kept_text, open_text):
        monkeypatch.setattr(module, "parse", counted)
    stream, most, rows = MarkdownStream(PLAIN), 0, 0
    begun = 8_000 if size > 1 else 24_500
    for at in range(0, begun, 500):
        stream.feed(text[at : at + 500])
        stream.settled()
    for at in range(begun, len(text) - size, size):
        looked_at = 0
        stream.feed(text[at : at + size])
        stream.settled()
        most, rows = max(most, looked_at), max(rows, len(stream.open()))
    assert most <= 20_000 + 4 * size
    assert rows <= 400
    assert sum(map(len, map(str, stream.end()))) < 100_000


def test_code_is_coloured_from_where_it_was() -> None:
    lines = ['"""', *["words of a docstring"] * 200, '"""', "return 1"]
    shown = markdown("```py\n" + "\n".join(lines) + "\n```\n", COLOURED).split("\n")
    assert shown[1:-3] == [f"\x1b[32m{line}\x1b[0m" for line in lines[:-1]]
    assert shown[-3].startswith("\x1b[35mreturn")


def test_a_long_line_of_code_stays_whole_and_its_end_is_shown_while_it_arrives() -> None:
    stream = MarkdownStream(PLAIN)
    stream.feed("> ```\n> " + "x" * 50_000)
    assert stream.settled()[0][-1].text == "─" * 38
    line, _ = stream.open()
    assert len(line[-1].text) < 5_000
    assert [len(spans[-1].text) for spans in stream.end()] == [50_000, 38]


def test_a_long_table_keeps_the_columns_that_it_has_by_then() -> None:
    rows = (
        "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 200 + "| 3 | much more than that |\n| 4 | 5 |\n"
    )
    shown = markdown(rows, PLAIN).split("\n")
    assert shown[:3] == ["a │ b", "──┼──", "1 │ 2"]
    after = [line for line in shown if re.match("[345]|  ", line)]
    assert after[0].startswith("3 │ m")
    assert shown[-4:] == ["  │ t", "──┼──", "4 │ 5", ""]


def test_long_lines_are_broken_between_words_and_numbers_of_items_go_on() -> None:
    line = "word " * 1_000
    shown = markdown(f"1. {line}\n2. b\n\n   c\n", Look(width=80)).split("\n")
    assert shown[0].startswith("1. word word")
    assert shown[-4:-1] == ["2. b", "", "   c"]
    assert sum(text.count("word") for text in shown) == 1_000
