"""`convo ask` and `convo pick`, and the same in the chat."""

from __future__ import annotations

import json
import threading

import pyte
import pytest

from tests.cli.trials.conftest import Models, by_name
from tests.program import Program, ended, wait_until
from tests.server import Answer, Fault, OpenAIServer
from tests.server.received import Request
from tests.server.steps import Reply

THREE = ("ask", "-m", "a", "-m", "b", "-m", "c")


def screen_of(text: str, columns: int, lines: int = 40) -> list[str]:
    screen = pyte.Screen(columns, lines)
    pyte.Stream(screen).feed(text)
    return [line.rstrip() for line in screen.display if line.strip()]


def last_turn(program: Program, branch: str) -> int:
    found: int = json.loads(program("turns", "-b", branch, "--json").out)[-1]["turn"]
    return found


def test_each_answers_on_a_branch(talk: Program, server: OpenAIServer) -> None:
    done = talk(*THREE, "--json", "Why?", "not?")
    assert done.code == 0, done.err
    rows = json.loads(done.out)
    assert [(row["branch"], row["turn"], row["answer"]) for row in rows] == [
        (f"ask-{name}", 4, f"{name} about Why? not?") for name in "abc"
    ]
    assert all(len(request.body["messages"]) == 7 for request in server.requests)
    status = json.loads(talk("status", "--json").out)
    assert (status["branch"], status["model"]) == ("main", "old")
    picked = talk("pick", "ask-b")
    assert picked.err == (
        "'ask-b' is current now, and b goes on; 'ask-a', 'ask-c' stay as they are: "
        "`convo delete ask-a ask-c` deletes them\n"
    )
    assert talk("chat", "--no-stdin", "And?").out == "b about And?\n"


def test_into_a_pipe_with_a_prompt_from_one(talk: Program, models: Models) -> None:
    models.answer = lambda request: Fault.status(400) if request.model == "b" else by_name(request)
    done = talk(*THREE, stdin="From a pipe\n")
    assert done.code == 5
    assert done.out == "## a\n\na about From a pipe\n\n## b\n\n\n## c\n\nc about From a pipe\n"
    assert [line[:9] for line in done.err.splitlines() if "b: " in line] == ["convo: b:"]
    models.answer = lambda request: Fault.status(400)
    failed = talk(*THREE, "--no-stdin", "Why?")
    assert (failed.code, [line[:9] for line in failed.err.splitlines()]) == (
        5,
        ["convo: a:", "convo: b:", "convo: c:"],
    )
    assert talk(*THREE, "-m", "d", "Four?").error(2).startswith("this needs a yes: 4 requests")


def test_in_a_new_database(tmp_path: object, talk: Program, server: OpenAIServer) -> None:
    new = {"CONVO_DB": str(talk.home / "new.db")}
    assert talk(*THREE[:5], "--no-stdin", "Why is it?", env=new).code == 0
    rows = json.loads(talk("branches", "--json", env=new).out)
    assert {row["branch"]: row["turns"] for row in rows} == {"main": 0, "ask-a": 1, "ask-b": 1}
    assert talk("db", "check", "-q", env=new).code == 0
    assert json.loads(talk("status", "--json", env=new).out)["session"] == "why-is-it"


@pytest.mark.parametrize("columns", [130, 60])
def test_answers_as_they_come(talk: Program, models: Models, columns: int) -> None:
    gate = threading.Event()

    def answer(request: Request) -> Reply:
        first = request.model == "a"
        return Answer(f"**{request.model}** says so", gate=gate if first else None)

    models.answer = answer
    child = talk.at_terminal(*THREE, "Why?", columns=columns)
    child.logfile_read = log = Log()
    if columns > 100:
        child.expect("c.* says so")
    gate.set()
    assert ended(child) == 0
    shown = screen_of("".join(log.pieces), columns)
    if columns > 100:
        assert [part.strip() for part in shown[0].split("│")] == ["a", "b", "c"]
        assert [part.strip() for part in shown[2].split("│")] == [f"{n} says so" for n in "abc"]
    else:
        assert shown[:6] == ["a", "a says so", "b", "b says so", "c", "c says so"]


class Log:
    def __init__(self) -> None:
        self.pieces: list[str] = []

    def write(self, text: str) -> None:
        self.pieces.append(text)

    def flush(self) -> None:
        pass


def test_ctrl_c_keeps_what_is_whole(talk: Program, models: Models, server: OpenAIServer) -> None:
    def answer(request: Request) -> Reply:
        return Fault.stall("Half") if request.model == "b" else by_name(request)

    models.answer = answer
    child = talk.at_terminal(*THREE, "Why?", columns=130)
    child.expect("Half[^\\n]*c about")
    # What is shown is not yet stored.
    for name in ("ask-a", "ask-c"):
        wait_until(lambda name=name: last_turn(talk, name) == 4)
    child.send("\x03")
    child.expect("interrupted")
    assert ended(child) == 130
    names = {row["branch"] for row in json.loads(talk("branches", "--json").out)}
    assert {"ask-a", "ask-c"} < names
    assert last_turn(talk, "ask-a") == 4
