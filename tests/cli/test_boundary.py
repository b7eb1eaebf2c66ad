"""Where errors end."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
import typer

from convo.errors import ConvoError, ModelError
from convo_cli.boundary import guarded
from convo_cli.invocation import Invocation
from convo_cli.settings import Given
from convo_cli.terminal import Terminal


def raising(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


def told(error: BaseException, *, debug: bool = False) -> tuple[int, str]:
    stderr = io.StringIO()
    invocation = Invocation(Terminal(None, io.StringIO(), stderr, {}))
    invocation.add(Given(debug=debug or None))
    return guarded(raising(error), invocation), stderr.getvalue()


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (ConvoError("it is wrong", hint="do this"), 1, "convo: it is wrong; do this\n"),
        (ModelError("no answer"), 5, "convo: no answer\n"),
        (ModelError("two\nlines\x1b[0m"), 5, "convo: two lines\\x1b[0m\n"),
        (typer.BadParameter("It's odd."), 2, "convo: invalid value: It's odd\n"),
        (KeyboardInterrupt(), 130, "convo: interrupted\n"),
        (
            MemoryError(),
            6,
            "convo: there is not enough memory for what the database holds; "
            "look at one turn or another branch, or allow more memory with `ulimit -v`\n",
        ),
        (
            RecursionError("maximum recursion depth exceeded"),
            6,
            "convo: an item in the database is nested too deeply; "
            "look at one turn or another branch; `convo bundle` keeps it as it is\n",
        ),
        (BrokenPipeError(), 141, ""),
        (typer.Exit(7), 7, ""),
        (typer.Exit(), 0, ""),
    ],
    ids=repr,
)
def test_an_error_becomes_a_line_and_a_code(error: BaseException, code: int, line: str) -> None:
    assert told(error) == (code, line)


def test_a_bug_says_how_to_report_it() -> None:
    code, line = told(ZeroDivisionError("by zero"))
    assert code == 1
    assert line.startswith(
        "convo: unexpected error: ZeroDivisionError: by zero; "
        "run again with --debug for the traceback and report it "
    )
    assert line.count("\n") == 1


def test_debug_shows_where_it_came_from() -> None:
    code, text = told(ZeroDivisionError("by zero"), debug=True)
    assert code == 1
    assert text.startswith("Traceback (most recent call last):")
    assert "run again" not in text


def test_what_is_left_in_a_buffer_is_noticed_when_it_cannot_be_written() -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    stderr = io.StringIO()
    invocation = Invocation(Terminal(None, Full(), stderr, {}))
    assert guarded(lambda: invocation.terminal.write("data"), invocation) == 1
    assert stderr.getvalue() == (
        "convo: cannot write to standard output: No space left on device\n"
    )
