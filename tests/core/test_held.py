import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from convo import ConversationStore
from convo.held import KEPT, AskedTurn, HeldTurn
from convo.records import StoredTurn, TurnPlace
from tests.core.talk import execute, rows, run, texts, turn, user

_HOLD = """
import asyncio, sys, time
from convo import ConversationStore
from convo.held import AskedTurn

async def main():
    async with ConversationStore(sys.argv[1], create=True) as store:
        asked = AskedTurn("talk", "main", [{"role": "user", "content": "two"}])
        held_id = await store.hold_turn(asked)
        await store.save_answer(held_id, "It was a")
        print("held", flush=True)
        time.sleep(600)

asyncio.run(main())
"""


@pytest.fixture
async def talk(store: ConversationStore) -> ConversationStore:
    await store.start_session("talk")
    await store.record_turn("talk", "main", turn("one"), run())
    return store


def asked(text: str = "two", **more: Any) -> AskedTurn:
    return AskedTurn("talk", "main", [user(text)])._replace(**more)


def holder(path: Path) -> "subprocess.Popen[bytes]":
    """A process that holds a turn, and does not end by itself."""
    child = subprocess.Popen([sys.executable, "-c", _HOLD, path], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"held\n"
    return child


async def failed(store: ConversationStore, question: AskedTurn) -> int:
    held_id = await store.hold_turn(question)
    await store.end_held(held_id, "failed", "It was", message="no network")
    return held_id


async def waiting(store: ConversationStore, **where: Any) -> HeldTurn:
    found = await store.failed_turn("talk", "main", **where)
    assert found is not None
    return found


async def test_a_turn_that_is_asked_is_no_history(talk: ConversationStore) -> None:
    picture = {"type": "input_image", "image_url": "data:image/png;base64,AA=="}
    items = [user([{"type": "input_text", "text": "\ud800"}, picture])]
    held_id = await talk.hold_turn(asked(items=items, options={"model": "m"}))
    await talk.save_answer(held_id, "It w\udc00s")
    found = await waiting(talk)
    assert (found.held_id, found.turn, found.state, found.answer) == (
        held_id,
        2,
        "running",
        "It w?s",
    )
    assert (found.asked.items, found.asked.options) == (items, {"model": "m"})
    assert texts(await talk.history("talk", "main")) == ["one", "About one"]
    assert await talk.last_turn("talk", "main") == 1


async def test_how_a_turn_ended(talk: ConversationStore) -> None:
    held_id = await failed(talk, asked())
    found = await waiting(talk)
    assert (found.state, found.message, found.answer) == ("failed", "no network", "It was")
    assert await talk.held_turn(held_id) == found
    assert await talk.held_turn(held_id + 1) is None


async def test_a_killed_process_is_told_from_one_that_runs(path: Path) -> None:
    child = holder(path)
    async with ConversationStore(path) as store:
        assert (await waiting(store)).state == "running"
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
        found = await waiting(store)
    assert (found.state, found.answer, found.process.number) == ("killed", "It was a", child.pid)


async def test_a_process_of_another_machine_is_believed_for_an_hour(
    talk: ConversationStore, path: Path
) -> None:
    await talk.hold_turn(asked())
    execute(path, "UPDATE convo_held_turns SET host = 'elsewhere'")
    assert (await waiting(talk)).state == "running"
    execute(path, "UPDATE convo_held_turns SET updated_at = datetime('now', '-61 minutes')")
    assert (await waiting(talk)).state == "killed"


async def test_a_stored_turn_is_held_no_longer(talk: ConversationStore) -> None:
    first = await failed(talk, asked())
    second = await failed(talk, asked(retries=first))
    held_id = await talk.hold_turn(asked(retries=second))
    stored = await talk.store_turn(TurnPlace("talk", "main"), turn("two"), run(), held_id=held_id)
    assert stored == StoredTurn("talk", "main", 2)
    assert rows(Path(talk.path), "SELECT * FROM convo_held_turns") == []


async def test_a_turn_that_cannot_be_stored_is_held_on(talk: ConversationStore) -> None:
    held_id = await talk.hold_turn(asked())
    with pytest.raises(ValueError, match="gone"):
        await talk.store_turn(TurnPlace("talk", "gone"), turn("two"), run(), held_id=held_id)
    assert (await waiting(talk)).held_id == held_id


async def test_a_later_turn_takes_the_place_of_a_failed_one(talk: ConversationStore) -> None:
    await failed(talk, asked())
    await talk.record_turn("talk", "main", turn("something else"), run())
    assert await talk.failed_turn("talk", "main") is None
    await talk.session("talk").pop_item()
    await talk.session("talk").pop_item()
    assert await talk.failed_turn("talk", "main") is None


async def test_a_turn_that_fails_after_another_was_stored_is_the_last(
    talk: ConversationStore,
) -> None:
    held_id = await talk.hold_turn(asked())
    await talk.record_turn("talk", "main", turn("another shell's"), run())
    await talk.end_held(held_id, "stopped", "")
    assert (await waiting(talk)).held_id == held_id


async def test_first_turns_are_found_until_something_is_stored(talk: ConversationStore) -> None:
    execute(Path(talk.path), "UPDATE agent_sessions SET updated_at = '2020-01-01 00:00:00'")
    held_id = await failed(talk, asked(session_id=None))
    assert await talk.failed_turn("talk", "main") is None
    assert (await waiting(talk, or_new=True)).held_id == held_id
    execute(Path(talk.path), "UPDATE agent_sessions SET updated_at = '2999-01-01 00:00:00'")
    assert await talk.failed_turn("talk", "main", or_new=True) is None


async def test_the_newest_are_kept(talk: ConversationStore) -> None:
    ids = [await talk.hold_turn(asked(str(number))) for number in range(KEPT + 2)]
    other = await talk.hold_turn(asked(session_id=None))
    kept = rows(Path(talk.path), "SELECT id FROM convo_held_turns ORDER BY id")
    assert [row[0] for row in kept] == [*ids[2:], other]


async def test_held_turns_go_with_their_session(talk: ConversationStore) -> None:
    await failed(talk, asked())
    await talk.rename_session("talk", "chat")
    assert (await talk.failed_turn("chat", "main")) is not None
    await talk.delete_session("chat")
    assert rows(Path(talk.path), "SELECT * FROM convo_held_turns") == []
