"""A session that was deleted is brought back by `convo restore`, and right away by `convo undo`."""

from __future__ import annotations

import json

from tests.cli.commands.test_undo import looked_at
from tests.program import Program


def test_a_deleted_session_comes_back(paris: Program) -> None:
    before = looked_at(paris)
    result = paris("session", "delete", "paris", "--force")
    assert result.err == "deleted session 'paris'; `convo restore paris` brings it back\n"
    assert paris("turns", "-s", "paris").code == 3
    result = paris("restore")
    assert (result.code, result.out) == (0, "paris\n")
    assert result.err == "restored session 'paris' with 2 branches; it is current\n"
    assert looked_at(paris) == before


def test_undoing_right_away(paris: Program) -> None:
    paris("session", "new", "other")
    paris("chat", "Hello")
    paris("session", "delete", "paris", "--force")
    assert paris("undo", "1").err.startswith("took back turn 1 of 'main'")
    assert paris("restore").err.startswith("restored turn 1 of 'main'")
    result = paris("undo")
    assert result.out == "paris\n"
    assert result.err == (
        "restored session 'paris' with 2 branches; `convo session use paris` goes there\n"
    )
    assert paris("undo").err.startswith("took back turn 1 of 'main'")


def test_a_program_that_undoes_turns_gets_turns(paris: Program) -> None:
    paris("session", "delete", "recipes", "--force")
    assert json.loads(paris("undo", "--json").out)["what"] == "turns"


def test_what_can_be_brought_back(paris: Program) -> None:
    paris("session", "new", "other")
    paris("session", "delete", "paris", "--force")
    (row,) = json.loads(paris("restore", "--list", "--json").out)
    assert row.pop("removed_at").endswith("Z")
    assert row == {
        "session": "paris",
        "what": "session",
        "branch": None,
        "first_turn": None,
        "last_turn": None,
        "turns": 2,
        "text": "What is the capital of France?",
    }
    assert "session  paris" in paris("restore", "--list").out
    assert paris("restore", "pariss").error(3)
    done = json.loads(paris("restore", "par", "--json").out)
    assert (done["session"], done["branch"]) == ("paris", "tourism")
    (restored,) = done["restored"]
    assert (restored["what"], restored["taken_from"]) == ("session", "paris")


def test_a_name_that_is_taken_again(paris: Program) -> None:
    paris("session", "delete", "paris", "--force")
    paris("session", "new", "paris")
    assert paris("restore").error(4) == (
        "there is a new session 'paris'; rename it, then restore the deleted one"
    )


def test_what_was_removed_later_comes_first(paris: Program) -> None:
    paris("session", "new", "other")
    paris("chat", "Hello")
    paris("session", "delete", "paris", "--force")
    paris("undo", "1")
    assert paris("restore").out == "main\n"
    assert paris("restore").out == "paris\n"
    assert paris("restore").error(3) == "there is nothing to restore"


def test_gc_is_for_good(paris: Program) -> None:
    paris("session", "delete", "paris", "--force")
    assert paris("db", "gc", "-s", "paris", "--force").err.startswith("removed 1 thing")
    assert paris("restore").error(3)
    assert b"capital of France" not in paris.db.read_bytes()
