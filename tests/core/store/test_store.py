import stat
from pathlib import Path
from typing import Any

import pytest

from convo import ConversationStore, Head
from convo.errors import (
    BranchNotFoundError,
    ConflictError,
    CurrentBranchError,
    DamagedDatabaseError,
    DatabaseUnavailableError,
    HeadMovedError,
    InvalidNameError,
    NameTakenError,
    NoMatchError,
    NotAConversationDatabaseError,
    ProtectedBranchError,
    SessionNotFoundError,
    TurnNotFoundError,
)
from tests.core.addresses import Address, execute, open_session, rows
from tests.core.talk import run, texts, turn


@pytest.fixture
async def talk(store: ConversationStore) -> ConversationStore:
    await store.start_session("talk")
    for question in ("one", "two", "three"):
        await store.record_turn("talk", "main", turn(question), run())
    return store


async def test_a_renamed_branch_is_known_by_its_old_names(talk: ConversationStore) -> None:
    await talk.branch("talk", "main", after=1, name="a", expected="main")
    await talk.rename_branch("talk", "a", "b")
    await talk.rename_branch("talk", "b", "c")
    assert [await talk.renamed_to("talk", name) for name in ("a", "b", "c", "main")] == [
        *("c", "c"),
        *(None, None),
    ]
    await talk.rename_session("talk", "chat")
    with pytest.raises(BranchNotFoundError, match="no branch 'a' in session 'chat'") as error:
        await talk.switch("chat", "a", expected="c")
    assert error.value.hint == "it is called 'c' now"
    await talk.delete_branches("chat", ["c"], force=True)
    assert await talk.renamed_to("chat", "a") is None


@pytest.mark.sqlite_only("a file need not be there, nor be a database of convo")
async def test_a_file_that_is_not_there_reads_as_empty(path: Address) -> None:
    async with ConversationStore(path) as store:
        assert await store.sessions() == []
        assert await store.head() == Head(None)
        with pytest.raises(SessionNotFoundError):
            await store.turns("talk", "main")
    assert not path.exists()


async def test_file_and_folder_are_the_users_own(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "c.db"
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailableError, match="is a folder"):
        async with ConversationStore(tmp_path):
            pass


@pytest.mark.sqlite_only("a file need not be there, nor be a database of convo")
async def test_no_database(path: Address) -> None:
    path.write_text("Dear diary, " * 100)
    with pytest.raises(DamagedDatabaseError, match="is not an SQLite database"):
        async with ConversationStore(path, create=True):
            pass
    assert path.read_text() == "Dear diary, " * 100


@pytest.mark.sqlite_only("a file need not be there, nor be a database of convo")
async def test_a_database_of_something_else(path: Address) -> None:
    execute(path, "CREATE TABLE places (name)")
    before = path.read_bytes()
    with pytest.raises(NotAConversationDatabaseError, match="but not one of conversations"):
        async with ConversationStore(path, create=True):
            pass
    assert path.read_bytes() == before


async def test_sessions_are_started_once(store: ConversationStore) -> None:
    assert await store.start_session("talk") == "talk"
    assert await store.start_session("talk", unique=True) == "talk-2"
    assert await store.start_session("talk", unique=True) == "talk-3"
    with pytest.raises(NameTakenError, match="a session 'talk' already exists"):
        await store.start_session("talk")
    assert (await store.head()).session_id == "talk-3"


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\nb", "\x1b[31m", "a/b", "-x", " a"])
async def test_names_that_cannot_be_used(talk: ConversationStore, name: str) -> None:
    for attempt in (
        talk.start_session(name),
        talk.rename_session("talk", name),
        talk.branch("talk", "main", turn=2, name=name, expected="main"),
    ):
        with pytest.raises(InvalidNameError):
            await attempt
    assert [info.session_id for info in await talk.sessions()] == ["talk"]


async def test_the_list_of_sessions(talk: ConversationStore) -> None:
    (info,) = await talk.sessions()
    assert (info.session_id, info.branch_id, info.branches, info.turns) == ("talk", "main", 1, 3)
    assert (info.total_tokens, info.model, info.is_current) == (45, "m", True)
    assert info.created_at.endswith("Z")


async def test_the_current_session_is_moved_by_who_knows_it(talk: ConversationStore) -> None:
    await talk.start_session("other")
    with pytest.raises(HeadMovedError, match="the current session is now 'other'"):
        await talk.use_session("talk", expected="talk")
    await talk.use_session("talk", expected="other")
    assert (await talk.head()).session_id == "talk"


async def test_a_cleared_session_is_current_once_it_is_written_to(talk: ConversationStore) -> None:
    await talk.session("talk").clear_session()
    assert await talk.head() == Head(None)
    assert await talk.check() == []
    await talk.session("talk").add_items(turn("again"))
    assert (await talk.head()).session_id == "talk"


async def test_no_such_session(talk: ConversationStore) -> None:
    with pytest.raises(SessionNotFoundError, match="no session 'tlak'") as raised:
        await talk.session_head("tlak")
    assert raised.value.hint == "did you mean 'talk'?"


async def test_renaming_takes_everything_along(talk: ConversationStore) -> None:
    await talk.branch("talk", "main", turn=2, name="fork", expected="main")
    before = await talk.turns("talk", "main")
    await talk.rename_session("talk", "chat")
    assert await talk.turns("chat", "main") == before
    assert await talk.head() == Head("chat", "fork", "main")
    assert (await talk.usage("chat"))[0].tokens.total_tokens == 45
    with pytest.raises(SessionNotFoundError):
        await talk.session_head("talk")


async def test_renaming_to_a_name_that_is_taken(talk: ConversationStore) -> None:
    await talk.start_session("other")
    with pytest.raises(NameTakenError):
        await talk.rename_session("talk", "other")


async def test_a_deleted_session_is_gone(talk: ConversationStore) -> None:
    await talk.delete_session("talk")
    assert await talk.sessions() == []
    assert await talk.head() == Head(None)


async def test_branching_moves_the_head(talk: ConversationStore) -> None:
    assert await talk.branch("talk", "main", turn=2, name="fork", expected="main") == "fork"
    assert await talk.session_head("talk") == Head("talk", "fork", "main")
    assert [info.text for info in await talk.turns("talk", "fork")] == ["one"]


async def test_branching_after_a_turn(talk: ConversationStore) -> None:
    name = await talk.branch("talk", "main", after=2, expected="main")
    assert [info.text for info in await talk.turns("talk", name)] == ["one", "two"]


async def test_names_that_are_made_are_never_used_again(talk: ConversationStore) -> None:
    async def made(**how: Any) -> str:
        return await talk.branch("talk", "main", expected=None, **how)

    assert await made(turn=2) == "turn-2"
    await talk.delete_branches("talk", ["turn-2"])
    assert await made(turn=2) == "turn-2-b"
    assert await made(after=2) == "after-2"
    assert await made(turn=1, stem="main") == "main-b"


async def test_branching_by_what_was_said(talk: ConversationStore) -> None:
    name = await talk.branch("talk", "main", match="THREE", expected="main")
    assert [info.text for info in await talk.turns("talk", name)] == ["one", "two"]
    with pytest.raises(NoMatchError, match="no turn on branch 'main' says 'four'"):
        await talk.branch("talk", "main", match="four", expected=name)


@pytest.mark.parametrize("number", [0, -4, 9])
async def test_no_such_turn(talk: ConversationStore, number: int) -> None:
    message = f"no turn {number} on branch 'main': it has turns 1-3"
    with pytest.raises(TurnNotFoundError, match=message):
        await talk.branch("talk", "main", turn=number, expected="main")


async def test_branching_where_the_head_has_moved(talk: ConversationStore) -> None:
    await talk.branch("talk", "main", turn=2, name="fork", expected="main")
    with pytest.raises(HeadMovedError, match="is now on branch 'fork', not 'main'"):
        await talk.branch("talk", "main", turn=3, name="late", expected="main")
    assert [info.branch_id for info in await talk.branches("talk")] == ["main", "fork"]


async def test_branching_past_the_head(talk: ConversationStore) -> None:
    await talk.branch("talk", "main", turn=2, name="aside", expected=None)
    assert [info.user_turns for info in await talk.branches("talk")] == [3, 1]
    assert await talk.session_head("talk") == Head("talk", "main", None)


async def test_how_far_a_branch_goes(talk: ConversationStore) -> None:
    await talk.branch("talk", "main", turn=1, name="empty", expected="main")
    assert [await talk.last_turn("talk", name) for name in ("main", "empty")] == [3, 0]
    with pytest.raises(BranchNotFoundError, match="no branch 'mian'"):
        await talk.last_turn("talk", "mian")


async def test_switching(talk: ConversationStore) -> None:
    await talk.branch("talk", "main", turn=2, name="fork", expected="main")
    await talk.switch("talk", "main", expected="fork")
    assert await talk.session_head("talk") == Head("talk", "main", "fork")
    with pytest.raises(BranchNotFoundError, match="no branch 'frok'") as raised:
        await talk.switch("talk", "frok", expected="main")
    assert raised.value.hint == "did you mean 'fork'?"


async def test_the_list_of_branches(talk: ConversationStore) -> None:
    await talk.branch("talk", "main", turn=2, name="fork", expected="main")
    await talk.record_turn("talk", "fork", turn("other"), run(30))
    main, fork = await talk.branches("talk")
    assert (main.branch_id, main.parent_branch_id, main.user_turns) == ("main", None, 3)
    assert (fork.parent_branch_id, fork.forked_from_turn, fork.user_turns) == ("main", 2, 2)
    assert (main.tokens.total_tokens, fork.tokens.total_tokens) == (45, 30)
    assert (main.is_current, fork.is_current) == (False, True)


async def test_deleting_all_or_none(talk: ConversationStore) -> None:
    for name in ("a", "b"):
        await talk.branch("talk", "main", turn=2, name=name, expected=(await talk.head()).branch_id)
    with pytest.raises(CurrentBranchError):
        await talk.delete_branches("talk", ["a", "b"])
    with pytest.raises(ProtectedBranchError):
        await talk.delete_branches("talk", ["a", "main"])
    with pytest.raises(BranchNotFoundError):
        await talk.delete_branches("talk", ["a", "x"])
    assert len(await talk.branches("talk")) == 3
    await talk.delete_branches("talk", ["a", "b"], force=True)
    assert await talk.session_head("talk") == Head("talk", "main", None)


async def test_a_recorded_turn_is_whole(talk: ConversationStore) -> None:
    assert await talk.record_turn("talk", "main", turn("four"), run(60)) == 4
    info = (await talk.turns("talk", "main"))[-1]
    assert (info.turn, info.text, info.model) == (4, "four", "m")
    assert info.tokens is not None
    assert info.tokens.total_tokens == 60
    assert texts(await talk.history("talk", "main"))[-2:] == ["four", "About four"]


async def test_a_turn_on_a_deleted_branch_is_refused(talk: ConversationStore) -> None:
    with pytest.raises(ConflictError, match="the branch 'gone'"):
        await talk.record_turn("talk", "gone", turn("x"), run())


async def test_a_shared_turn_shows_what_it_cost(talk: ConversationStore) -> None:
    await talk.branch("talk", "main", turn=2, name="fork", expected="main")
    (shared,) = await talk.turns("talk", "fork")
    assert shared.tokens is not None
    assert shared.tokens.total_tokens == 15


async def test_the_library_sees_what_the_store_did(talk: ConversationStore, path: Address) -> None:
    async with open_session(path) as session:
        assert [t["content"] for t in await session.get_conversation_turns()] == [
            "one",
            "two",
            "three",
        ]
    assert texts(await talk.session("talk").get_items(limit=1)) == ["About three"]


async def test_the_model_of_a_session_is_that_of_its_last_turn(talk: ConversationStore) -> None:
    assert (await talk.session_model("talk")).model == "m"
    assert (await talk.session_model("other")).model is None


async def test_where_one_stands_is_known_without_a_look_at_every_session(
    talk: ConversationStore, path: Address
) -> None:
    execute(
        path,
        "INSERT INTO agent_messages (session_id, message_data) VALUES"
        """ ('talk', '{"role": "user", "content": "plain"}')""",
    )
    placed = "SELECT count(*) FROM message_structure"
    before = rows(path, placed)
    assert (await talk.head()).session_id == "talk"
    assert rows(path, placed) == before
    assert (await talk.turns("talk", "main"))[-1].text == "plain"
