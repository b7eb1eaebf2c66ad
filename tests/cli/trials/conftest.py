"""A conversation of three turns, and models that answer by their name."""

from __future__ import annotations

from pathlib import Path

import pytest

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
    done = program.each(*(f"chat --no-stdin -m old {word}" for word in ("one", "two", "three")))
    assert [one.code for one in done] == [0, 0, 0]
    server.requests.clear()
    return program
