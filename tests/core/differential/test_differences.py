"""Each difference that is made on purpose, shown on both classes: none is listed for nothing."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.core.differential.answers import Error
from tests.core.differential.differences import DIFFERENCES
from tests.core.differential.machinery import observer
from tests.core.differential.spent import Request, Run, billed
from tests.core.differential.tables import let_an_hour_pass, tables
from tests.core.differential.twins import Both, Twin
from tests.core.talk import turn, user


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncIterator[Twin]:
    opened = Twin("talk", tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[Twin]:
    opened = Twin("talk", tmp_path)
    yield opened
    await opened.close()


def test_each_difference_is_shown() -> None:
    shown = {name for name in globals() if name.startswith("test_")}
    assert {f"test_{name.replace(' ', '_')}" for name in DIFFERENCES} < shown


def missing(branch: str) -> Error:
    return Error("ValueError", f"Branch '{branch}' does not exist")


async def test_empty_branches_are_there(twin: Twin) -> None:
    await twin.both("add_items", turn("a"))
    await twin.both("create_branch_from_turn", 1, "fork")
    both = await twin.both("list_branches")
    assert [row["branch_id"] for row in both.theirs] == ["main"]
    assert [row["branch_id"] for row in both.ours] == ["main", "fork"]
    assert await twin.both("delete_branch", "fork", True) == Both(missing("fork"), None)


async def test_a_deleted_branch_stays_deleted(twin: Twin, other: Twin) -> None:
    await twin.both("add_items", turn("a") + turn("b"))
    await twin.both("create_branch_from_turn", 2, "fork")
    await other.both("delete_branch", "fork")
    both = await twin.both("add_items", turn("c"))
    assert both.theirs is None
    assert both.ours.message == "the branch 'fork' of session 'talk' has been deleted"


async def test_a_clear_is_seen_by_delete_branch(twin: Twin, other: Twin) -> None:
    await twin.both("add_items", turn("a") + turn("b"))
    await twin.both("create_branch_from_turn", 2, "fork")
    await other.both("clear_session")
    both = await twin.both("delete_branch", "fork")
    assert both.theirs.message.startswith("Cannot delete current branch 'fork'")
    assert both.ours == missing("fork")


async def test_runs_of_one_turn_are_added_up(twin: Twin) -> None:
    first, second = Run((Request(7, 1, 3, 2, "r-1"),)), Run((Request(50, 5, 5, 0, "r-2"),))
    await twin.both("add_items", turn("a"))
    await twin.both("store_run_usage", first.result())
    await twin.both("store_run_usage", second.result())
    assert await twin.both("get_turn_usage", 1) == Both(second.row(), billed([first, second]))
    assert billed([first, second])["total_tokens"] == 65


async def test_nested_token_details_are_kept(twin: Twin) -> None:
    run = Run((Request(7, 1, 3, 2, "r-1"),), has_nested_details=True)
    await twin.both("add_items", turn("a"))
    await twin.both("store_run_usage", run.result())
    both = await twin.both("get_turn_usage", 1)
    assert both == Both(run.row() | {"input_tokens_details": None}, run.row())


async def test_more_calls_are_tools(twin: Twin) -> None:
    await twin.both("add_items", [user("a"), {"type": "local_shell_call", "call_id": "c-1"}])
    assert await twin.both("get_tool_usage") == Both([], [["local_shell_call", 1, 1]])


async def test_a_speaker_is_no_tool(twin: Twin) -> None:
    await twin.both("add_items", [user("a") | {"name": "ann"}])
    both = await twin.both("get_conversation_by_turns")
    assert both.theirs == {"1": [{"type": "user", "tool_name": "ann"}]}
    assert both.ours == {"1": [{"type": "user", "tool_name": None}]}


async def found(twin: Twin, term: str) -> tuple[Any, Any]:
    both = await twin.both("find_turns_by_content", term)
    turns = [row["turn"] for row in both.ours]
    if isinstance(both.theirs, Error):
        return both.theirs.kind, turns
    return [row["turn"] for row in both.theirs], turns


async def test_search_folds_case_as_Unicode_does(twin: Twin) -> None:
    await twin.both("add_items", [user("ÜBER"), user("Straße")])
    assert await found(twin, "über") == ([], [1])
    assert await found(twin, "STRASSE") == ([], [2])


async def test_search_takes_odd_contents(twin: Twin) -> None:
    await twin.both("add_items", [user([]), user("5")])
    assert await found(twin, "") == ([2], [1, 2])
    await twin.both("add_items", [user(5), user([{"text": None}, {"text": "5"}])])
    assert await found(twin, "5") == ("TypeError", [2, 3, 4])


async def test_a_copied_turn_was_said_when_it_was_said(twin: Twin, tmp_path: Path) -> None:
    await twin.both("add_items", turn("a") + turn("b"))
    for name in ("theirs.db", "ours.db"):
        file = observer(tmp_path / name)
        let_an_hour_pass(file)
        file.close()
    said = await twin.both("get_conversation_turns")
    await twin.both("create_branch_from_turn", 2, "fork")
    copied = await twin.both("get_conversation_turns")
    assert copied.ours == said.ours[:1]
    assert copied.theirs != said.theirs[:1]


async def test_branches_of_one_second_are_in_order(twin: Twin, tmp_path: Path) -> None:
    await twin.both("add_items", turn("a") + turn("b"))
    for name in "cba":
        await twin.both("create_branch_from_turn", 2, name)
        await twin.both("switch_to_branch", "main")
    for file_name in ("theirs.db", "ours.db"):
        file = observer(tmp_path / file_name)
        file.execute("UPDATE message_structure SET created_at = '2026-01-01 00:00:00'")
        file.close()
    both = await twin.both("list_branches")
    assert [row["branch_id"] for row in both.ours] == ["main", "c", "b", "a"]
    assert [row["branch_id"] for row in both.theirs] != ["main", "c", "b", "a"]


async def test_errors_of_items_are_one(twin: Twin) -> None:
    circular = user("a")
    circular["self"] = circular
    both = await twin.both("add_items", [user("a"), circular])
    assert both.theirs == Error("ValueError", "Circular reference detected")
    assert both.ours == Error(
        "TypeError", "item 2 cannot be stored as JSON: Circular reference detected"
    )


async def test_what_is_closed_says_which_it_is(twin: Twin) -> None:
    await twin.close()
    assert await twin.both("get_items") == Both(
        Error("RuntimeError", "SQLiteSession is closed"),
        Error("RuntimeError", "session 'talk' is closed"),
    )


async def test_opening_writes_nothing(twin: Twin, tmp_path: Path) -> None:
    assert not (tmp_path / "ours.db").exists()
    await twin.ours.get_items()
    found = {}
    for name in ("theirs.db", "ours.db"):
        file = observer(tmp_path / name)
        found[name] = tables(file).generations
        file.close()
    assert found == {"theirs.db": [{"session_id": "talk", "generation": 0}], "ours.db": []}
