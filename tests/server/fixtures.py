"""pytest fixtures around the server; `tests/conftest.py` imports them for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server import OpenAIServer


@pytest.fixture
def openai_server() -> Iterator[OpenAIServer]:
    """A server that speaks the OpenAI API, for this one test."""
    with OpenAIServer() as server:
        yield server
