"""`convo eval`: cases of a set asked and checked, with exit codes for scripts."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from contextlib import closing
from xml.etree import ElementTree

import pytest

from tests.cli.stored import items, store_turn
from tests.program import Program, ended
from tests.server import Answer, Fault, OpenAIServer

CASES = [
    {"name": "yes", "prompt": "Say yes", "contains": "yes"},
    {"name": "no", "prompt": "Say no", "equals": "no"},
]


@pytest.fixture
def two(convo: Program) -> Program:
    """A set of two cases, of which `echo` passes one."""
    (convo.home / "set.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in CASES))
    return convo


def test_a_run_is_written_and_looked_at_like_a_conversation(two: Program) -> None:
    lines = [
        "eval set.jsonl --repeat 2 --yes -q --junit r.xml",
        "eval --json list",
        "-s eval-set show -b yes --json",
        "eval show 1 --format csv",
        "eval compare 1 1 --json",
        "eval set.jsonl --min 50% -q",
        "eval set.jsonl --min 0.6 -q",
        "db check",
    ]
    run, listed, shown, flat, compared, enough, below, sound = two.each(*lines)
    assert (run.code, run.err) == (0, "")
    assert run.out.splitlines()[2].split()[:3] == ["echo", "2/4", "50"]
    assert [line.split()[:3] for line in run.out.splitlines()[-2:]] == [
        ["no", "1", "failed"],
        ["no", "2", "failed"],
    ]
    assert json.loads(listed.out)[0]["session"] == "eval-set"
    assert json.loads(shown.out)[0]["items"][0]["text"] == "Say yes"
    assert len(flat.out.splitlines()) == 5
    assert json.loads(compared.out)["verdict"] == "not told apart"
    assert (enough.code, below.code, sound.code) == (0, 1, 0)
    assert below.err == "convo: echo passed 50 %, below the 60 % of --min\n"
    xml = ElementTree.parse(two.home / "r.xml").getroot()
    assert (xml.attrib["tests"], xml.attrib["failures"]) == ("4", "2")


def test_costs_are_said_before_more_than_three_requests(two: Program) -> None:
    refused, listed = two.each("eval run set.jsonl --repeat 2", "eval list")
    assert refused.error(2).startswith("this needs a yes: 4 requests (echo 4), ")
    assert listed.err == "no eval yet; `convo eval SET` makes the first\n"


def test_mistakes_are_told_before_anything_is_asked(two: Program) -> None:
    (two.home / "bad.toml").write_text('[[cases]]\nprompt = "x"\n[[cases]]\nregex = "("\n')
    bad, none, judged, gone = two.each(
        "eval bad.toml", "eval none.toml", "eval judged.jsonl", "eval show x"
    )
    assert bad.err.splitlines() == [
        "convo: bad.toml, line 1: it has no check: give it one of contains, equals, regex, "
        "json-schema, command, judge",
        "convo: bad.toml, line 3: `regex` '(' is not a pattern: missing ), unterminated subpattern "
        "at position 0",
        "convo: bad.toml, line 3: it asks nothing: give it a `prompt`, or a `branch` and a `turn`",
    ]
    assert none.error(2) == "none.toml cannot be read: No such file or directory"
    assert judged.code == 2
    assert gone.error(2) == "'x' is no run: a run has a number; `convo eval list` lists them"


def test_models_are_asked_side_by_side_and_one_that_fails_stops_no_other(
    two: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(*[Fault.status(400)] * 2)
    line = "eval set.jsonl -m echo -m test-model --yes --json"
    lines = [line, f"{line} --resume", line, "eval compare 1 2 --json", "eval compare 1 1"]
    first, again, _, compared, unclear = two.each(*lines, env=openai_server.environ)
    assert first.code == 5
    found = json.loads(first.out)
    assert {one["choice"]: (one["passed"], one["errors"]) for one in found["by_choice"]} == {
        "echo": (1, 0),
        "test-model": (0, 2),
    }
    assert "--resume asks them again" in first.err
    resumed = json.loads(again.out)
    assert (again.code, resumed["run"], resumed["errors"]) == (0, 1, 0)
    assert compared.err == "compared over echo, test-model together: 1/echo names one of them\n"
    difference = json.loads(compared.out)
    assert (difference["before_choice"], difference["paired"]) == (None, 2)
    assert unclear.error(2).startswith("run 1 asked echo, test-model; name one of them")


def test_a_judge_is_asked_and_its_cost_is_counted(
    two: Program, openai_server: OpenAIServer
) -> None:
    case = {"prompt": "Say yes", "judge": "It says yes."}
    (two.home / "judged.jsonl").write_text(json.dumps(case))
    openai_server.script(Answer('{"reason": "It does not.", "passes": false}'))
    line = "eval judged.jsonl -m echo --judge test-model --json"
    result, branches = two.each(line, "-s eval-judged branches --json", env=openai_server.environ)
    (found,) = json.loads(result.out)["results"]
    assert (found["state"], found["reason"]) == ("failed", "It does not.")
    assert {one["branch"] for one in json.loads(branches.out)} == {
        "main",
        "say-yes",
        "judge-say-yes",
    }


def test_a_turn_becomes_a_case(two: Program) -> None:
    store_turn(two.db, *items("Hello", "Hi there"))
    store_turn(two.db, *items("How are you?", "Well"))
    added = "eval add new.toml --turn"
    first, copied, taken, missing, run = two.each(
        f"{added} 1 --name hello --contains turn",
        f"{added} -1 --copy --regex Well|turn",
        f"{added} 1 --name hello",
        f"{added} 9",
        "eval new.toml -q --json",
    )
    assert (first.code, copied.code, taken.code, missing.code) == (0, 0, 4, 3)
    found = json.loads(run.out)
    assert [(one["case"], one["state"], one["branch"]) for one in found["results"]] == [
        ("hello", "passed", "eval-hello"),
        ("how-are-you", "passed", "how-are-you"),
    ]


def test_ctrl_c_keeps_what_is_whole(two: Program, openai_server: OpenAIServer) -> None:
    # Either case may be asked first, and passes.
    cases = [{"name": name, "prompt": "Say yes", "contains": "yes"} for name in ("one", "two")]
    (two.home / "same.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in cases))
    openai_server.script(Answer("yes"), Fault.stall("n"))
    child = two.at_terminal(
        *("eval", str(two.home / "same.jsonl"), "-m", "test-model", "--jobs", "1"),
        env=openai_server.environ,
    )
    deadline = time.monotonic() + 60
    while stored(two) < 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(child.pid, signal.SIGINT)
    assert ended(child) == 130
    (run,) = json.loads(two("eval", "list", "--json").out)
    assert (run["done"], run["passed"], run["ended_at"]) == (1, 1, None)


def stored(program: Program) -> int:
    """How many attempts have come to a result."""
    try:
        with closing(sqlite3.connect(f"file:{program.db}?mode=ro", uri=True)) as database:
            query = "SELECT count(*) FROM convo_eval_results"
            (count,) = database.execute(query).fetchone()
    except sqlite3.OperationalError:
        return 0
    return int(count)
