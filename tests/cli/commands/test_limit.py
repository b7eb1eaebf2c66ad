"""How many turns the lists show."""

from __future__ import annotations

import json

from tests.program import Program


def test_the_newest_turns_and_how_many_there_are(paris: Program) -> None:
    cut = paris("turns", "-n", "2", "--json", "-b", "main")
    assert [row["turn"] for row in json.loads(cut.out)] == [2, 3]
    assert cut.err == "these are the newest 2 of 3 turns; -n 0 shows all of them\n"
    everything = paris("turns", "--limit", "0", "--json", "-b", "main")
    assert (len(json.loads(everything.out)), everything.err) == (3, "")


def test_the_total_is_that_of_all_turns(paris: Program) -> None:
    cut = paris("usage", "--by-turn", "-n", "1", "--json")
    everything = json.loads(paris("usage", "--by-turn", "--json").out)
    assert json.loads(cut.out) == {**everything, "rows": everything["rows"][-1:]}
    assert cut.err == "these are the newest 1 of 4 turns; -n 0 shows all of them\n"


def test_fewer_than_none_is_a_mistake(paris: Program) -> None:
    result = paris("turns", "-n", "-1")
    assert (result.code, result.out) == (2, "")
    assert "--limit is a number of turns, or 0 for all, not -1" in result.err


def test_the_newest_sessions_and_how_many_there_are(paris: Program) -> None:
    cut = paris("sessions", "-n", "1", "--json")
    everything = paris("session", "list", "--limit", "0", "--json")
    assert json.loads(cut.out) == json.loads(everything.out)[:1]
    assert cut.err == "these are the newest 1 of 2 sessions; -n 0 shows all of them\n"
    assert (len(json.loads(everything.out)), everything.err) == (2, "")
    assert paris("sessions", "-n", "2").err == ""
    assert "--limit is a number of sessions, or 0 for all, not -1" in paris("sessions", "-n-1").err
