import os

import pytest

from convo import ConversationStore
from convo.errors import DamagedDatabaseError
from tests.core.addresses import Address, add_plain, execute, rows
from tests.core.talk import run, texts, turn, user

STRUCTURE = (
    "INSERT INTO message_structure (session_id, message_id, branch_id, message_type,"
    " sequence_number, user_turn_number, branch_turn_number) VALUES "
)
OF_FILES = {
    "structure without message": STRUCTURE + "('talk', 999, 'main', 'assistant', 99, 2, 2)",
    "message without session": "DELETE FROM agent_sessions",
}
BREAKS = {
    "sequence number repeated": "UPDATE message_structure SET sequence_number = 1 WHERE id = 2",
    "turns out of order": "UPDATE message_structure SET user_turn_number = 7 WHERE id = 3",
    "usage without turn": "INSERT INTO turn_usage (session_id, branch_id, user_turn_number,"
    " total_tokens) VALUES ('talk', 'main', 9, 50)",
    "current session missing": "UPDATE convo_head SET session_id = 'gone'",
    "current branch missing": "UPDATE convo_sessions SET branch_id = 'gone'",
    "branch name not reserved": "DELETE FROM branch_reservations",
    "removed row still there": "INSERT INTO convo_removed_rows (removed_id, id, message_id,"
    " message_type, sequence_number) VALUES (1, 2, 2, 'assistant', 2)",
    "removed row of nothing": "INSERT INTO convo_removed_rows (removed_id, id, message_id,"
    " message_type, sequence_number) VALUES (9, 99, 99, 'user', 99)",
    "eval result of nothing": "INSERT INTO convo_eval_results (eval_id, position, choice, attempt,"
    " case_name, digest, state) VALUES (9, 0, 'echo', 1, 'one', 'd', 'passed')",
}


@pytest.fixture
async def talk(store: ConversationStore) -> ConversationStore:
    await store.start_session("talk")
    for question in ("one", "two"):
        await store.record_turn("talk", "main", turn(question), run(15))
    await store.branch("talk", "main", turn=2, name="fork", expected="main")
    return store


async def test_a_sound_database(talk: ConversationStore) -> None:
    assert await talk.check() == []
    assert await talk.repair() == []
    assert texts(await talk.history("talk", "main")) == ["one", "About one", "two", "About two"]


@pytest.mark.parametrize("kind", BREAKS)
async def test_what_is_wrong_is_found_and_mended(
    talk: ConversationStore, path: Address, kind: str
) -> None:
    await mended(talk, path, kind)


@pytest.mark.sqlite_only("a server keeps to its foreign keys")
@pytest.mark.parametrize("kind", OF_FILES)
async def test_what_is_lost_is_found_and_mended(
    talk: ConversationStore, path: Address, kind: str
) -> None:
    await mended(talk, path, kind)


async def mended(talk: ConversationStore, path: Address, kind: str) -> None:
    execute(path, (BREAKS | OF_FILES)[kind])
    assert kind in {problem.kind for problem in await talk.check()}
    assert await talk.repair() == []
    assert await talk.check() == []
    assert rows(path, "SELECT count(*) FROM agent_messages") == [(4,)]
    assert texts(await talk.history("talk", "main")) == ["one", "About one", "two", "About two"]


async def test_plain_rows_are_adopted(talk: ConversationStore, path: Address) -> None:
    add_plain(path, "talk", user("three"))
    (problem,) = await talk.check()
    assert (problem.kind, problem.session_id) == ("message not adopted", "talk")
    assert await talk.repair() == []
    assert texts(await talk.history("talk", "main"))[-1] == "three"


async def test_rows_that_adoption_had_passed_by(talk: ConversationStore, path: Address) -> None:
    execute(path, "DELETE FROM message_structure WHERE message_id = 3")
    assert [problem.kind for problem in await talk.check()] == [
        "message not adopted",
        "turns out of order",
    ]
    assert await talk.repair() == []
    assert texts(await talk.history("talk", "main")) == ["one", "About one", "two", "About two"]


async def test_tokens_outlive_the_repair(talk: ConversationStore, path: Address) -> None:
    execute(path, BREAKS["usage without turn"])
    await talk.repair()
    assert (await talk.usage("talk"))[0].tokens.total_tokens == 80


@pytest.mark.sqlite_only("a server watches over its own files")
async def test_a_damaged_file_is_reported(talk: ConversationStore, path: Address) -> None:
    for number in range(40):
        await talk.record_turn("talk", "main", [user("x" * 2000 + str(number))], run())
    execute(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        # One of the last pages, which hold messages.
        file.seek(-4096 * 5, os.SEEK_END)
        file.write(b"\xff" * 4096)
    async with ConversationStore(path) as again:
        try:
            kinds = {problem.kind for problem in await again.check()}
        except DamagedDatabaseError:
            kinds = {"damaged file"}
    assert "damaged file" in kinds
