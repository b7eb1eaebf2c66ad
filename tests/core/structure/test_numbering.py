"""Numbers in a session of many branches, where not every branch is looked at for the next one."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from agents.extensions.memory import AdvancedSQLiteSession as Theirs

from convo import ConversationStore
from tests.core.addresses import Address, Session, execute, open_session, rows
from tests.core.better_than_sdk.counting import Steps, about
from tests.core.talk import turn

BRANCHES = 60


@pytest.fixture
async def wide(path: Address) -> AsyncIterator[Session]:
    """A session of many branches, on the last of them."""
    async with open_session(path, create_tables=True) as talk:
        await talk.add_items([*turn("one"), *turn("two")])
        await asyncio.gather(
            *(talk.create_branch_from_turn(2, f"b{number}") for number in range(BRANCHES))
        )
        await talk.switch_to_branch("main")
        yield talk


def numbers(path: Address) -> list[int]:
    return [
        number
        for (number,) in rows(path, "SELECT sequence_number FROM message_structure ORDER BY 1")
    ]


def noted(path: Address) -> list[tuple[int, ...]]:
    return rows(path, "SELECT sequence_number FROM convo_last_rows")


async def test_few_branches_need_no_note(session: Session, path: Address) -> None:
    await session.add_items(turn("one"))
    assert noted(path) == []


async def test_many_branches_are_not_all_looked_at(
    wide: Session, path: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = numbers(path)
    assert before == list(range(1, 5 + 2 * BRANCHES))
    await wide.close()
    steps = Steps(monkeypatch)
    async with open_session(path, create_tables=True) as talk:
        await talk.add_items(turn("three"))
        few = await steps.of(lambda: talk.add_items(turn("four")))
        for number in range(BRANCHES):
            await talk.create_branch_from_turn(2, f"c{number}")
            await talk.switch_to_branch("main")
        await talk.add_items(turn("five"))
        assert await steps.of(lambda: talk.add_items(turn("six"))) == about(few)
    assert numbers(path) == list(range(1, len(before) + 2 * BRANCHES + 9))


@pytest.mark.sqlite_only("the SDK's class with branches has files only")
async def test_what_others_wrote_since_counts(wide: Session, path: Address) -> None:
    theirs = Theirs(session_id="talk", db_path=path, create_tables=True)
    await theirs.create_branch_from_turn(2, "theirs")
    await wide.add_items(turn("three"))
    await theirs.add_items(turn("four"))
    await wide.add_items(turn("five"))
    theirs.close()
    assert numbers(path) == list(range(1, 5 + 2 * BRANCHES + 8))


async def test_names_that_others_used_since_are_reserved(wide: Session, path: Address) -> None:
    """An SDK that knows no reservations made a branch, beside many that are reserved."""
    execute(
        path,
        "INSERT INTO message_structure"
        " (session_id, message_id, branch_id, message_type, sequence_number)"
        " SELECT session_id, message_id, 'old', message_type, 1000 FROM message_structure LIMIT 1",
    )
    await wide.create_branch_from_turn(2, "after")
    reserved = rows(path, "SELECT branch_id FROM branch_reservations WHERE branch_id IN ('old')")
    assert reserved == [("old",)]


@pytest.mark.sqlite_only("a server has an index of the sequence numbers")
async def test_what_is_noted_has_its_names_reserved(wide: Session, path: Address) -> None:
    execute(path, "DELETE FROM convo_last_rows")
    execute(path, "DELETE FROM branch_reservations")
    await wide.add_items(turn("three"))
    assert len(rows(path, "SELECT * FROM branch_reservations")) == BRANCHES + 1


@pytest.mark.sqlite_only("the SDK's class with branches has files only")
async def test_what_is_gone_does_not_count(wide: Session, path: Address) -> None:
    await wide.add_items(turn("three"))
    expected = numbers(path)
    theirs = Theirs(session_id="talk", db_path=path, create_tables=True)
    await theirs.pop_item()
    theirs.close()
    await wide.add_items(turn("x")[1:])
    assert numbers(path) == expected


@pytest.mark.sqlite_only("the SDK's class with branches has files only")
async def test_a_clear_by_the_sdk_begins_again(wide: Session, path: Address) -> None:
    theirs = Theirs(session_id="talk", db_path=path, create_tables=True)
    await theirs.clear_session()
    theirs.close()
    await wide.add_items(turn("one"))
    assert numbers(path) == [1, 2]


async def test_what_comes_back_counts(wide: Session, path: Address) -> None:
    async with ConversationStore(path) as store:
        await store.delete_branches("talk", ["b3", f"b{BRANCHES - 1}"])
        await wide.add_items(turn("three"))
        await store.restore("talk")
        await wide.add_items(turn("four"))
        assert await store.check() == []


@pytest.mark.sqlite_only("a server keeps to its foreign keys")
async def test_plain_rows_between_number_the_branch_again(wide: Session, path: Address) -> None:
    await wide.add_items(turn("three"))
    await wide.switch_to_branch("b1")
    await wide.add_items(turn("beside"))
    execute(
        path,
        "INSERT INTO agent_messages (id, session_id, message_data) VALUES"
        """ (1000, 'talk', '{"role": "user", "content": "plain"}')""",
    )
    execute(path, "UPDATE message_structure SET message_id = 1001 WHERE message_id = 6")
    execute(path, "UPDATE agent_messages SET id = 1001 WHERE id = 6")
    await wide.add_items(turn("four"))
    async with ConversationStore(path) as store:
        assert await store.check() == []
