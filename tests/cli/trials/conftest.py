"""A conversation of three turns, and models that answer by their name."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from convo import ConversationStore, RunRecord
from tests.program import Program
from tests.server import Answer, OpenAIServer
from tests.server.received import Request
from tests.server.steps import Reply


def by_name(request: Request) -> Reply:
    """Each model says who it is, and what it was asked."""
    return Answer(f"{request.model} about {request.user_texts[-1]}")


class Models:
    """What a test makes of the models: it may set what they answer."""

    def __init__(self) -> None:
        self.answer = by_name

    def __call__(self, request: Request) -> Reply:
        return self.answer(request)


@pytest.fixture
def models() -> Models:
    return Models()


@pytest.fixture
def server(models: Models) -> object:
    with OpenAIServer(default=models) as server:
        yield server


@pytest.fixture
def talk(tmp_path: Path, server: OpenAIServer) -> Program:
    program = Program(tmp_path, {**server.environ, "CONVO_MODEL": ""})
    words = ("one", "two", "three")
    turns = [[said("user", word), said("assistant", f"old about {word}")] for word in words]
    asyncio.run(stored(program, server, "one", turns))
    return program


def said(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": text}


async def stored(
    program: Program, server: OpenAIServer, session: str, turns: list[list[dict[str, Any]]]
) -> None:
    """Store turns as the program does that has asked the model `old`."""
    run = RunRecord("old", 1, 10, 5, 15, base_url=server.base_url, api="chat", model_chosen=True)
    async with ConversationStore(program.db, create=True) as store:
        await store.start_session(session)
        for items in turns:
            await store.record_turn(session, "main", items, run)
