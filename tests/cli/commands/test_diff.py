"""`convo diff`: where two branches part."""

from __future__ import annotations

import json

import pytest

from tests.cli.snapshots import check
from tests.cli.stored import store_turn
from tests.program import Program


@pytest.mark.parametrize("columns", [40, 80, 140])
def test_both_continuations(paris: Program, columns: int) -> None:
    result = paris("diff", "main", env={"COLUMNS": str(columns)})
    assert (result.code, result.err) == (0, "")
    assert all(len(line) <= columns for line in result.out.splitlines()[1:])
    check(f"diff.{columns}", result.out)


@pytest.mark.parametrize("output_format", ["json", "csv"])
def test_for_programs(paris: Program, output_format: str) -> None:
    check(f"diff.{output_format}", paris("diff", "main", "--format", output_format).out)
    lines = paris("diff", "main", "--format", "jsonl").out
    assert json.loads(lines) == json.loads(paris("diff", "main", "--json").out)


def test_what_differs_in_nothing_or_in_all_is_said(paris: Program) -> None:
    paris("branch", "--after", "2", "-b", "main", "early")
    paris("branch", "--turn", "1", "empty")
    said = {
        ("main", "main"): "'main' and 'main' are the same",
        ("early", "main"): "'main' goes on where 'early' ends, after turn 2",
        ("main", "early"): "'main' goes on where 'early' ends, after turn 2",
        ("main",): "'empty' has no turns",
        ("empty", "tourism"): "'empty' has no turns",
        ("tourism", "early"): "'tourism' and 'early' part after turn 1",
    }
    for branches, words in said.items():
        result = paris("diff", *branches)
        assert (result.code, result.out.splitlines()[0]) == (0, words)


def test_branches_without_a_common_turn(paris: Program) -> None:
    paris("branch", "--turn", "1", "other")
    paris("chat", "Hello")
    shown = paris("diff", "main", "other").out
    assert shown.startswith("'main' and 'other' have no turn in common\n")
    assert paris("diff", "other", "--json", "-b", "main").out.count('"relation": "unrelated"') == 1


def test_a_branch_that_is_not_there(paris: Program) -> None:
    error = paris("diff", "mian").error(3)
    assert error == "no branch 'mian' in session 'paris'; did you mean 'main'?"


def test_untrusted_text_is_made_visible(convo: Program) -> None:
    store_turn(convo.db, {"role": "user", "content": "one"})
    convo("branch", "--turn", "1", "b")
    store_turn(
        convo.db,
        {"role": "user", "content": "\x1b[2J\u202e[red]x\tend"},
        {"type": "function_call", "call_id": "1", "name": "\x1b]0;f\x07", "arguments": "\x9b1m"},
    )
    shown = convo("diff", "main", "b").out
    assert "> \\x1b[2J\\u202e[red]x" in shown
    assert "→ \\x1b]0;f\\x07 \\x9b1m" in shown
