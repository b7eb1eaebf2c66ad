"""A page of help in panels."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from convo_cli.help.page import Entry, Example, Page, Section
from convo_cli.help.panels import as_panels
from convo_cli.render.terminal.look import Look

PAGE = Page(
    "convo chat",
    ("Ask a model.",),
    (Section("Options", (Entry("-m, --model MODEL", "The model [link=x]to[/link] ask."),)),),
    (Example("convo chat -m echo 'Why is the sky blue, and the grass green?'", "Ask"),),
    (Section("Exit codes", (Entry("0", "Done."),)),),
)


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("unicode", [True, False])
def test_a_page_fits(width: int, unicode: bool) -> None:
    text = as_panels(PAGE, Look(width, False, unicode))
    assert max(map(cell_len, text.splitlines())) <= min(width, 100)
    assert text.isascii() is not unicode
    for title in ("Options", "Examples", "Exit codes"):
        assert title in text


def test_markup_is_text_and_colour_is_asked_for() -> None:
    plain = as_panels(PAGE, Look(80))
    assert "[link=x]to[/link]" in plain
    assert "\x1b" not in plain
    assert "\x1b[" in as_panels(PAGE, Look(80, True))
