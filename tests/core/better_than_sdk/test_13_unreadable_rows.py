"""Row 13: a row that cannot be read is left out and named in the log once; the rest is read."""

import logging
import sqlite3
from pathlib import Path

import pytest

from tests.core.addresses import execute, rows
from tests.core.better_than_sdk.openers import OpenOurs, OpenTheirs
from tests.core.talk import texts, turn, user

NOT_UTF8 = b'{"role": "user", "content": "\xff\xfe"}'
NESTED = b"[" * 100_000 + b"]" * 100_000
DAMAGE = [
    pytest.param(NOT_UTF8, sqlite3.OperationalError, id="invalid UTF-8"),
    pytest.param(NESTED, RecursionError, id="nested 100,000 deep"),
]
"""What a row holds, and what comes of it in the SDK's class."""

ALSO_UNREADABLE = [b"", b"{", b"\x00\x01", b'{"role": "user", "content": "cut of', b"nothing"]


def damage(path: Path, message_id: int, data: bytes) -> None:
    execute(
        path,
        "UPDATE agent_messages SET message_data = CAST(? AS TEXT) WHERE id = ?",
        data,
        message_id,
    )


@pytest.mark.parametrize(("data", "error"), DAMAGE)
async def test_the_other_rows_are_read(
    theirs: OpenTheirs,
    ours: OpenOurs,
    their_path: Path,
    path: Path,
    data: bytes,
    error: type[Exception],
) -> None:
    for session, file in ((theirs(), their_path), (ours(), path)):
        await session.add_items(turn("a") + turn("b"))
        damage(file, 3, data)

    blocked = theirs()
    for read in (
        blocked.get_items,
        lambda: blocked.get_items(limit=3),
        lambda: blocked.get_items(-1),
    ):
        with pytest.raises(error):
            await read()

    session = ours()
    left = ["a", "About a", "About b"]
    assert texts(await session.get_items()) == left
    assert texts(await session.get_items(limit=2)) == left[1:]
    assert texts(await session.get_items(limit=-1)) == left


@pytest.mark.parametrize(("data", "error"), DAMAGE)
async def test_the_newest_readable_row_is_popped(
    theirs: OpenTheirs,
    ours: OpenOurs,
    their_path: Path,
    path: Path,
    data: bytes,
    error: type[Exception],
) -> None:
    for session, file in ((theirs(), their_path), (ours(), path)):
        await session.add_items([*turn("a"), user("b")])
        damage(file, 3, data)

    with pytest.raises(error):
        await theirs().pop_item()

    session = ours()
    assert await session.pop_item() == turn("a")[1]
    assert rows(path, "SELECT count(*) FROM agent_messages") == [(1,)]
    assert texts(await session.get_items()) == ["a"]


@pytest.mark.parametrize(("data", "error"), DAMAGE)
async def test_turns_are_listed_and_searched_around_a_question_that_cannot_be_read(
    theirs: OpenTheirs,
    ours: OpenOurs,
    their_path: Path,
    path: Path,
    data: bytes,
    error: type[Exception],
) -> None:
    for session, file in ((theirs(), their_path), (ours(), path)):
        await session.add_items(turn("a") + turn("b") + turn("c"))
        damage(file, 3, data)

    with pytest.raises(error):
        await theirs().get_conversation_turns()

    session = ours()
    listed = [(t["turn"], t["content"]) for t in await session.get_conversation_turns()]
    assert listed == [(1, "a"), (3, "c")]
    assert [t["turn"] for t in await session.find_turns_by_content("")] == [1, 3]
    assert await session.create_branch_from_content("c", "fork") == "fork"
    assert texts(await session.get_items()) == ["a", "About a", "About b"]


@pytest.mark.parametrize("data", ALSO_UNREADABLE)
async def test_what_the_sdk_can_leave_out_is_left_out_too(
    ours: OpenOurs, path: Path, data: bytes
) -> None:
    """Rows that are no JSON do not trouble the SDK's class either."""
    session = ours()
    await session.add_items(turn("a") + turn("b"))
    damage(path, 4, data)
    assert texts(await session.get_items()) == ["a", "About a", "b"]
    assert texts(await session.get_items(limit=2)) == ["About a", "b"]
    assert await session.pop_item() == user("b")


@pytest.mark.parametrize("data", [NOT_UTF8, NESTED], ids=["invalid UTF-8", "nested"])
async def test_the_row_is_named_in_the_log_once(
    ours: OpenOurs, path: Path, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """The SDK's class fails without saying which row it was, as the tests above show."""
    session = ours()
    await session.add_items(turn("a") + turn("b") + turn("c"))
    damage(path, 3, data)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            await session.get_items()
            await session.get_items(limit=5)
            await session.get_conversation_turns()
            await session.find_turns_by_content("c")
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "message 3 cannot be read and is left out" in record.getMessage()


@pytest.mark.sqlite_only("a server stores no text that is not UTF-8")
async def test_what_cannot_be_read_is_still_there(ours: OpenOurs, path: Path) -> None:
    """Leaving out is not deleting: only a pop takes such a row away."""
    session = ours()
    await session.add_items(turn("a") + turn("b"))
    damage(path, 1, NOT_UTF8)
    await session.get_items()
    await session.create_branch_from_turn(2, "fork")
    await session.delete_branch("fork", force=True)
    held = rows(path, "SELECT CAST(message_data AS BLOB) FROM agent_messages WHERE id = 1")
    assert held == [(NOT_UTF8,)]


@pytest.mark.sqlite_only("a server stores no text that is not UTF-8")
async def test_a_plain_row_that_cannot_be_read_does_not_keep_others_from_their_place(
    theirs: OpenTheirs, ours: OpenOurs, their_path: Path
) -> None:
    session = theirs()
    await session.add_items(turn("a"))
    insert = (
        "INSERT INTO agent_messages (session_id, message_data) VALUES ('talk', CAST(? AS TEXT))"
    )
    for data in (NOT_UTF8, b'{"role": "user", "content": "plain"}'):
        execute(their_path, insert, data)
    assert texts(await session.get_items()) == ["a", "About a"]
    assert texts(await ours(db_path=their_path).get_items()) == ["a", "About a", "plain"]
