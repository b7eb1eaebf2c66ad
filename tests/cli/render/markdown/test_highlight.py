"""Code coloured line by line, as it looks when each line arrives."""

from __future__ import annotations

import inspect
import textwrap

import pytest
from pygments.lexers import get_lexer_by_name

from convo_cli.render.markdown import highlight
from convo_cli.render.markdown.highlight import Highlighter
from convo_cli.render.terminal.spans import Spans, text_of


def coloured(language: str, *lines: str) -> list[Spans]:
    highlighter = Highlighter(language, colour=True)
    return [highlighter.line(line) for line in lines]


def styles(language: str, *lines: str) -> list[set[str]]:
    return [
        {span.style for span in spans if span.text.strip()} for spans in coloured(language, *lines)
    ]


def test_lines_look_as_those_of_the_whole_do() -> None:
    lines = textwrap.dedent(inspect.getsource(textwrap)).split("\n")
    whole = get_lexer_by_name("python", stripnl=False).get_tokens("\n".join(lines))
    expected = [
        (letter, highlight._style(str(kind)))
        for kind, text in whole
        for letter in text
        if not letter.isspace()
    ]
    shown = [
        (letter, span.style)
        for spans in coloured("python", *lines)
        for span in spans
        for letter in span.text
        if not letter.isspace()
    ]
    assert shown == expected


@pytest.mark.parametrize(
    ("language", "lines", "style"),
    [
        ("python", ['x = """a', "b", "if c", 'd"""'], "32"),
        ("c", ["/* a", "if (b)", "c */"], "2;3"),
        ("js", ["/* a", "if (b)", "c */"], "2;3"),
        ("html", ["<!-- a", "<b>", "c -->"], "2;3"),
    ],
)
def test_what_is_open_goes_on(language: str, lines: list[str], style: str) -> None:
    *first, last = styles(language, *lines, "")[:-1]
    assert all(style in one for one in [*first, last])
    assert [one for one in first[1:] if one != {style}] == []


def test_a_line_comment_ends_with_its_line() -> None:
    assert styles("c", "// a", "return 1;")[1] >= {"35"}


def test_a_preview_changes_nothing() -> None:
    highlighter = Highlighter("python", colour=True)
    highlighter.preview('"""')
    assert highlighter.line("if a:")[0].style == "35"


@pytest.mark.parametrize("language", ["", "nonsense", "json", "yaml", "console", "html+jinja"])
def test_any_line_is_shown_as_it_is(language: str) -> None:
    for line in ("", " ", '{{ if } "a\n', "\x1b[0m", "- x: |", "$ ls", "x" * 3_000):
        line = line.replace("\n", "")
        (spans,) = coloured(language, line)
        assert text_of(spans) == line


def test_no_more_than_so_much_is_looked_into() -> None:
    *_, last = coloured("python", *["x = 1"] * 10_000)
    assert [span.style for span in last] == [""]
