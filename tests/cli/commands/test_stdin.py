"""What `convo chat` reads from stdin, in real shells and at a terminal."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from tests.program import EXECUTABLE, PATIENCE, Program, ended

SWALLOWED = (
    "4 bytes of stdin were added to the prompt; --no-stdin leaves stdin to a loop that reads it\n"
)
LOOP = 'printf "1\\n2\\n3\\n" | while read -r line; do "$CONVO" chat -q {} "Question $line"; done'


def questions(convo: Program) -> list[str]:
    return [turn["text"] for turn in json.loads(convo("turns", "--json").out)]


@pytest.mark.parametrize("shell", ["dash", "bash", "zsh"])
def test_a_loop_keeps_its_lines(convo: Program, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    done = subprocess.run(
        [shell, "-c", LOOP.format("--no-stdin")],
        env={**convo.env, "CONVO": str(EXECUTABLE)},
        timeout=PATIENCE,
        check=True,
        capture_output=True,
    )
    assert done.stderr == b""
    assert questions(convo) == ["Question 1", "Question 2", "Question 3"]


def test_a_loop_whose_lines_are_swallowed_is_told_once(convo: Program) -> None:
    told = convo.shell('printf "1\\n2\\n3\\n" | while read -r n; do convo chat "Question $n"; done')
    assert told.err == SWALLOWED + "started session 'question-1-2-3'\n"
    assert questions(convo) == ["Question 1\n\n2\n3"]


def test_what_is_asked_for_is_not_told(convo: Program) -> None:
    assert convo("chat", "-", stdin="From stdin\n").err == "started session 'from-stdin'\n"
    assert convo("chat", stdin="All of it").err == ""
    assert convo("chat", "--attach", "-", "Whose?", stdin="a text").err == ""
    assert convo("chat", "And blank lines?", stdin="\n\n").err == ""
    assert questions(convo)[:2] == ["From stdin", "All of it"]


def test_prompts_that_begin_with_a_dash(convo: Program) -> None:
    for arguments in (["--", "- a bullet"], ["- a bullet"], ["--", "-"], ["3", "-", "2"]):
        assert convo("chat", *arguments, stdin="" if arguments != ["--", "-"] else "in").code == 0
    assert questions(convo) == ["- a bullet", "- a bullet", "in", "3 - 2"]


def test_a_prompt_is_typed_until_ctrl_d(convo: Program) -> None:
    child = convo.at_terminal("chat", "--raw", "-")
    child.expect_exact("Ctrl-D on a line of its own ends it")
    child.sendline("typed")
    child.sendeof()
    assert ended(child) == 0
    assert questions(convo) == ["typed"]
