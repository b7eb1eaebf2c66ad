"""`convo branch`, `branches`, `switch` and `delete`."""

from __future__ import annotations

import json

from tests.program import Program


def current(convo: Program) -> str:
    branches = json.loads(convo("branches", "--json").out)
    (name,) = (row["branch"] for row in branches if row["current"])
    return str(name)


def questions(convo: Program, *args: str) -> list[str]:
    return [row["text"] for row in json.loads(convo("turns", "--json", *args).out)]


def test_a_branch_keeps_the_turns_before_and_its_name_is_the_only_output(paris: Program) -> None:
    result = paris("branch", "-b", "main", "--turn", "2", "weather")
    assert (result.code, result.out) == (0, "weather\n")
    assert result.err == "switched to new branch 'weather'\n"
    assert questions(paris) == ["What is the capital of France?"]
    assert current(paris) == "weather"


def test_after_keeps_the_turn_too_and_a_name_is_made_up(paris: Program) -> None:
    result = paris("branch", "--after", "1", "--quiet")
    assert (result.out, result.err) == ("after-1\n", "")
    assert questions(paris) == ["What is the capital of France?"]


def test_match_takes_the_first_turn_that_says_it(paris: Program) -> None:
    assert paris("branch", "-b", "main", "--match", "WEATHER", "w").out == "w\n"
    assert questions(paris) == ["What is the capital of France?"]


def test_a_branch_in_json(paris: Program) -> None:
    result = paris("branch", "--turn", "1", "empty", "--json")
    assert json.loads(result.out) == {"branch": "empty", "session": "paris"}
    assert result.err == ""


def test_branch_without_a_turn_lists_branches(paris: Program) -> None:
    assert paris("branch").out == paris("branches").out == paris("list", "branches").out


def test_switching_there_and_back(paris: Program) -> None:
    result = paris("switch", "main")
    assert (result.code, result.out, result.err) == (0, "", "switched to 'main'\n")
    assert json.loads(paris("switch", "-", "--json").out)["branch"] == "tourism"
    assert paris("switch", "-").err == "switched to 'main'\n"
    assert paris("switch", "main").err == "already on branch 'main'\n"
    assert current(paris) == "main"


def test_a_branch_option_does_not_stand_for_the_head(paris: Program) -> None:
    assert paris("switch", "-b", "main", "main").err == "switched to 'main'\n"
    assert paris("branch", "-b", "tourism", "--after", "2", "sights").out == "sights\n"
    assert questions(paris)[-1] == "Any sights?"


def test_the_head_of_another_session_is_moved_without_going_there(paris: Program) -> None:
    assert paris("branch", "-s", "recipes", "--turn", "1", "soup").code == 0
    sessions = {row["session"]: row for row in json.loads(paris("sessions", "--json").out)}
    assert sessions["recipes"]["branch"] == "soup"
    assert sessions["paris"]["current"]
    assert current(paris) == "tourism"


def test_deleting_branches_keeps_what_they_cost(paris: Program) -> None:
    before = json.loads(paris("usage", "--json").out)["total"]
    assert paris("branch", "--turn", "1", "other").code == 0
    result = paris("delete", "tourism", "other", "tourism", "--force")
    assert (result.code, result.out) == (0, "")
    assert result.err == (
        "deleted branches 'tourism', 'other'; 'main' is current now; `convo restore` undoes it\n"
    )
    assert json.loads(paris("usage", "--json").out)["total"] == before
    by_branch = json.loads(paris("usage", "--by-branch", "--json").out)["rows"]
    assert [(row["branch"], row["deleted"]) for row in by_branch] == [
        ("main", False),
        ("tourism", True),
    ]
    assert "deleted" in paris("usage", "--by-turn").out


def test_all_branches_are_deleted_or_none(paris: Program) -> None:
    paris("switch", "main")
    error = paris("delete", "tourism", "turism").error(3)
    assert error.startswith("no branch 'turism' in session 'paris'")
    assert [row["branch"] for row in json.loads(paris("branches", "--json").out)] == [
        "main",
        "tourism",
    ]
    deleted = json.loads(paris("delete", "tourism", "--json").out)
    assert deleted == {"branch": "main", "session": "paris", "deleted": ["tourism"]}
