"""A page of help as plain text."""

from __future__ import annotations

import pytest

from convo_cli.help.page import Entry, Example, Page, Section, paragraphs_of, summary_of
from convo_cli.help.plain import as_text

PAGE = Page(
    "convo branch [OPTIONS] [NAME]",
    ("Create a branch from a turn, and switch to it.",),
    (Section("Options", (Entry("--turn N", "Keep the turns before N."), Entry("-h", "Help."))),),
    (Example("convo branch --turn 2 a-name", "Keep the turns before turn 2"),),
    (Section("Exit codes", (Entry("0", "Done."),)),),
)

WHOLE = """\
Usage: convo branch [OPTIONS] [NAME]

  Create a branch from a turn, and switch to it.

Options:
  --turn N  Keep the turns before N.
  -h        Help.

Examples:
  # Keep the turns before turn 2
  convo branch --turn 2 a-name

Exit codes:
  0  Done.
"""


def test_a_page() -> None:
    assert as_text(PAGE, 80) == WHOLE


@pytest.mark.parametrize("width", [30, 40, 50, 60])
def test_a_narrow_page_fits_and_says_everything(width: int) -> None:
    text = as_text(PAGE, width)
    assert max(map(len, text.splitlines())) <= width
    assert set(WHOLE.split()) <= set(text.split())


def test_a_name_that_is_too_long_has_a_line_of_its_own() -> None:
    section = Section("Options", (Entry("-" * 40, "Long."), Entry("-x", "Short.")))
    lines = as_text(Page("convo", (), (section,)), 80).splitlines()
    assert lines[-3:] == ["  " + "-" * 40, "      Long.", "  -x  Short."]


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("One.", "One."),
        ("Save it. It is kept.", "Save it."),
        ("A sentence\nthat goes on.\n\nMore.", "A sentence that goes on."),
        ("No stop", "No stop"),
        ("", ""),
    ],
)
def test_a_summary_is_the_first_sentence(text: str, summary: str) -> None:
    assert summary_of(text) == summary


def test_paragraphs_are_lines() -> None:
    assert paragraphs_of("One\ntwo.\n\n  Three.\n") == ("One two.", "Three.")
