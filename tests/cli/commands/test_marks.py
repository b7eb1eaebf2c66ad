"""`convo note`, `tag` and `star`, and where what they mark is shown."""

from __future__ import annotations

import json

import pytest

from tests.program import Program


def test_a_tag_is_taken_wherever_a_turn_is(paris: Program) -> None:
    assert paris("tag", "plan", "1").err == "turn 1 of 'tourism' is 'plan'\n"
    assert paris("show", "plan", "--json").out == paris("show", "1", "--json").out
    assert json.loads(paris("blame", "plan", "--json").out)["turn"] == 1
    assert paris("branch", "--after", "plan", "here").code == 0
    assert len(json.loads(paris("turns", "--json").out)) == 1
    asked = json.loads(paris("chat", "--turn", "plan", "Again?", "--json").out)
    assert (asked["turn"], asked["text"]) == (1, "Again?")
    done = paris("show", "plan")
    assert done.code == 3
    assert "'plan' is turn 1 of 'main', which is not on" in done.err


def test_marks_are_shown(paris: Program) -> None:
    for line in ("note -1 one\x1b[31m", "note -1 two --append", "tag plan", "star plan"):
        assert paris(*line.split(" ")).code == 0
    assert paris("star", "--this-session").err == "session 'paris' has a star\n"
    turn = json.loads(paris("turns", "--starred", "--json").out)[-1]
    assert (turn["note"], turn["tags"]) == ("one\x1b[31m\n\ntwo", ["plan"])
    status = json.loads(paris("status", "--json").out)
    assert (status["tags"], status["starred"], status["session_starred"]) == (["plan"], True, True)
    assert [one["session"] for one in json.loads(paris("sessions", "--starred", "--json").out)] == [
        "paris"
    ]
    page = paris("export", "--format", "html").out
    assert "note: one" in page
    assert "\x1b" not in page
    assert "tag plan" in paris("export").out
    assert paris("note", "-1", "--delete").err.startswith("deleted the note of turn 2")
    assert paris("note", "-1").err == "turn 2 of 'tourism' has no note\n"


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("tag 3", 2, "looks like the number of a turn"),
        ("tag plan 9", 3, "no turn 9 on branch 'tourism': it has turns 1-2"),
        ("tag nothing --delete", 3, "there is no tag 'nothing'"),
        ("note 9 text", 3, "no turn 9"),
        ("star x", 3, "no turn is called 'x'"),
        ("star 1 --this-session", 2, "--this-session takes no TURN"),
    ],
)
def test_mistakes_are_told_in_a_line(paris: Program, line: str, code: int, said: str) -> None:
    done = paris(*line.split())
    assert (done.code, done.out) == (code, "")
    assert said in done.err
