"""`convo bisect`: the first turn whose answer fails a check."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.stored import items, store_turn
from tests.program import EXECUTABLE, Program, ended, wait_until
from tests.server import Answer, Fault, OpenAIServer


@pytest.fixture
def talk(convo: Program) -> Program:
    """Eight turns, the answers of which are short from the sixth on."""
    for number in range(1, 9):
        answer = f"A long answer to {number}" if number < 6 else "No"
        store_turn(convo.db, *items(f"Q{number}", answer))
    return convo


def test_recorded_answers(talk: Program) -> None:
    result = talk("bisect", "--check", "grep answer")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines() == [
        "turn 6 of 'main' is the first whose answer fails; turn 5 passes",
        "",
        "turn  state  exit  output",
        "─────────────────────────────────────",
        "   1  good      0  A long answer to 1",
        "   4  good      0  A long answer to 4",
        "   5  good      0  A long answer to 5",
        "   6  bad       1",
        "   8  bad       1",
    ]
    found = json.loads(talk("bisect", "main", "--check", "grep answer", "--json").out)
    assert (found["first_bad"], found["last_good"], found["candidates"]) == (6, 5, [6])
    assert [one["turn"] for one in found["checked"]] == [8, 1, 4, 6, 5]
    rows = talk("bisect", "--check", "grep answer", "--all", "--format", "csv").out.splitlines()
    assert len(rows) == 9


def test_ends_that_contradict_the_assumption(talk: Program) -> None:
    result = talk("bisect", "--check", "test $CONVO_TURN -gt 2")
    assert result.out.startswith("turn 1 of 'main' is the first whose answer fails\n")
    assert result.err == (
        "turn 1 fails, but turn 8 after it passes: a bisection assumes that failures stay; "
        "--all checks every answer\n"
    )
    result = talk("bisect", "--check", "test $CONVO_TURN -ne 3")
    assert (result.code, result.err) == (
        3,
        "convo: no answer of 'main' that was checked fails; a bisection assumes that the last one "
        "fails if any does; --all checks every answer\n",
    )
    result = talk("bisect", "--check", "test $CONVO_TURN -ne 3", "--all")
    assert result.out.startswith("turn 3 of 'main' is the first whose answer fails; turn 2 passes")
    assert result.err.startswith("turn 3 fails, but turn 4 after it passes: failures come and go")


def test_turns_that_are_skipped(talk: Program) -> None:
    skip = "case $CONVO_TURN in [45]) exit 125; esac; grep -q answer"
    assert talk("bisect", "--check", skip).out.startswith(
        "one of the turns 4-6 of 'main' is the first whose answer fails; turn 3 passes, and those "
        "before turn 6 were skipped\n"
    )
    result = talk("bisect", "--check", "exit 125")
    assert (result.code, result.err) == (3, "convo: every answer of 'main' was skipped\n")


def test_wrong_usage(talk: Program) -> None:
    wrong = {
        "": "there is nothing to check the answers with; say --check 'grep -q WORD'",
        "--check true -m a -m b": "one model is asked at a time; run it once for each model",
        "--check true -m echo --all": "--all checks recorded answers, and asks no model; ",
        "--check true --check-timeout 0": "--check-timeout is a number of seconds above 0, not 0",
        "--check none-such-": "the check cannot be run: it ended with 127",
        "--check true --from 5 --to 2": "there is no turn from 5 to 2",
        "--check true --from good": "no turn is called 'good'",
    }
    results = talk.each(*(f"bisect {line}" for line in wrong))
    for (line, said), result in zip(wrong.items(), results, strict=True):
        assert result.error(3 if "--from" in line else 2).startswith(said)


def test_a_model_is_asked_again_a_few_times(talk: Program, openai_server: OpenAIServer) -> None:
    # Of the turns 8, 4, 6 and 5.
    openai_server.script(*(Answer(text) for text in ("No", "An answer", "No", "An answer")))
    line = ["bisect", "-m", "test-model", "--check", "grep -q answer"]
    refused = talk(*line, env=openai_server.environ).error(2)
    assert refused.startswith("this needs a yes: 4 requests (test-model 4), about 120 tokens; ")
    assert openai_server.requests == []
    result = talk(*line, "--yes", "--json", env=openai_server.environ)
    assert result.code == 0
    found = json.loads(result.out)
    assert (found["rerun"], found["first_bad"], found["last_good"]) == (True, 6, 5)
    made = [(one["branch"], one["turn"], one["state"]) for one in found["checked"]]
    assert made == [
        ("bisect-8", 8, "bad"),
        ("bisect-4", 4, "good"),
        ("bisect-6", 6, "bad"),
        ("bisect-5", 5, "good"),
    ]
    assert len(openai_server.requests) == 4
    assert result.err.splitlines()[0].startswith("4 requests (test-model 4), about 120 tokens")
    assert talk("status", "--json").out.count('"branch": "main"') == 1
    assert talk("turns", "-b", "bisect-5", "--format", "jsonl").out.count("\n") == 5


def test_a_model_that_fails_ends_the_search(talk: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(Answer("No"), Fault.status(401))
    line = ["bisect", "-m", "test-model", "--check", "grep -q answer", "--yes"]
    result = talk(*line, env=openai_server.environ)
    assert (result.code, result.out) == (5, "")
    branches = [json.loads(row)["branch"] for row in _branches(talk)]
    assert branches == ["main", "bisect-8"]
    openai_server.script(Fault.status(400), Answer("An answer"), Answer("An answer"))
    line = ["bisect", "-m", "test-model", "--check", "grep -q answer", "--yes", "--from", "6"]
    result = talk(*line, "--on-error", "bad", env=openai_server.environ)
    assert result.out.startswith("turn 8 of 'main' is the first whose rerun fails; turn 7 passes")
    assert "(400): This request is not valid." in result.out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_search_that_was_stopped_leaves_nothing_once_it_is_run_again(
    talk: Program, openai_server: OpenAIServer, number: signal.Signals
) -> None:
    line = ["bisect", "-m", "test-model", "--check", "grep -q answer", "--yes", "--from", "8"]
    openai_server.script(Fault.stall("Half an"), Answer("An answer"))
    env = {**talk.env, **openai_server.environ}
    with subprocess.Popen([EXECUTABLE, *line], env=env, stdin=subprocess.DEVNULL) as process:
        openai_server.wait_for_requests(1)
        # The beginning of the answer is written about a second after it has arrived.
        wait_until(lambda: '"turn": 8' in talk("show", "--waiting", "--json").out)
        process.send_signal(number)
    assert talk(*line, env=openai_server.environ).code == 3
    assert talk("show", "--waiting", "--json").out == "[]\n"
    (_, branch) = [json.loads(row) for row in _branches(talk)]
    assert (branch["branch"].startswith("bisect-8"), branch["turns"]) == (True, 8)


def _branches(program: Program) -> list[str]:
    return program("branches", "--format", "jsonl").out.splitlines()


def test_ctrl_c_ends_the_check_too(talk: Program) -> None:
    mark = talk.home / "check.pid"
    child = talk.at_terminal("bisect", "--check", f"echo $$ > {mark}; exec sleep 60")
    _wait_for(mark)
    child.sendintr()
    assert ended(child) == 130
    with pytest.raises(ProcessLookupError):
        _signal(int(mark.read_text()))


def _wait_for(path: Path) -> None:
    for _ in range(3000):
        if path.exists() and path.read_text().strip():
            return
        time.sleep(0.01)


def _signal(process: int) -> None:
    os.kill(process, signal.SIGCONT)
