"""On a server the head is a person's: nobody moves another one."""

import getpass

import pytest

from convo import ConversationStore
from convo.errors import HeadMovedError
from tests.core.addresses import rows
from tests.core.talk import run, turn


@pytest.fixture
async def store(postgres_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CONVO_USER", raising=False)
    async with ConversationStore(postgres_url, create=True) as opened:
        await opened.start_session("a")
        for question in ("one", "two", "three"):
            await opened.record_turn("a", "main", turn(question), run())
        yield opened


async def at(store: ConversationStore, session: str = "a") -> tuple[str | None, str, str | None]:
    head = await store.session_head(session)
    return (await store.head()).session_id, head.branch_id, head.previous_branch_id


async def test_it_belongs_to_the_role_and_the_login_name(
    store: ConversationStore, postgres_url: str
) -> None:
    [(person,)] = rows(postgres_url, "SELECT person FROM convo_head")
    [(role,)] = rows(postgres_url, "SELECT current_user")
    assert person == f"{role}/{getpass.getuser()}"


async def test_two_people_do_not_move_each_other(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.branch("a", "main", turn=2, name="side", expected="main")
    await store.start_session("mine")
    monkeypatch.setenv("CONVO_USER", "bob")
    assert await at(store) == ("mine", "main", None)
    assert await store.current_session() is None
    await store.use_session("a", expected="mine")
    await store.branch("a", "main", turn=3, name="bobs", expected="main")
    assert await at(store) == ("a", "bobs", "main")
    assert [
        (one.session_id, one.branch_id) for one in await store.sessions() if one.is_current
    ] == [("a", "bobs")]
    monkeypatch.delenv("CONVO_USER")
    assert await at(store) == ("mine", "side", "main")
    with pytest.raises(HeadMovedError):
        await store.switch("a", "bobs", expected="main")


async def test_everybody_follows_what_happens_to_a_branch(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.branch("a", "main", turn=2, name="side", expected="main")
    monkeypatch.setenv("CONVO_USER", "bob")
    await store.switch("a", "side", expected="main")
    await store.rename_branch("a", "side", "new")
    await store.rename_session("a", "b")
    monkeypatch.delenv("CONVO_USER")
    assert await at(store, "b") == ("b", "new", "main")
    await store.switch("b", "main", expected="new")
    await store.delete_branches("b", ["new"])
    assert await at(store, "b") == ("b", "main", None)
    monkeypatch.setenv("CONVO_USER", "bob")
    assert (await at(store, "b"))[1:] == ("main", None)


async def test_a_deleted_session_comes_back_with_its_heads(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.branch("a", "main", turn=2, name="side", expected="main")
    await store.delete_session("a")
    assert await store.current_session() is None
    monkeypatch.setenv("CONVO_USER", "bob")
    await store.restore_session("a")
    assert await at(store) == ("a", "main", None)
    monkeypatch.delenv("CONVO_USER")
    assert (await at(store))[1] == "side"


async def test_clearing_a_session_sends_everybody_to_main(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.branch("a", "main", turn=2, name="side", expected="main")
    monkeypatch.setenv("CONVO_USER", "bob")
    await store.session("a").clear_session()
    await store.start_session("a")
    monkeypatch.delenv("CONVO_USER")
    assert (await at(store))[1:] == ("main", None)
