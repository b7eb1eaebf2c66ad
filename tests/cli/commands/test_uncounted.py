"""Tokens that no server counted are estimated; those of old databases are unknown, and never 0."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from convo.records import NewSession
from convo.store import ConversationStore
from convo.usage_records import RunRecord
from tests.program import Program
from tests.server import Answer, OpenAIServer

ASKED: list[dict[str, Any]] = [
    {"role": "user", "content": "Hello?"},
    {"role": "assistant", "content": "Hi."},
]


@pytest.fixture
def old(convo: Program) -> Program:
    """A session whose only turn was answered by a server that counted nothing."""

    async def store() -> None:
        async with ConversationStore(convo.db, create=True) as conversations:
            run = RunRecord("m", 1, 0, 0, 0)
            await conversations.store_turn(NewSession("old"), ASKED, run)

    asyncio.run(store())
    return convo


@pytest.mark.parametrize(
    "command",
    [["turns"], ["show"], ["usage"], ["usage", "--by-turn"], ["session", "list"], ["branches"]],
    ids=" ".join,
)
def test_what_nobody_counted(old: Program, command: list[str]) -> None:
    told = json.loads(old(*command, "--json").out)
    rows = told["rows"] if isinstance(told, dict) and "rows" in told else told
    for row in rows if isinstance(rows, list) else [rows]:
        assert (row["total_tokens"], row["estimated"]) == (None, False)
    shown = old(*command)
    assert shown.code == 0
    assert "0 token" not in shown.out
    assert " 0 " not in shown.out


@pytest.mark.parametrize("more", [[], ["--no-stream"]], ids=["streamed", "at-once"])
@pytest.mark.parametrize("api", ["chat", "responses"])
def test_a_server_that_counts_nothing(
    convo: Program, openai_server: OpenAIServer, api: str, more: list[str]
) -> None:
    openai_server.script(Answer("Hi there.", usage=None))
    env = {**openai_server.environ, "CONVO_MODEL": None}
    asked = convo("chat", "--api", api, "-m", "m", "--json", *more, "Hello you?", env=env)
    turn = json.loads(asked.out)
    assert (turn["input_tokens"], turn["output_tokens"], turn["total_tokens"]) == (3, 3, 6)
    assert turn["estimated"] is True
    for command in ("turns", "usage", "show", "sessions"):
        assert "~6" in convo(command).out
