"""`convo merge` and `squash`, as a user or a script runs them."""

from __future__ import annotations

import json

import pytest

from tests.program import Program
from tests.server import Answer, OpenAIServer


def test_a_merge_is_told_taken_back_and_brought_again(paris: Program) -> None:
    done = paris("merge", "tourism", "--cherry-pick", "2", "-b", "main")
    assert (done.code, done.out) == (0, "")
    assert (
        done.err == "copied turn 2 of 'tourism' to 'main', as turn 4; `convo undo` takes it back\n"
    )
    assert "took back the merge of 'tourism' into 'main'" in paris("undo", "-b", "main").err
    done = paris("restore")
    assert (done.out, done.err) == (
        "main\n",
        "restored the merge of 'tourism' into 'main'; `convo switch main` goes there\n",
    )
    turn = json.loads(paris("turns", "-b", "main", "--json").out)[-1]
    assert (turn["merged"], turn["merged_from"]) == ("picked", "tourism")
    assert "copied from turn 2 of 'tourism'" in paris("export", "-b", "main").out


def test_a_summary_is_an_answer_with_a_cost(paris: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(Answer("Many sights."))
    line = ["merge", "tourism", "--summary", "-m", "test-model", "-b", "main"]
    done = paris(*line, env=openai_server.environ)
    assert (done.code, done.out) == (0, "Many sights.\n")
    assert done.err == "turn 4 of 'main' sums up turn 2 of 'tourism'; `convo undo` takes it back\n"
    # The model read the side line, and the session does not go on with it.
    assert "Any sights?" in str(openai_server.requests[-1].items)
    assert json.loads(paris("status", "--json").out)["model"] == "echo"
    again = paris(*line, "--json", env=openai_server.environ)
    assert json.loads(again.out)["first_turn"] is None
    paris("undo", "-b", "main")
    assert "test-model" in paris("usage", "--by-model").out


def test_a_model_that_fails_changes_nothing(paris: Program) -> None:
    before = paris("turns", "--json").out
    done = paris("squash", "1..2", "--summary", "-m", "none")
    assert (done.code, done.out) == (5, "")
    assert paris("turns", "--json").out == before
    assert paris("show", "--waiting", "--json").out == "[]\n"


def test_a_summary_that_fails_has_its_cost(paris: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(Answer(""))
    line = ["merge", "tourism", "--summary", "-m", "silent", "-b", "main"]
    assert paris(*line, env=openai_server.environ).code == 5
    rows = json.loads(paris("usage", "--by-model", "--json").out)
    (spent,) = [row for row in rows["rows"] if row["model"] == "silent"]
    assert (spent["requests"], spent["total_tokens"]) == (1, 15)
    assert json.loads(paris("turns", "-b", "main", "--json").out)[-1]["turn"] == 3
    assert paris("db", "check", "-q").code == 0


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("merge tourism", 4, "'tourism' cannot be merged into itself"),
        ("merge main", 4, "both branches go on: 'tourism' with turn 2, 'main' with turns 2-3"),
        ("merge mian", 3, "no branch 'mian' in session 'paris'"),
        ("merge main --take --summary", 2, "exclude each other"),
        ("merge main -m echo", 2, "no model is asked without --summary"),
        ("merge main --cherry-pick 9", 3, "no turn 9 on branch 'main': it has turns 1-3"),
        ("merge main --cherry-pick 1", 4, "turn 1 of 'main' is on 'tourism' already, as turn 1"),
        ("merge main --cherry-pick plan", 3, "no turn is called 'plan'"),
        ("squash 2", 4, "there is nothing to squash in one turn"),
        ("squash 2..1", 3, "turn 2 comes after turn 1"),
    ],
)
def test_mistakes_are_told_in_a_line(paris: Program, line: str, code: int, said: str) -> None:
    done = paris(*line.split())
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert done.err.count("\n") == 1
