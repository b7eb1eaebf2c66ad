"""Where the user is: the current session and branch, and what leaves them alone."""

from __future__ import annotations

import json

from tests.program import Program, Result


def current(sessions: Result) -> tuple[str, str]:
    """The current session and its current branch in a list of sessions."""
    rows = json.loads(sessions.out)
    return next((row["session"], row["branch"]) for row in rows if row["current"])


def test_the_head_stays(paris: Program) -> None:
    for line in (
        "branch --no-switch --turn 1 new",
        "branch --no-switch other",
        "chat --no-switch --turn -1 Again",
        "chat --no-switch --new Again",
        "chat --no-switch -s new Again",
        "chat -s recipes Again",
        "chat -b main Again",
        "retry --no-switch",
        "session new --no-switch third",
        "branch -s recipes new",
    ):
        done, sessions = paris.each(line, "sessions --json")
        assert done.code == 0, done
        assert current(sessions) == ("paris", "tourism"), line


def test_a_job_with_a_session_of_its_own_leaves_the_head_alone(paris: Program) -> None:
    started, branched, turns = paris.each(
        "chat One", "chat --turn -1 Two", "turns --json", env={"CONVO_SESSION": "nightly"}
    )
    assert started.err == "started session 'nightly'; 'paris' stays current\n"
    assert branched.err == "switched to new branch 'two'\n"
    assert [turn["text"] for turn in json.loads(turns.out)] == ["Two"]
    assert current(paris("sessions", "--json")) == ("paris", "tourism")


def test_the_first_session_is_current_whoever_starts_it(convo: Program) -> None:
    for name in ("a", "b"):
        assert convo("chat", "Hello", env={"CONVO_SESSION": name}).code == 0
    assert current(convo("sessions", "--json")) == ("a", "main")


def test_a_name_alone_branches_off_here(paris: Program) -> None:
    made, branches, _, none = paris.each(
        "branch here", "branches --json", "session new empty", "branch here"
    )
    assert made.out == "here\n"
    last = json.loads(branches.out)[-1]
    assert (last["branch"], last["parent"], last["turns"]) == ("here", "tourism", 2)
    assert none.error(3) == "branch 'main' has no turns yet"


def test_a_branch_is_compared_with_its_parent(paris: Program) -> None:
    alone, named = paris.each("diff", "diff main tourism")
    assert alone == named
    assert "'main' and 'tourism' part" in alone.out


def test_turns_are_counted_from_the_end(paris: Program) -> None:
    last, named, _, turns, asked = paris.each(
        "show -2..-1 -b main",
        "show 2..3 -b main",
        "branch --after=-2 first",
        "turns --json",
        "chat -b main --turn -1 Why?",
    )
    assert last == named
    assert len(json.loads(turns.out)) == 1
    assert asked.out.startswith("This is turn 3.")
