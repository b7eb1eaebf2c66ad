"""Row 1: what the SDK's plain session wrote is there, in its place, and is never swept away."""

from pathlib import Path
from typing import Any

import pytest
from agents.memory import SQLiteSession

from tests.core.addresses import Address, add_plain, execute, is_server, rows
from tests.core.better_than_sdk.openers import AnySession, OpenOurs, OpenTheirs
from tests.core.talk import assistant, result, texts, turn, user


def stored(path: Path) -> int:
    return rows(path, "SELECT count(*) FROM agent_messages")[0][0]


async def write_plain(path: Address, items: list[Any]) -> None:
    if is_server(path):
        add_plain(path, "talk", *items)
        return
    plain = SQLiteSession("talk", path)
    await plain.add_items(items)
    plain.close()


async def asked(session: AnySession) -> dict[str, int]:
    """What was asked in which turn."""
    return {turn["content"]: turn["turn"] for turn in await session.get_conversation_turns()}


async def test_the_history_of_a_plain_file_is_shown(
    theirs: OpenTheirs, ours: OpenOurs, their_path: Path, path: Path
) -> None:
    for file in (their_path, path):
        await write_plain(file, turn("a") + turn("b"))

    blind = theirs()
    assert await blind.get_items() == []
    assert await blind.get_conversation_turns() == []

    session = ours()
    assert await session.get_items() == turn("a") + turn("b")
    assert await asked(session) == {"a": 1, "b": 2}
    assert [branch["message_count"] for branch in await session.list_branches()] == [4]


async def test_a_pop_takes_one_item_of_a_plain_file(
    theirs: OpenTheirs, ours: OpenOurs, their_path: Path, path: Path
) -> None:
    for file in (their_path, path):
        await write_plain(file, turn("a") + turn("b"))

    sweeping = theirs()
    await sweeping.add_items([user("c")])
    assert await sweeping.pop_item() == user("c")
    assert stored(their_path) == 0

    session = ours()
    await session.add_items([user("c")])
    assert await session.pop_item() == user("c")
    assert await session.pop_item() == assistant("About b")
    assert texts(await session.get_items()) == ["a", "About a", "b"]
    assert stored(path) == 3


async def test_deleting_a_branch_leaves_plain_rows_alone(
    theirs: OpenTheirs, ours: OpenOurs, their_path: Path, path: Path
) -> None:
    async def fork_and_delete(session: AnySession) -> None:
        await session.add_items(turn("own"))
        await session.create_branch_from_turn((await asked(session))["own"], "fork")
        await session.add_items(turn("forked"))
        await session.delete_branch("fork", force=True)

    for file in (their_path, path):
        await write_plain(file, turn("plain"))

    await fork_and_delete(theirs())
    assert stored(their_path) == 2

    session = ours()
    await fork_and_delete(session)
    assert stored(path) == 4
    assert await session.get_items() == turn("plain") + turn("own")


async def test_plain_rows_before_between_and_after_others(
    theirs: OpenTheirs, ours: OpenOurs, their_path: Path, path: Path
) -> None:
    async def write_in_turn(session: AnySession, file: Path) -> None:
        await write_plain(file, turn("1"))
        await session.add_items(turn("2"))
        await write_plain(file, [assistant("more"), user("3")])
        await session.add_items(turn("4"))
        await write_plain(file, turn("5"))

    blind = theirs()
    await write_in_turn(blind, their_path)
    assert texts(await blind.get_items()) == ["2", "About 2", "4", "About 4"]
    await blind.pop_item()
    assert stored(their_path) == 3

    session = ours()
    await write_in_turn(session, path)
    said = ["1", "About 1", "2", "About 2", "more", "3", "4", "About 4", "5", "About 5"]
    assert texts(await session.get_items()) == said
    assert await asked(session) == {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5}
    by_turn = await session.get_conversation_by_turns()
    assert {number: len(items) for number, items in by_turn.items()} == {
        1: 2,
        2: 3,
        3: 1,
        4: 2,
        5: 2,
    }
    assert await session.pop_item() == assistant("About 5")
    assert stored(path) == len(said) - 1


async def test_usage_follows_its_turn_when_plain_rows_move_it(
    theirs: OpenTheirs, ours: OpenOurs, their_path: Path, path: Path
) -> None:
    async def ask(session: AnySession, file: Path) -> tuple[dict[str, int], list[tuple[int, int]]]:
        await session.add_items(turn("first"))
        await write_plain(file, turn("plain"))
        await session.add_items(turn("last"))
        await session.store_run_usage(result(110))
        usage = await session.get_turn_usage()
        return await asked(session), [(u["user_turn_number"], u["total_tokens"]) for u in usage]

    assert await ask(theirs(), their_path) == ({"first": 1, "last": 2}, [(2, 110)])
    assert await ask(ours(), path) == ({"first": 1, "plain": 2, "last": 3}, [(3, 110)])


async def test_usage_of_the_sdk_follows_its_turn_when_plain_rows_move_it(
    theirs: OpenTheirs, ours: OpenOurs, their_path: Path
) -> None:
    """On one file: the SDK numbers a turn without the plain ones before it, which we count."""
    session = theirs()
    await write_plain(their_path, turn("plain"))
    await session.add_items(turn("asked"))
    await session.store_run_usage(result(110))
    assert await asked(session) == {"asked": 1}

    mending = ours(db_path=their_path)
    assert await asked(mending) == {"plain": 1, "asked": 2}
    assert await mending.get_turn_usage(1) == {}
    assert (await mending.get_turn_usage(2))["total_tokens"] == 110


async def test_a_branch_made_before_plain_rows_came_keeps_its_turns(
    theirs: OpenTheirs, ours: OpenOurs, their_path: Path, path: Path
) -> None:
    async def fork(session: AnySession, file: Path) -> None:
        await session.add_items(turn("a") + turn("b"))
        await session.create_branch_from_turn(2, "fork")
        await write_plain(file, turn("plain"))
        await session.add_items(turn("forked"))

    sweeping = theirs()
    await fork(sweeping, their_path)
    await sweeping.pop_item()
    assert stored(their_path) == 5

    session = ours()
    await fork(session, path)
    assert await session.get_items() == turn("a") + turn("forked")
    assert await session.get_items(branch_id="main") == turn("a") + turn("b") + turn("plain")
    await session.pop_item()
    assert stored(path) == 7


@pytest.mark.parametrize("change", ["pop", "delete"])
async def test_nothing_is_deleted_because_nothing_refers_to_it(
    theirs: OpenTheirs, ours: OpenOurs, their_path: Path, path: Path, change: str
) -> None:
    """A structure row that is lost, whoever lost it, does not take its message along."""

    async def delete(session: AnySession, file: Path) -> None:
        await session.add_items(turn("a") + turn("b"))
        await session.create_branch_from_turn(2, "fork")
        await session.add_items([user("c")])
        execute(file, "DELETE FROM message_structure WHERE branch_id = 'main' AND message_id = 4")
        if change == "pop":
            await session.pop_item()
        else:
            await session.delete_branch("fork", force=True)

    await delete(theirs(), their_path)
    assert stored(their_path) == 3
    await delete(ours(), path)
    assert stored(path) == 4
