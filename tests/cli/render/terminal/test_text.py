"""What reaches a terminal, and how it looks there."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convo_cli.render.terminal.text import (
    SafeStream,
    encodable,
    exactly,
    in_units,
    one_line,
    safe,
)

UNSAFE = {
    "a\x1b[31mred": "a\\x1b[31mred",
    "\x1b]0;title\x07": "\\x1b]0;title\\x07",
    "one\rtwo": "one\\rtwo",
    "back\b\b": "back\\b\\b",
    "\x00": "\\x00",
    "\x7f": "\\x7f",
    "\x9b31m": "\\x9b31m",
    "\u202egnp.exe": "\\u202egnp.exe",
    "\u2066x\u2069": "\\u2066x\\u2069",
    "caf\udce9": "caf\\udce9",
    "a\u2028b": "a\\u2028b",
}
HARMLESS = "Größe 日本語 👩‍👩‍👧 שלום [bold]x[/] :smile:"


@pytest.mark.parametrize("text", UNSAFE, ids=ascii)
def test_what_a_terminal_would_obey_becomes_visible(text: str) -> None:
    assert safe(text) == UNSAFE[text]


def test_what_is_harmless_stays() -> None:
    assert safe(HARMLESS) == one_line(HARMLESS) == HARMLESS
    assert safe("a\n\tb\r\nc") == "a\n\tb\nc"


def test_one_line() -> None:
    assert one_line("  two\nlines,\r\n a\ttab \x1b[0m ") == "two lines, a tab \\x1b[0m"
    assert one_line("a\u2028b\x85c") == "a b c"


def test_what_cannot_be_encoded() -> None:
    assert encodable("\x1b\udce9") == "\x1b\\udce9"


@given(st.text(alphabet=st.characters(codec=None)))
def test_no_control_character_is_left(text: str) -> None:
    left = {char for char in safe(text) if unicodedata.category(char) in {"Cc", "Cs"}}
    assert left <= {"\n", "\t"}
    assert not {char for char in one_line(text) if unicodedata.category(char) in {"Cc", "Cs", "Zl"}}


@given(st.text(alphabet="ab\r\n\x1b"), st.integers(1, 3))
def test_a_stream_is_safe_wherever_it_is_cut(text: str, size: int) -> None:
    stream = SafeStream()
    pieces = [stream.feed(text[start : start + size]) for start in range(0, len(text), size)]
    assert "".join([*pieces, stream.end()]) == safe(text)


def test_what_is_decided_about_is_shown_exactly() -> None:
    assert exactly("/a  b\n/\u00a0c\u200b\u202e\x1b/é.py") == (
        "/a  b\\n/\\xa0c\\u200b\\u202e\\x1b/é.py"
    )


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (159_744, "160 KB"),
        (4_200_000, "4.2 MB"),
        (999_999, "1 MB"),
        (7 * 10**15, "7000 TB"),
    ],
)
def test_a_size_is_in_the_largest_unit(size: int, text: str) -> None:
    assert in_units(size) == text
