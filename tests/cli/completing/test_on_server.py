"""Names of a database on a server, and what a TAB does without an answer."""

from __future__ import annotations

import asyncio

import pytest

from convo import AdvancedPostgresSession, ConversationStore
from convo_cli.completing import on_server
from tests.cli.completing.test_answering import offered
from tests.core.talk import turn
from tests.postgres.proxy import Proxy


async def fill(url: str) -> None:
    async with ConversationStore(url) as store:
        for name in ("trip", "tribe", "Lisbon trip"):
            session = AdvancedPostgresSession(name, url=url)
            await session.add_items(turn("one"))
            await session.add_items(turn("two"))
        await store.branch("tribe", "main", turn=2, name="side", expected="main")
        await store.use_session("tribe", expected="Lisbon trip")


@pytest.fixture
def url(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A server with sessions, which a busy machine may take its time to ask."""
    asyncio.run(fill(postgres_url))
    for name in ("CONVO_SESSION", "CONVO_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CONVO_DB", postgres_url)
    monkeypatch.setattr(on_server, "LIMIT", 60.0)
    return postgres_url


def test_sessions_and_branches(url: str) -> None:
    assert sorted(offered("turns -s tri")) == ["tribe", "trip"]
    assert offered("turns -s isbon") == ["Lisbon trip"]
    assert sorted(offered("turns -s tribe -b ")) == ["main", "side"]
    assert sorted(offered("turns -s trib -b ")) == ["main", "side"]
    assert offered("switch ") == ["main", "side", "-"]
    assert offered("turns -s nosuch -b ") == []


def test_a_server_that_cannot_be_used_says_nothing(
    url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    password = url.split(":")[2].partition("@")[0]
    for other in (url.replace(password, "wrong"), f"{url}_no_such", "postgresql://h:x/d?a=b"):
        monkeypatch.setenv("CONVO_DB", other)
        assert offered("turns -s ") == []
    assert capfd.readouterr() == ("", "")


def test_a_server_that_does_not_answer_is_not_waited_for(
    url: str, proxied: tuple[Proxy, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, through = proxied
    proxy.is_silent = True
    monkeypatch.setattr(on_server, "LIMIT", 0.5)
    monkeypatch.setenv("CONVO_DB", through)
    assert offered("turns -s ") == []
