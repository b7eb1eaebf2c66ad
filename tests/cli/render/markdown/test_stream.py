"""Markdown as it stands on a terminal, whole and while it arrives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convo_cli.render.markdown.stream import MarkdownStream, markdown
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.spans import drawn, folded, width_of

PLAIN = Look(width=40)
COLOURED = Look(width=40, colour=True)
FRAGMENTS = (
    *(
        "# ",
        "## ",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "- ",
        "* ",
        "1. ",
        "2. ",
        "10) ",
        "> ",
        "    ",
        "  ",
    ),
    *("```py\n", "```\n", "```", "~~~\n", "\t", "| a | b |\n", "|---|---|\n", "---\n", "===", "\\"),
    *("word ", "**", "*", "`", "_", "日本", "é", "שלום ", "long" * 20, "[x](http://a)", "![i](u)"),
    *("<b>", "<br>", "<div>\n", "</div>\n", "<!-- ", "-->", "&#x202e;", "\x1b[31m", "[1]: u\n"),
)
texts = st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join)


def streamed(text: str, size: int, look: Look) -> str:
    """What a stream hands out of a text that comes in pieces."""
    stream, lines = MarkdownStream(look), []
    for at in range(0, len(text), size):
        stream.feed(text[at : at + size])
        lines += stream.settled()
        stream.open()
    return "".join(f"{drawn(line, colour=look.colour)}\n" for line in [*lines, *stream.end()])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# One *two*", "# One *two*"),
        ("a **b** _c_ ~~d~~ `e` \\*", "a **b** _c_ ~~d~~ `e` *"),
        ("one\ntwo  \nthree", "one\ntwo\nthree"),
        ("\n\none\n\n\n\ntwo", "one\n\ntwo"),
        ("- a\n- b\n  1. c\n\n- d", "• a\n• b\n  1. c\n\n• d"),
        ("9. a\n9. b", "9. a\n10. b"),
        ("> a\n> > b", "│ a\n│ │ b"),
        ("[a](http://b) <http://c>", "a (http://b) http://c"),
        ("![a](http://b) ![](c)", "[image: a] (http://b) [image] (c)"),
        ("[a][1]\n\n[1]: http://b", "[a][1]\n\n[1]: http://b"),
        ("<b>a</b><br>b\n\n<p>\n c\n</p>", "<b>a</b>\nb\n\n<p>\n c\n</p>"),
        ("[red]a[/] :smile:", "[red]a[/] :smile:"),
        ("***", "─ " * 19 + "─"),
    ],
)
def test_what_blocks_look_like_without_colour(text: str, shown: str) -> None:
    assert markdown(text, PLAIN) == shown + "\n"


def test_code_stands_between_rules_and_its_lines_are_whole() -> None:
    rule, long = "─" * 40, "x" * 50
    assert markdown(f"```py\n\tif 1:\n{long}\n```", PLAIN) == (
        f"── py {rule[6:]}\n    if 1:\n{long}\n{rule}\n"
    )


def test_words_are_wrapped_and_wide_ones_between_characters() -> None:
    assert markdown("word " * 9, PLAIN) == "word word word word word word word word\nword\n"
    assert markdown("日本" * 10 + "。", PLAIN) == "日本" * 9 + "日\n" + "本。\n"
    assert markdown("a " + "x" * 50 + " b", PLAIN) == "a\n" + "x" * 50 + "\nb\n"


def test_a_table_fits_and_tells_rows_where_it_cannot() -> None:
    rows = "| a | b |\n|--:|---|\n| 1 | x |\n| 22 | " + "word " * 8 + "|"
    assert markdown(rows, PLAIN) == (
        " a │ b\n"
        "───┼────────────────────────────────────\n"
        " 1 │ x\n"
        "───┼────────────────────────────────────\n"
        "22 │ word word word word word word word\n"
        "   │ word\n"
    )
    assert markdown("|" + "a|" * 9 + "\n|" + "-|" * 9 + "\n|" + "b|" * 9, PLAIN) == "a: b\n" * 9


def test_colours() -> None:
    assert markdown("# a\n**b** `c` [d](e)", COLOURED) == (
        "\x1b[1;4ma\x1b[0m\n\x1b[1mb\x1b[0m \x1b[36mc\x1b[0m \x1b[4md\x1b[0m\x1b[2m (e)\x1b[0m\n"
    )
    assert "\x1b[35mif\x1b[0m" in markdown("```python\nif 1:\n```", COLOURED)


@pytest.mark.parametrize("text", ["> " * 60 + "deep", "- " * 60 + "deep"])
def test_what_is_nested_too_deep_is_shown_as_it_is(text: str) -> None:
    assert markdown(text, PLAIN) == text + "\n"


@settings(deadline=None)
@given(texts, st.integers(1, 12), st.sampled_from([PLAIN, COLOURED, Look(9, unicode=False)]))
def test_a_stream_hands_out_what_the_whole_text_is(text: str, size: int, look: Look) -> None:
    assert streamed(text, size, look) == markdown(text, look)


@settings(deadline=None)
@given(texts, st.integers(1, 90))
def test_the_open_lines_can_be_cut_into_rows(text: str, width: int) -> None:
    stream = MarkdownStream(Look(width))
    stream.feed(text)
    for line in stream.open():
        rows = folded(line, width)
        assert "".join(drawn(row, colour=False) for row in rows) == drawn(line, colour=False)
        assert all(width_of(row) <= max(width, 2) for row in rows)


def test_lines_are_handed_out_as_soon_as_they_are_final() -> None:
    stream = MarkdownStream(PLAIN)
    handed = []
    for piece in ("# a\nb", "\n\n", "- c\n- d\n", "- e\n\n", "```\nf\n", "g", "\n```\n", "h"):
        stream.feed(piece)
        handed.append([drawn(line, colour=False) for line in stream.settled()])
    rule = "─" * 40
    assert handed == [
        ["# a"],
        ["b"],
        ["", "• c"],
        ["• d", "• e"],
        ["", rule, "f"],
        [],
        ["g", rule],
        [],
    ]


def test_what_is_open_is_shown_as_it_will_probably_be() -> None:
    for piece, shown in {"a **b": "a **b**", "a `b": "a `b`", "a *": "a", "a\n-": "a"}.items():
        stream = MarkdownStream(PLAIN)
        stream.feed(piece)
        stream.settled()
        assert [drawn(line, colour=False) for line in stream.open()] == [shown]
