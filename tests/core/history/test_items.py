import asyncio

import pytest

from convo.errors import BranchDeletedError, SessionClosedError
from tests.core.addresses import Address, Session, execute, open_session, rows
from tests.core.talk import assistant, call, output, texts, turn, user


async def test_items_come_back_in_order(session: Session) -> None:
    items = [user("a"), call("tool"), output("tool"), assistant("b"), user("c")]
    await session.add_items(items)
    assert await session.get_items() == items


async def test_text_of_every_kind_round_trips(session: Session) -> None:
    items = [user("nul \0, lone \ud800, emoji \U0001f600, é"), user([{"text": "\x1b[31m"}])]
    await session.add_items(items)
    assert await session.get_items() == items


async def test_each_user_message_begins_a_turn(session: Session, path: Address) -> None:
    await session.add_items([assistant("before"), user("1"), assistant("x"), user("2")])
    await session.add_items([assistant("y")])
    assert rows(
        path,
        "SELECT sequence_number, user_turn_number, branch_turn_number, message_type"
        " FROM message_structure ORDER BY id",
    ) == [
        (1, 0, 0, "assistant"),
        (2, 1, 1, "user"),
        (3, 1, 1, "assistant"),
        (4, 2, 2, "user"),
        (5, 2, 2, "assistant"),
    ]


async def test_what_is_stored_is_ascii(session: Session, path: Address) -> None:
    await session.add_items([user("é")])
    assert rows(path, "SELECT message_data FROM agent_messages") == [
        ('{"role": "user", "content": "\\u00e9"}',)
    ]


async def test_an_item_that_is_no_json_stores_nothing(session: Session) -> None:
    with pytest.raises(TypeError, match="item 2 cannot be stored as JSON"):
        await session.add_items([user("fine"), user(object())])
    assert await session.get_items() == []


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(None, "abcd"), (-1, "abcd"), (0, ""), (1, "d"), (3, "bcd"), (99, "abcd")],
)
async def test_limits(session: Session, limit: int | None, expected: str) -> None:
    await session.add_items([user(letter) for letter in "abcd"])
    assert "".join(texts(await session.get_items(limit))) == expected


async def test_the_settings_hold_the_default_limit(path: Address) -> None:
    async with open_session(
        path, "s", create_tables=True, session_settings={"limit": 2}
    ) as session:
        await session.add_items([user(letter) for letter in "abc"])
        assert texts(await session.get_items()) == ["b", "c"]
        assert texts(await session.get_items(limit=-1)) == ["a", "b", "c"]
        assert session.session_settings.limit == 2


async def test_a_limit_counts_readable_items(session: Session, path: Address) -> None:
    await session.add_items([user(letter) for letter in "abcde"])
    execute(path, "UPDATE agent_messages SET message_data = '{' WHERE id IN (4, 5)")
    assert texts(await session.get_items(2)) == ["b", "c"]


@pytest.mark.parametrize("data", ["{", b"\xff\xfe", "[" * 100_000, "", 'NaN"'])
async def test_an_unreadable_row_is_left_out(
    session: Session, path: Address, data: str | bytes
) -> None:
    await session.add_items([user("a"), user("b"), user("c")])
    execute(path, "UPDATE agent_messages SET message_data = CAST(? AS TEXT) WHERE id = 2", data)
    assert texts(await session.get_items()) == ["a", "c"]
    assert [turn["content"] for turn in await session.get_conversation_turns()] == ["a", "c"]


async def test_pop_takes_the_newest(session: Session) -> None:
    await session.add_items(turn("a"))
    assert await session.pop_item() == assistant("About a")
    assert await session.pop_item() == user("a")
    assert await session.pop_item() is None


async def test_pop_removes_unreadable_rows_on_its_way(session: Session, path: Address) -> None:
    await session.add_items([user("a"), user("b")])
    execute(path, "UPDATE agent_messages SET message_data = '{' WHERE id = 2")
    assert await session.pop_item() == user("a")
    assert rows(path, "SELECT count(*) FROM agent_messages") == [(0,)]


async def test_pop_leaves_what_another_branch_shows(session: Session) -> None:
    await session.add_items(turn("a") + turn("b"))
    await session.create_branch_from_turn(2, "fork")
    assert await session.pop_item() == assistant("About a")
    assert texts(await session.get_items()) == ["a"]
    assert texts(await session.get_items(branch_id="main"))[:2] == ["a", "About a"]


async def test_clear_starts_over(session: Session, path: Address) -> None:
    await session.add_items(turn("a") + turn("b"))
    await session.create_branch_from_turn(2, "fork")
    await session.clear_session()
    assert await session.get_items() == []
    assert await session.get_items(branch_id="fork") == []
    await session.add_items(turn("again"))
    assert [t["turn"] for t in await session.get_conversation_turns()] == [1]
    assert rows(path, "SELECT generation FROM session_clear_generations") == [(1,)]
    with pytest.raises(ValueError, match="has already been used"):
        await session.create_branch_from_turn(1, "fork")


async def test_a_clear_elsewhere_sends_a_session_to_main(session: Session, path: Address) -> None:
    await session.add_items(turn("a") + turn("b"))
    await session.create_branch_from_turn(2, "fork")
    async with open_session(path) as other:
        await other.clear_session()
    await session.add_items([user("new")])
    assert rows(path, "SELECT branch_id FROM message_structure") == [("main",)]


async def test_writing_to_a_branch_that_was_deleted_elsewhere(
    session: Session, path: Address
) -> None:
    await session.add_items(turn("a") + turn("b"))
    await session.create_branch_from_turn(2, "fork")
    async with open_session(path) as other:
        await other.delete_branch("fork")
    with pytest.raises(BranchDeletedError, match="'fork' of session 'talk' has been deleted"):
        await session.add_items([user("lost?")])
    assert rows(path, "SELECT count(*) FROM agent_messages") == [(4,)]


async def test_a_closed_session_refuses_everything(path: Address) -> None:
    session = open_session(path, "s", create_tables=True)
    await session.add_items([user("a")])
    await session.close()
    await session.close()
    for attempt in (session.add_items([]), session.get_items(), session.pop_item()):
        with pytest.raises(SessionClosedError):
            await attempt


async def test_appends_at_once_share_no_number(session: Session, path: Address) -> None:
    await asyncio.gather(*(session.add_items(turn(str(n))) for n in range(50)))
    assert rows(
        path,
        "SELECT count(*), count(DISTINCT sequence_number), max(sequence_number),"
        " max(user_turn_number) FROM message_structure",
    ) == [(100, 100, 100, 50)]


async def test_a_cancelled_append_is_whole_or_not_there(session: Session) -> None:
    await session.get_items()
    task = asyncio.create_task(session.add_items(turn("a")))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert texts(await session.get_items()) in ([], ["a", "About a"])
    await session.add_items(turn("b"))
    assert texts(await session.get_items())[-2:] == ["b", "About b"]
