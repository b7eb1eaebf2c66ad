"""Fixtures for the tests of plain questions: they are asked in both ways, which are to be alike."""

import pytest

from tests.cli.agent.asking import Asker, Way
from tests.cli.agent.conftest import _environ
from tests.server import OpenAIServer

__all__ = ["_environ"]


@pytest.fixture(params=["plain", "sdk"])
def way(request: pytest.FixtureRequest) -> Way:
    chosen: Way = request.param
    return chosen


@pytest.fixture
def asker(openai_server: OpenAIServer, way: Way) -> Asker:
    return Asker(openai_server.base_url, way)
