"""The terminal: what is read from stdin, and what is said on stderr."""

from __future__ import annotations

import io

import pytest

from convo_cli.exits import UsageError
from convo_cli.terminal import Terminal


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def piped(data: bytes) -> Terminal:
    return Terminal(io.TextIOWrapper(io.BytesIO(data)), io.StringIO(), io.StringIO(), {})


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


@pytest.mark.parametrize("others", ["It failed", "It failed.", "It failed...\n"])
def test_what_to_do_follows_the_message_of_another_program(others: str) -> None:
    stderr = io.StringIO()
    Terminal(None, None, stderr, {}).error(f"it refused: {others}", "try again")
    assert stderr.getvalue() == "convo: it refused: It failed; try again\n"
