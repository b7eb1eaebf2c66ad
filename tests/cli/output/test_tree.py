"""`convo branches --tree`: conversations drawn as they branched, whoever wrote them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from agents.extensions.memory import AdvancedSQLiteSession as SDKSession

from tests.cli.snapshots import check
from tests.cli.stored import items, store_turn
from tests.program import Program


@pytest.fixture
def travel(convo: Program) -> Program:
    """A conversation that the SDK's own class wrote, with forks of forks and a deleted parent."""

    async def write() -> None:
        sdk = SDKSession(session_id="travel", db_path=convo.db, create_tables=True)

        async def say(*questions: str) -> None:
            for question in questions:
                await sdk.add_items(items(question, "Well."))

        await say("Where to?", "How?", "When?", *(f"Question {n}" for n in range(4, 12)))
        await sdk.create_branch_from_turn(3, "by train")
        await say("And by train?", "How long does it take?")
        await sdk.create_branch_from_turn(4, "overnight")
        await say("日本語で、夜行列車はありますか。" * 4)
        await sdk.create_branch_from_turn(3, "deleted soon")
        await say("By plane?", "Which airline?")
        await sdk.create_branch_from_turn(4, "cheap")
        await say("The cheapest one?")
        await sdk.create_branch_from_turn(4, "fresh")
        await sdk.create_branch_from_turn(1, "other")
        await say("Never mind: what is 2 + 2?")
        await sdk.switch_to_branch("main")
        await sdk.delete_branch("deleted soon")
        sdk.close()

    asyncio.run(write())
    return convo


def test_drawn(travel: Program) -> None:
    result = travel("branches", "--tree")
    assert (result.code, result.err) == (0, "")
    check("tree.table", result.out)
    check("tree.narrow", travel("branches", "--tree", env={"COLUMNS": "40"}).out)
    check("tree.ascii", travel("branches", "--tree", env={"PYTHONIOENCODING": "ascii"}).out)


@pytest.mark.parametrize("output_format", ["json", "jsonl", "csv", "tsv"])
def test_for_programs(travel: Program, output_format: str) -> None:
    check(f"tree.{output_format}", travel("branches", "--tree", "--format", output_format).out)


def test_the_list_shows_the_parents_that_were_found(travel: Program) -> None:
    listed = {row["branch"]: row for row in json.loads(travel("branches", "--json").out)}
    found = {row["branch"]: row for row in json.loads(travel("branches", "--tree", "--json").out)}
    for name, row in found.items():
        for key in ("parent", "forked_from_turn", "turns", "current"):
            assert listed[name][key] == row[key]


def test_the_current_branch_is_marked(paris: Program) -> None:
    assert "2 [* tourism]  Any sights?" in paris("branches", "--tree").out
    assert "\x1b[32m[* tourism]" in paris("branches", "--tree", env={"FORCE_COLOR": "1"}).out
    paris("switch", "main")
    assert "3 [* main]  And tomorrow? I mean [bold]Monday[/]." in paris("branches", "--tree").out


def test_a_session_without_turns(convo: Program) -> None:
    convo("session", "new", "empty")
    assert convo("branches", "--tree").out == "empty [* main]\n"
    (row,) = json.loads(convo("branches", "--tree", "--json").out)
    assert (row["branch"], row["turns"], row["text"]) == ("main", 0, None)


def test_untrusted_text_is_made_visible(convo: Program) -> None:
    question: dict[str, Any] = {"role": "user", "content": "\x1b[2J[red]x\u202e\nnext"}
    store_turn(convo.db, question)
    assert convo("branches", "--tree").out == "s\n● 1 [* main]  \\x1b[2J[red]x\\u202e next\n"
