"""Names of a database on a server, and what a TAB does without an answer."""

from __future__ import annotations

import asyncio

import pytest

from convo import AdvancedPostgresSession, ConversationStore
from convo_cli.completing import on_server
from convo_cli.completing.answering import answer
from tests.cli.completing.test_answering import offered
from tests.core.talk import turn
from tests.postgres.proxy import Proxy


async def fill(url: str) -> None:
    async with ConversationStore(url) as store:
        for name in ("trip", "tribe", "Lisbon trip"):
            session = AdvancedPostgresSession(name, url=url)
            await session.add_items(turn("one"))
            await session.add_items(turn("two"))
        await store.tag("tribe", "main", "start", 1)
        await store.branch("tribe", "main", turn=2, name="side", expected="main")
        await store.tag("tribe", "main", "second", 2)
        await store.use_session("tribe", expected="Lisbon trip")


async def ask(url: str, session: str, *contents: object) -> None:
    asked = AdvancedPostgresSession(session, url=url)
    await asked.add_items([{"role": "user", "content": content} for content in contents])  # type: ignore[misc,list-item]


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


def test_turns_and_tags(url: str) -> None:
    assert offered("show -s trip ") == ["2", "1"]
    assert offered("show -s trip 1") == ["1"]
    assert offered("show -s trip 1..") == ["1..2", "1..1"]
    assert offered("show -s tribe -b main ") == ["2", "1", "second", "start"]
    assert offered("show ") == ["1", "start"]
    assert offered("branch -s tribe -b m --turn s") == ["second", "start"]
    assert sorted(offered("tag -s tribe --delete ")) == ["second", "start"]
    assert offered("show -s nosuch ") == []
    assert offered("show -s tribe -b nosuch ") == []


def test_turns_with_a_few_words(url: str) -> None:
    image = {"type": "input_image", "image_url": "x"}
    text = {"type": "input_text", "text": "Look \ud83d"}
    asyncio.run(ask(url, "trip", "Two\n\0lines", [image], [image, text], ["odd"], 5, "l" * 100_001))
    found = answer("fish", "", "show", "-s", "trip")
    assert found == [
        *("", "8\t", "7\t", "6\t", "5\tLook ?", "4\t", "3\tTwo lines", "2\ttwo", "1\tone")
    ]
    found = answer("fish", "", "tag", "-s", "tribe", "--delete")
    assert set(found) == {"", "start\tturn 1 of main", "second\tturn 2 of main"}


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
