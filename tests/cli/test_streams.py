"""stdout, stderr and stdin that are closed, full, or not what one would expect."""

from __future__ import annotations

import pytest

from tests.program import Program

AGENT = """
import atexit
from agents import Agent

print("loading")
atexit.register(print, "ending")
agent = Agent(name="Desk")
"""


def test_a_reader_that_goes_away(paris: Program) -> None:
    result = paris.shell('convo turns --format jsonl | head -1; echo "${PIPESTATUS[0]}"')
    assert result.err == ""
    assert result.out.splitlines()[0].startswith('{"turn": 1')


@pytest.mark.parametrize("command", ["turns", "turns --json", "completion bash", "--help"])
def test_a_reader_that_is_gone_already(paris: Program, command: str) -> None:
    result = paris.shell(f"(sleep 2; convo {command}; echo $? >&2) | true")
    assert (result.out, result.err) == ("", "141\n")


@pytest.mark.parametrize("command", ["turns", "turns --json"])
def test_a_closed_stdout(paris: Program, command: str) -> None:
    result = paris.shell(f"convo {command} >&-")
    assert result.error(1) == "cannot write to standard output: it is closed"


@pytest.mark.parametrize(
    "command", ["turns", "turns --json", "completion bash", "--version", "--help"]
)
def test_a_full_disk(paris: Program, command: str) -> None:
    result = paris.shell(f"convo {command} >/dev/full")
    assert result.error(1) == "cannot write to standard output: No space left on device"


def test_what_was_done_is_said_even_if_it_cannot_be_written(paris: Program) -> None:
    for line, done in {
        "branch new": "switched to new branch 'new'",
        "branch --json newer": "switched to new branch 'newer'",
        "chat --json Hi": "the answer is stored as turn 3 of 'newer' in session 'paris': "
        "`convo show` shows it",
        "undo --json": "took back turn 3 of 'newer', \"Hi\"; `convo restore` brings it back",
        "restore": "restored turn 3 of 'newer', \"Hi\"",
    }.items():
        result = paris.shell(f"convo {line} >/dev/full </dev/null")
        assert result.error(1) == (
            f"cannot write to standard output: No space left on device; {done}"
        )
    assert "restored turn 3" not in paris.shell("convo turns >&-").err


def test_commands_that_write_no_data_need_no_stdout(paris: Program) -> None:
    assert paris.shell("convo switch main >&-").code == 0


def test_a_closed_stderr(paris: Program) -> None:
    assert paris.shell("convo switch mian 2>&-").code == 3
    assert paris.shell("convo switch main 2>&-").code == 0


def test_a_closed_stdin(paris: Program) -> None:
    assert paris.shell("convo turns <&-").code == 0
    assert "the prompt is empty" in paris.shell("convo chat <&-").error(2)


@pytest.mark.parametrize(
    ("command", "lines"),
    [
        ("branch --turn 1 new", ["new", "switched to new branch 'new'"]),
        ("chat -s new Hi", ["This is turn 1.", "started session 'new'"]),
        ("chat --turn 1 Hi", ["This is turn 1.", "switched to new branch 'hi'"]),
        ("chat -a agent.py Hi", ["loading", "This is turn 3.", "ending"]),
    ],
)
def test_data_and_notices_in_one_file_are_in_order(
    paris: Program, command: str, lines: list[str]
) -> None:
    (paris.home / "agent.py").write_text(AGENT)
    told = paris.shell(f"cd; convo {command} 2>&1").out.splitlines()
    assert [line.split(" You said")[0] for line in told] == lines
