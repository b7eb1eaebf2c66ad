"""Full-text search over a whole file, with its index and without."""

import pytest

from convo import ConversationStore
from convo.errors import BranchNotFoundError, SessionNotFoundError
from convo.sqlite import full_text
from tests.core.addresses import Address, add_plain, execute, rows
from tests.core.search.test_prompts import locked
from tests.core.talk import assistant, call, output, run, turn, user


@pytest.fixture(params=["indexed", "scanned"])
async def store(
    request: pytest.FixtureRequest,
    store: ConversationStore,
    monkeypatch: pytest.MonkeyPatch,
) -> ConversationStore:
    """A store of two sessions, searched by an index and without one."""
    if request.param == "scanned":
        monkeypatch.setattr(full_text, "is_available", lambda: False)
    await store.start_session("travel")
    for items in (
        [user("What is the capital of France?"), call("x"), output("x"), assistant("Paris.")],
        [user("The weather there?"), assistant("Rain in Paris, and rain again.")],
    ):
        await store.record_turn("travel", "main", items, run())
    await store.start_session("work")
    await store.record_turn("work", "main", turn("Rename the branch"), run())
    return store


async def found(
    store: ConversationStore, text: str, *where: str, limit: int | None = None
) -> list[tuple[str, str, int, str]]:
    hits = await store.search(text, *where, limit=limit)
    return sorted((hit.session_id, hit.branch_id, hit.turn, hit.role) for hit in hits)


async def test_prompts_and_answers_of_every_session(store: ConversationStore) -> None:
    assert await found(store, "PARIS") == [
        ("travel", "main", 1, "assistant"),
        ("travel", "main", 2, "assistant"),
    ]
    assert await found(store, "the") == [
        ("travel", "main", 1, "user"),
        ("travel", "main", 2, "user"),
        ("work", "main", 1, "assistant"),
        ("work", "main", 1, "user"),
    ]
    assert await found(store, "weather paris") == []
    assert await found(store, '"capital of"') == [("travel", "main", 1, "user")]
    assert await found(store, "done") == []
    assert await found(store, "?") == []


async def test_the_best_comes_first(store: ConversationStore) -> None:
    first, second = await store.search("rain paris", limit=None), await store.search("rain")
    (hit,) = first
    assert hit.text == "Rain in Paris, and rain again."
    assert [hit.text[start:end] for start, end in hit.spans] == ["Rain", "Paris", "rain"]
    assert second[0].text == hit.text
    exact = await store.search("paris", limit=1)
    assert [(hit.turn, hit.text) for hit in exact] == [(1, "Paris.")]


async def test_of_equals_the_newest_comes_first(store: ConversationStore) -> None:
    for _ in range(3):
        await store.record_turn("work", "main", turn("same words"), run())
    hits = await store.search("same words", limit=4)
    assert [hit.turn for hit in hits if hit.role == "user"] == [4, 3, 2]


async def test_one_session_or_one_branch(store: ConversationStore) -> None:
    assert len(await found(store, "the", "work")) == 2
    await store.branch("travel", "main", turn=2, name="fork", expected="main")
    assert await found(store, "paris", "travel", "fork") == [("travel", "fork", 1, "assistant")]
    assert await found(store, "rain", "travel", "fork") == []
    with pytest.raises(SessionNotFoundError):
        await store.search("the", "nowhere")
    with pytest.raises(BranchNotFoundError):
        await store.search("the", "travel", "nowhere")


async def test_what_several_branches_show_is_found_once(store: ConversationStore) -> None:
    await store.branch("travel", "main", after=2, name="fork", expected="main")
    assert await found(store, "rain") == [("travel", "fork", 2, "assistant")]
    await store.switch("travel", "main", expected="fork")
    assert await found(store, "rain") == [("travel", "main", 2, "assistant")]
    await store.branch("travel", "main", turn=1, name="empty", expected="main")
    assert await found(store, "rain") == [("travel", "main", 2, "assistant")]


async def test_what_is_written_later_is_found(store: ConversationStore, path: Address) -> None:
    assert await found(store, "snow") == []
    add_plain(path, "plain", *turn("snow"))
    assert [hit[0] for hit in await found(store, "snow")] == ["plain", "plain"]


async def test_what_is_taken_and_brought_back(store: ConversationStore) -> None:
    assert len(await found(store, "rain")) == 1
    await store.undo("travel", "main")
    await store.record_turn("work", "main", turn("another"), run())
    assert await found(store, "rain") == []
    await store.restore("travel")
    assert len(await found(store, "rain")) == 1


async def test_renamed_and_deleted_sessions(store: ConversationStore) -> None:
    assert len(await found(store, "branch")) == 2
    await store.rename_session("work", "job")
    assert [hit[0] for hit in await found(store, "branch")] == ["job", "job"]
    await store.delete_session("job")
    assert await found(store, "branch") == []


async def test_a_message_that_cannot_be_read(store: ConversationStore, path: Address) -> None:
    execute(path, "UPDATE agent_messages SET message_data = '{' WHERE id = 1")
    assert [hit[2] for hit in await found(store, "paris")] == [1, 2]


@pytest.mark.sqlite_only("a server has no lock of the whole database")
async def test_a_locked_file_is_searched(store: ConversationStore, path: Address) -> None:
    with locked(path):
        assert len(await found(store, "paris")) == 2


@pytest.mark.sqlite_only("its full-text tables are SQLite's")
@pytest.mark.parametrize("damage", ["DELETE FROM convo_words_data", "DROP TABLE convo_words_idx"])
async def test_a_damaged_index_is_made_again(path: Address, damage: str) -> None:
    async with ConversationStore(path, create=True) as store:
        await store.start_session("work")
        await store.record_turn("work", "main", turn("Rename the branch"), run())
        assert len(await store.search("branch")) == 2
    execute(path, damage)
    async with ConversationStore(path) as store:
        assert len(await store.search("branch")) == 2
    assert rows(path, "SELECT count(*) FROM convo_words_docsize") == [(2,)]


@pytest.mark.sqlite_only("a file need not be there, nor be a database of convo")
async def test_an_empty_database_is_left_alone(path: Address) -> None:
    async with ConversationStore(path) as store:
        assert await store.search("anything") == []
    assert not path.exists()


@pytest.mark.sqlite_only("it reads the bytes of the file")
async def test_what_is_purged_leaves_no_word_in_the_file(
    store: ConversationStore, path: Address
) -> None:
    await store.record_turn("work", "main", turn("xylophone"), run())
    assert len(await found(store, "xylophone")) == 2
    await store.undo("work", "main")
    await store.purge_removed()
    await store.shrink(keep_indexes=False)
    assert b"xylophone" not in path.read_bytes()
    assert await found(store, "xylophone") == []
    assert len(await found(store, "rain")) == 1


async def test_accents_and_refusals_are_found(path: Address) -> None:
    refusal = {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "refusal", "refusal": "I cannot brew that"}],
    }
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        await store.record_turn("talk", "main", [user("Un café noir"), refusal], run())
        for term in ("cafe", "CAFÉ", "cafe\u0301"):
            assert [found.text for found in await store.search(term)] == ["Un café noir"]
        (found,) = await store.search("brew")
    assert (found.role, found.text) == ("assistant", "I cannot brew that")


@pytest.mark.sqlite_only("its full-text tables are SQLite's")
async def test_an_index_without_accents_left_out_is_made_again(path: Address) -> None:
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        await store.record_turn("talk", "main", turn("café"), run())
        await store.search("café")
        execute(path, "UPDATE convo_indexed SET name = 'convo_words'")
        execute(path, "INSERT INTO convo_words (convo_words) VALUES ('delete-all')")
        assert len(await store.search("cafe")) == 2
