"""The line that says how far an index has got."""

import io

import pytest

from convo.storage.search_index import Progress
from convo_cli.output.progress import Indexing
from convo_cli.terminal import Terminal

HALF, END = Progress(50, 100), Progress(100, 100)
LINE = "\r\x1b[Kindexing for this and later searches: 50 %; Ctrl-C keeps what is done"


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(stderr: io.StringIO, *steps: tuple[float, Progress], **environ: str) -> str:
    """What is written where the index is at each of these after so many seconds."""
    now = 100.0
    terminal = Terminal(None, None, stderr, environ)
    with Indexing(terminal, lambda: now) as progress:
        for seconds, at in steps:
            now = 100.0 + seconds
            progress(at)
    return stderr.getvalue()


def test_what_takes_long_is_told_on_a_line_that_goes() -> None:
    assert shown(Screen(), (0.9, HALF), (1.0, HALF), (2.0, END)) == f"{LINE}\r\x1b[K"


def test_it_goes_where_the_search_is_interrupted() -> None:
    screen = Screen()
    now = iter([0.0, 2.0])

    def interrupted() -> None:
        with Indexing(Terminal(None, None, screen, {}), lambda: next(now)) as progress:
            progress(HALF)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert screen.getvalue() == f"{LINE}\r\x1b[K"


def test_what_is_quick_is_not_told() -> None:
    assert shown(Screen(), (0.5, HALF), (2.0, END)) == ""


def test_only_a_terminal_that_can_go_back_is_told() -> None:
    assert shown(io.StringIO(), (2.0, HALF)) == ""
    assert shown(Screen(), (2.0, HALF), TERM="dumb") == ""


def test_a_narrow_terminal_keeps_it_on_one_line() -> None:
    assert shown(Screen(), (2.0, HALF), COLUMNS="20") == f"{LINE[:4]}indexing for this a\r\x1b[K"
