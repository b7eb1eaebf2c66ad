"""`convo tools`: which tools were called."""

from __future__ import annotations

import json

from tests.cli.stored import store_turn
from tests.program import Program


def test_by_turn_and_by_name(paris: Program) -> None:
    assert json.loads(paris("tools", "-b", "main", "--json").out) == [
        {"turn": 2, "tool": "get_time", "calls": 1},
        {"turn": 2, "tool": "get_weather", "calls": 1},
    ]
    assert paris("tools", "-b", "main").out == paris("list", "tools", "-b", "main").out


def test_a_branch_without_calls(paris: Program) -> None:
    assert json.loads(paris("tools", "--json").out) == []
    assert paris("tools").out.splitlines()[-1].split() == ["total", "0"]


def test_a_name_is_made_safe(convo: Program) -> None:
    call = {"type": "function_call", "call_id": "1", "name": "f\x1b[2J", "arguments": "{}"}
    store_turn(convo.db, {"role": "user", "content": "Hi"}, call, call)
    assert convo("tools").out.splitlines()[2].split() == ["1", "f\\x1b[2J", "2"]
