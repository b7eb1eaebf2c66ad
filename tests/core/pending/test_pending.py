import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from convo import ConversationStore
from convo.errors import ConflictError, DatabaseUnavailableError, NotWaitingError
from convo.pending.pending import AskedTurn, PendingTurn, Progress
from convo.records import Location, StoredTurn
from tests.core.addresses import Address, execute, rows
from tests.core.talk import run, texts, turn, user

_HOLD = """
import asyncio, sys, time
from convo import ConversationStore
from convo.errors import ConflictError, NotWaitingError
from convo.pending.pending import AskedTurn

async def main():
    async with ConversationStore(sys.argv[1], create=True) as store:
        asked = AskedTurn("talk", "main", [{"role": "user", "content": "two"}])
        pending_id = await store.begin_turn(asked)
        await store.save_answer("talk", pending_id, "It was a")
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


def holder(path: Address) -> "subprocess.Popen[bytes]":
    """A process that holds a turn, and does not end by itself."""
    child = subprocess.Popen([sys.executable, "-c", _HOLD, path], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"held\n"
    return child


async def failed(store: ConversationStore, question: AskedTurn) -> int:
    pending_id = await store.begin_turn(question)
    progress = Progress(answer="It was")
    await store.end_pending(
        question.session_id, pending_id, "failed", progress, message="no network"
    )
    return pending_id


async def waiting(store: ConversationStore, **where: Any) -> PendingTurn:
    found = await store.failed_turn("talk", "main", **where)
    assert found is not None
    return found


async def test_a_turn_that_is_asked_is_no_history(talk: ConversationStore) -> None:
    picture = {"type": "input_image", "image_url": "data:image/png;base64,AA=="}
    items = [user([{"type": "input_text", "text": "\ud800"}, picture])]
    pending_id = await talk.begin_turn(asked(items=items, options={"model": "m"}))
    await talk.save_answer("talk", pending_id, "It w\udc00s")
    found = await waiting(talk)
    assert (found.pending_id, found.turn, found.state, found.answer) == (
        pending_id,
        2,
        "running",
        "It w?s",
    )
    assert (found.asked.items, found.asked.options) == (items, {"model": "m"})
    assert texts(await talk.history("talk", "main")) == ["one", "About one"]
    assert await talk.last_turn("talk", "main") == 1


async def test_how_a_turn_ended(talk: ConversationStore) -> None:
    pending_id = await failed(talk, asked())
    found = await waiting(talk)
    assert (found.state, found.message, found.answer) == ("failed", "no network", "It was")
    assert await talk.waiting_turn(pending_id) == found
    with pytest.raises(NotWaitingError):
        await talk.waiting_turn(pending_id + 1)


async def test_a_killed_process_is_told_from_one_that_runs(path: Address) -> None:
    child = holder(path)
    async with ConversationStore(path) as store:
        assert (await waiting(store)).state == "running"
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
        found = await waiting(store)
    assert (found.state, found.answer, found.process.number) == ("killed", "It was a", child.pid)


async def test_a_process_of_another_machine_is_believed_for_an_hour(
    talk: ConversationStore, path: Address
) -> None:
    await talk.begin_turn(asked())
    execute(path, "UPDATE convo_held_turns SET host = 'elsewhere'")
    assert (await waiting(talk)).state == "running"
    long_ago = datetime.now(UTC) - timedelta(minutes=61)
    execute(path, "UPDATE convo_held_turns SET updated_at = ?", f"{long_ago:%Y-%m-%d %H:%M:%S}")
    assert (await waiting(talk)).state == "killed"


async def test_a_stored_turn_is_held_no_longer(talk: ConversationStore, path: Address) -> None:
    first = await failed(talk, asked())
    second = await failed(talk, asked(retries=first))
    pending_id = await talk.begin_turn(asked(retries=second))
    stored = await talk.store_turn(
        Location("talk", "main"), turn("two"), run(), pending_id=pending_id
    )
    assert stored == StoredTurn("talk", "main", 2)
    assert rows(path, "SELECT * FROM convo_held_turns") == []


async def test_a_turn_that_cannot_be_stored_is_held_on(talk: ConversationStore) -> None:
    pending_id = await talk.begin_turn(asked())
    with pytest.raises(ValueError, match="gone"):
        await talk.store_turn(Location("talk", "gone"), turn("two"), run(), pending_id=pending_id)
    assert (await waiting(talk)).pending_id == pending_id


async def test_a_failed_turn_waits_whatever_is_asked_since(talk: ConversationStore) -> None:
    pending_id = await failed(talk, asked())
    assert (await waiting(talk)).has_gone_on is False
    await talk.record_turn("talk", "main", turn("something else"), run())
    found = await waiting(talk)
    assert (found.pending_id, found.turn, found.has_gone_on) == (pending_id, 2, True)
    await talk.undo("talk", "main", 1)
    assert (await waiting(talk)).has_gone_on is False


async def test_a_turn_that_fails_after_another_was_stored_is_the_last(
    talk: ConversationStore,
) -> None:
    pending_id = await talk.begin_turn(asked())
    await talk.record_turn("talk", "main", turn("another shell's"), run())
    await talk.end_pending("talk", pending_id, "stopped", Progress())
    assert (await waiting(talk)).pending_id == pending_id


async def test_first_turns_are_found_whatever_is_stored(talk: ConversationStore) -> None:
    pending_id = await failed(talk, asked(session_id=None))
    assert await talk.failed_turn("talk", "main") is None
    await talk.record_turn("talk", "main", turn("something else"), run())
    assert (await waiting(talk, or_new=True)).pending_id == pending_id


async def test_every_question_waits_under_the_number_of_its_first_try(
    talk: ConversationStore,
) -> None:
    numbers = [await failed(talk, asked(str(count))) for count in range(30)]
    again = await talk.begin_turn(asked("0", retries=numbers[0]))
    await talk.end_pending("talk", again, "stopped", Progress())
    found = await talk.waiting_turns()
    assert [turn.number for turn in found] == numbers
    assert await talk.count_waiting() == 30
    # Nothing arrived the second time: what had arrived the first time is still there.
    assert (found[0].state, found[0].answer) == ("stopped", "It was")
    assert (
        await talk.waiting_turn(numbers[0])
        == await talk.waiting_turn(found[0].pending_id)
        == found[0]
    )


async def test_a_question_that_is_answered_by_another_is_not_asked(talk: ConversationStore) -> None:
    number = await failed(talk, asked())
    pending_id = await talk.begin_turn(asked(retries=number))
    assert await talk.count_waiting() == 0
    for refused in (talk.begin_turn(asked(retries=number)), talk.drop_pending([number])):
        with pytest.raises(ConflictError, match="turn 2 is still being answered by process"):
            await refused
    await talk.store_turn(Location("talk", "main"), turn("two"), run(), pending_id=pending_id)
    with pytest.raises(NotWaitingError, match=f"no prompt {number} waits to be asked again"):
        await talk.begin_turn(asked(retries=number))


async def test_questions_are_dropped_all_or_none(talk: ConversationStore) -> None:
    first, second = await failed(talk, asked("a")), await failed(talk, asked("b"))
    with pytest.raises(NotWaitingError) as raised:
        await talk.drop_pending([first, 99])
    assert raised.value.hint == f"{first}, {second} do"
    assert [turn.number for turn in await talk.drop_pending([first])] == [first]
    running = await talk.begin_turn(asked("c"))
    assert [turn.number for turn in await talk.drop_pending(None)] == [second]
    assert [turn.number for turn in await talk.waiting_turns()] == [running]


async def test_held_turns_go_with_their_session(talk: ConversationStore, path: Address) -> None:
    await failed(talk, asked())
    await talk.rename_session("talk", "chat")
    assert (await talk.failed_turn("chat", "main")) is not None
    await talk.delete_session("chat")
    assert (await talk.waiting_turns(), await talk.count_waiting()) == ([], 0)
    await talk.restore_session("chat")
    assert await talk.count_waiting() == 1
    await talk.delete_session("chat")
    await talk.purge_removed()
    assert rows(path, "SELECT * FROM convo_held_turns") == []


@pytest.mark.parametrize(
    "odd", ["question = '[5]'", "question = '[]'", "question = 'x'", "options = '{'"]
)
async def test_an_odd_row_is_no_turn(talk: ConversationStore, odd: str, path: Address) -> None:
    await left_out(talk, odd, path)


@pytest.mark.sqlite_only("any column of a file may hold any type")
@pytest.mark.parametrize("odd", ["session_id = x'00'", "branch_id = x'00'", "turn = 'x'"])
async def test_a_row_of_odd_types_is_no_turn(
    talk: ConversationStore, odd: str, path: Address
) -> None:
    await left_out(talk, odd, path)


async def left_out(talk: ConversationStore, odd: str, path: Address) -> None:
    await failed(talk, asked("odd"))
    execute(path, f"UPDATE convo_held_turns SET {odd}")
    number = await failed(talk, asked("three"))
    assert [turn.number for turn in await talk.waiting_turns()] == [number]
    assert [turn.number for turn in await talk.drop_pending(None)] == [number]


async def test_every_write_of_a_turn_names_its_session(
    talk: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    named: list[str | None] = []
    kind = type(talk._opened())
    write = kind.write

    async def noted(storage: Any, session_id: str | None, work: Any, **how: Any) -> Any:
        named.append(session_id)
        return await write(storage, session_id, work, **how)

    monkeypatch.setattr(kind, "write", noted)
    pending_id = await talk.begin_turn(asked())
    await talk.save_answer("talk", pending_id, "It")
    await talk.save_progress("talk", pending_id, Progress(answer="It was"))
    await talk.end_pending("talk", pending_id, "failed", Progress(answer="It was"))
    await talk.store_turn(Location("talk"), turn("two"), run(), pending_id=pending_id)
    assert named == ["talk"] * 5


@pytest.mark.sqlite_only("any column of a file may hold any type")
async def test_odd_values_of_a_row_are_none(talk: ConversationStore, path: Address) -> None:
    await failed(talk, asked())
    odd = "options = '5', answer = x'00', message = x'00', items = '5', running = '[5]'"
    execute(path, f"UPDATE convo_held_turns SET {odd}, created_at = 'now'")
    found = await waiting(talk)
    assert (found.asked.options, found.answer, found.message, found.items) == ({}, "", None, [])
    assert (found.running, found.created_at) == ([], "")


async def test_an_end_that_could_not_be_saved_is_saved_later(
    talk: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a server is away for longer than is waited for: the turn must not seem to go on."""
    pending_id = await talk.begin_turn(asked())
    write = talk._write

    async def refused(*_: Any, **__: Any) -> None:
        raise DatabaseUnavailableError("the server has gone away")

    monkeypatch.setattr(talk, "_write", refused)
    with pytest.raises(DatabaseUnavailableError):
        await talk.end_pending("talk", pending_id, "not stored", Progress(answer="It was"))
    assert (await talk.waiting_turn(pending_id)).state == "running"
    monkeypatch.setattr(talk, "_write", write)
    assert await talk.count_waiting() == 1
    waits = await talk.waiting_turn(pending_id)
    assert (waits.state, waits.answer) == ("not stored", "It was")
