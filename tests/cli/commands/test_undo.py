"""`convo undo`, `restore`, `rename` and `db gc`, and deleting that can be undone."""

from __future__ import annotations

import json

import pytest

from tests.program import Program, ended


def questions(convo: Program, *args: str) -> list[str]:
    return [row["text"] for row in json.loads(convo("turns", "--json", *args).out)]


def looked_at(convo: Program) -> list[str]:
    """Everything that there is to see."""
    looks = ("turns -b main", "branches", "sessions", "usage --by-turn", "usage --by-branch")
    return [convo(*look.split(), "--json").out for look in looks]


def test_the_last_turn_is_taken_back_and_brought_back(paris: Program) -> None:
    before = looked_at(paris)
    result = paris("undo")
    assert (result.code, result.out) == (0, "")
    assert result.err == (
        "took back turn 2 of 'tourism', \"Any sights?\"; `convo restore` brings it back\n"
    )
    assert questions(paris) == ["What is the capital of France?"]
    result = paris("restore")
    assert (result.code, result.out) == (0, "tourism\n")
    assert result.err == "restored turn 2 of 'tourism', \"Any sights?\"\n"
    assert looked_at(paris) == before


def test_several_turns_of_another_branch(paris: Program) -> None:
    before = looked_at(paris)
    error = paris("undo", "2", "-b", "main").err
    assert error == (
        "took back turns 2-3 of 'main', from \"What is the weather like there?\" on; "
        "`convo restore` brings them back\n"
    )
    assert questions(paris, "-b", "main") == ["What is the capital of France?"]
    assert paris("restore", "-b", "main").err == (
        "restored turns 2-3 of 'main', from \"What is the weather like there?\" on; "
        "`convo switch main` goes there\n"
    )
    assert looked_at(paris) == before


def test_undoing_in_json(paris: Program) -> None:
    row = json.loads(paris("undo", "--json").out)
    assert row.pop("removed_at").endswith("Z")
    assert row == {
        "session": "paris",
        "what": "turns",
        "branch": "tourism",
        "first_turn": 2,
        "last_turn": 2,
        "turns": 1,
        "text": "Any sights?",
    }
    (restored,) = json.loads(paris("restore", "--json").out)["restored"]
    assert (restored["branch"], restored["taken_from"]) == ("tourism", "tourism")
    assert restored["lost_items"] == 0


@pytest.mark.parametrize("count", ["0", "-1", "x", "99999999999999999999999"])
def test_a_number_that_cannot_be_taken_back(paris: Program, count: str) -> None:
    before = looked_at(paris)
    code = 3 if count.startswith("9") else 2
    assert paris("undo", "--", count).error(code)
    assert looked_at(paris) == before


def test_more_turns_than_there_are(paris: Program) -> None:
    assert paris("undo", "9").error(3) == "branch 'tourism' has only 2 turns to take back, not 9"
    paris("undo", "2")
    assert paris("undo").error(3) == "branch 'tourism' has no turns to take back"


def test_nothing_to_restore(paris: Program) -> None:
    assert paris("restore").error(3) == "there is nothing to restore"
    assert json.loads(paris("restore", "--list", "--json").out) == []
    paris("delete", "tourism", "--force")
    assert paris("restore", "turism").error(3) == (
        "there is nothing to restore on branch 'turism'; did you mean 'tourism'?"
    )
    assert paris("restore", "a", "-b", "b").error(2).startswith("'a' and --branch 'b'")


def test_what_can_be_restored_is_listed(paris: Program) -> None:
    paris("undo", "-b", "main", "2")
    paris("delete", "tourism", "--force")
    rows = json.loads(paris("restore", "--list", "--json").out)
    assert [(row["what"], row["branch"], row["turns"], row["text"]) for row in rows] == [
        ("branch", "tourism", 2, "Any sights?"),
        ("turns", "main", 2, "What is the weather like there?"),
    ]
    table = [line[:55].split("  ")[0] for line in paris("restore", "--list").out.splitlines()]
    assert table[0] == "what"
    assert table[2:] == ["branch", "turns"]
    assert len(paris("restore", "main", "--list", "--format", "jsonl").out.splitlines()) == 1


def test_a_deleted_branch_comes_back_and_the_head_stays(paris: Program) -> None:
    paris("switch", "main")
    before = looked_at(paris)
    assert paris("delete", "tourism").err == (
        "deleted branch 'tourism'; `convo restore` undoes it\n"
    )
    assert paris("restore", "tourism").err == (
        "restored branch 'tourism'; `convo switch tourism` goes there\n"
    )
    assert looked_at(paris) == before


def test_a_branch_that_went_on_is_left_alone(paris: Program) -> None:
    paris("undo")
    assert paris("chat", "Any food?").code == 0
    result = paris("restore")
    assert result.out == "tourism-restored\n"
    assert result.err == (
        "restored turn 2 of 'tourism', \"Any sights?\", on a branch beside it, "
        "'tourism-restored'; `convo switch tourism-restored` goes there\n"
    )
    assert questions(paris)[1:] == ["Any food?"]
    assert questions(paris, "-b", "tourism-restored")[1:] == ["Any sights?"]


def test_the_hint_for_a_mistyped_branch_names_one_that_is_to_be_deleted(paris: Program) -> None:
    error = paris("delete", "tourism", "turism", "--force").error(3)
    assert error == "no branch 'turism' in session 'paris'; did you mean 'tourism'?"
    assert paris("delete", " ", "--force").error(2) == "a branch name cannot be empty"


def test_renaming(paris: Program) -> None:
    before = looked_at(paris)
    result = paris("rename", "tourism", "sights")
    assert (result.code, result.out) == (0, "")
    assert result.err == "renamed 'tourism' to 'sights'\n"
    assert looked_at(paris) == [look.replace("tourism", "sights") for look in before]
    row = json.loads(paris("rename", "sights", "places", "--json").out)
    assert row == {"branch": "places", "session": "paris", "renamed": "sights"}


def test_names_that_cannot_be_given(paris: Program) -> None:
    assert paris("rename", "main", "trunk").error(4).startswith("the branch 'main' cannot be")
    taken = "the branch name 'main' has been used; names are not reused: choose another"
    assert paris("rename", "tourism", "main").error(4) == taken
    assert paris("rename", "turism", "x").error(3).endswith("did you mean 'tourism'?")
    assert paris("rename", "tourism", "a/b").error(2)


def test_what_is_collected_cannot_be_restored(paris: Program) -> None:
    before = json.loads(paris("usage", "--json").out)["total"]
    paris("undo", "-b", "main")
    paris("delete", "tourism", "--force")
    assert paris("db", "gc").error(4) == (
        "what could be restored would be gone for good; use --force to remove it"
    )
    done = json.loads(paris("db", "gc", "--force", "--json").out)
    assert done["removed"] == 2
    assert paris("restore").error(3) == "there is nothing to restore"
    assert json.loads(paris("usage", "--json").out)["total"] == before
    assert paris("db", "gc").err == "removed 0 things that could be restored; freed 0 bytes\n"


def test_only_one_session_is_collected(paris: Program) -> None:
    paris("undo")
    paris("undo", "-s", "recipes")
    assert json.loads(paris("db", "gc", "-s", "recipes", "--force", "--json").out)["removed"] == 1
    assert paris("db", "gc", "-s", "recipies", "--force").error(3)
    assert paris("restore").out == "tourism\n"


@pytest.mark.parametrize(("answer", "left"), [("y", 0), ("n", 1)])
def test_collecting_asks_on_a_terminal(paris: Program, answer: str, left: int) -> None:
    paris("undo")
    child = paris.at_terminal("db", "gc")
    child.expect_exact("Remove 1 thing that could be restored, for good? [y/N]")
    child.sendline(answer)
    ended(child)
    assert len(json.loads(paris("restore", "--list", "--json").out)) == left


def test_where_the_database_is(convo: Program) -> None:
    assert convo("db", "path").out == f"{convo.db}\n"
    assert json.loads(convo("db", "path", "--json").out) == {"path": str(convo.db)}
    assert not convo.db.exists()


def test_nothing_is_made_by_looking(convo: Program) -> None:
    assert convo("restore").error(3).startswith("no conversation yet in")
    assert convo("undo").error(3).startswith("no conversation yet in")
    assert convo("db", "gc").code == 0
    assert not convo.db.exists()
