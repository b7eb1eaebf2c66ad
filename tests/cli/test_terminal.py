"""The terminal: how wide it is, whether it has colours, and what is read from stdin."""

from __future__ import annotations

import io

import pytest

from convo_cli.exits import UsageError
from convo_cli.terminal import Terminal


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def terminal(stdout: io.StringIO | None = None, **environ: str) -> Terminal:
    return Terminal(None, stdout or io.StringIO(), io.StringIO(), environ)


def piped(data: bytes) -> Terminal:
    return Terminal(io.TextIOWrapper(io.BytesIO(data)), io.StringIO(), io.StringIO(), {})


@pytest.mark.parametrize(
    ("columns", "width"),
    [("120", 120), ("", 80), ("0", 80), ("-5", 80), ("wide", 80), ("²", 80)],
)
def test_width(columns: str, width: int) -> None:
    assert terminal(COLUMNS=columns).width == width


@pytest.mark.parametrize(
    ("environ", "on_screen", "in_a_pipe"),
    [
        ({}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
    ],
)
def test_colour(environ: dict[str, str], on_screen: bool, in_a_pipe: bool) -> None:
    assert terminal(Screen(), **environ).colour is on_screen
    assert terminal(**environ).colour is in_a_pipe


def test_piped_text_is_utf8_whatever_the_locale() -> None:
    assert piped("Grüße\r\n".encode()).piped_text() == "Grüße\r\n"
    assert piped(b"\xef\xbb\xbfwith a mark").piped_text() == "with a mark"
    with pytest.raises(UsageError, match=r"is not UTF-8 \(byte 0xe9 at offset 3\)"):
        piped(b"caf\xe9").piped_text()


def test_a_person_is_not_read_to_the_end() -> None:
    assert Terminal(Screen("typed"), None, None, {}).piped_text() == ""
    assert Terminal(None, None, None, {}).piped_text() == ""


@pytest.mark.parametrize(
    ("reply", "yes"), [("y\n", True), ("YES\n", True), ("\n", False), ("", False), ("no\n", False)]
)
def test_confirming(reply: str, yes: bool) -> None:
    stderr = io.StringIO()
    assert Terminal(io.StringIO(reply), None, stderr, {}).confirm("Sure?") is yes
    assert stderr.getvalue() == "Sure? [y/N] "


def test_notices_and_errors_are_one_safe_line() -> None:
    stderr = io.StringIO()
    said = Terminal(None, None, stderr, {})
    said.notice("a\x1b[0m\nb")
    said.quiet = True
    said.notice("unheard")
    said.error("wrong\x07", "mend\nit")
    assert stderr.getvalue() == "a\\x1b[0m b\nconvo: wrong\\x07; mend it\n"
