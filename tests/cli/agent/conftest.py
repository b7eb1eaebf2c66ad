"""Fixtures for the tests of the agent package."""

import pytest

from tests.cli.agent.asking import KEY, Asker
from tests.server import OpenAIServer


@pytest.fixture(autouse=True)
def _environ(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment with a key, and nothing else that changes which model is asked."""
    for name in ("BASE_URL", "DEFAULT_MODEL", "ORG_ID", "PROJECT_ID"):
        monkeypatch.delenv(f"OPENAI_{name}", raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def asker(openai_server: OpenAIServer) -> Asker:
    return Asker(openai_server.base_url)
