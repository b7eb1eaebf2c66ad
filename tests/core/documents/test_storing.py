"""What becomes of a document: a new session, more of a known one, or an error and nothing."""

import io
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convo import ConversationStore
from convo.documents.parsing import DocumentError
from convo.errors import ConvoError
from tests.core.documents.test_round_trip import document, lines
from tests.core.talk import run, turn

ODD = [
    b'{"role":"user","content":"no spaces"}',
    b'{"role": "user", "role": "user", "content": "twice"}',
    b'{"role": "user", "content": 1.0e2}',
    b"no JSON",
    b'{"role": "user", "content": "\xff"}',
    '{"role": "user", "content": "é"}'.encode(),
]


@pytest.fixture
async def other() -> AsyncIterator[ConversationStore]:
    async with ConversationStore(":memory:") as opened:
        yield opened


@pytest.fixture
async def trip(store: ConversationStore) -> ConversationStore:
    """Session `trip`: two turns on main, and one of its own on `side`, which is current."""
    await store.start_session("trip")
    await store.record_turn("trip", "main", turn("one"), run(30))
    await store.record_turn("trip", "main", turn("two"), run(60))
    await store.branch("trip", "main", turn=2, name="side", expected="main")
    await store.record_turn("trip", "side", turn("three"), run(90))
    return store


async def put(store: ConversationStore, data: bytes, **options: Any) -> Any:
    return await store.store_document(io.BytesIO(data), **options)


@pytest.mark.sqlite_only("a server stores no text that is not UTF-8")
async def test_messages_keep_every_byte(
    path: Path, store: ConversationStore, other: ConversationStore
) -> None:
    await store.start_session("s")
    with sqlite3.connect(path) as file:
        file.executemany(
            "INSERT INTO agent_messages (session_id, message_data) VALUES ('s', CAST(? AS TEXT))",
            [(data,) for data in ODD],
        )
    file.close()
    written = await document(store, "s")
    await put(other, written)
    assert await document(other, "s") == written
    assert written.count(b'"item"') == 0
    assert json.loads(written)["messages"][4]["data"].keys() == {"base64"}


async def test_a_taken_name_gets_a_number(
    trip: ConversationStore, other: ConversationStore
) -> None:
    await other.start_session("trip")
    await other.record_turn("trip", "main", turn("other"), run())
    data = await document(trip, "trip")
    stored = await put(other, data)
    assert (stored.session_id, stored.outcome, stored.turns) == ("trip-2", "new", 3)
    assert (await put(other, data)).outcome == "unchanged"
    await other.rename_session("trip-2", "mine")
    assert (await put(other, data + b" ")).session_id == "mine"
    assert (await put(other, data, prefix="x-")).session_id == "mine"


async def test_the_head_comes_along_and_moves_nobody_elses(
    trip: ConversationStore, other: ConversationStore
) -> None:
    data = await document(trip, "trip")
    await put(other, data)
    assert (await other.head())[:2] == ("trip", "side")
    await other.start_session("mine")
    await trip.rename_session("trip", "tour")
    await trip.record_turn("tour", "side", turn("four"), run())
    grown = await put(other, await document(trip, "tour"))
    assert (grown.session_id, grown.outcome, grown.turns) == ("trip", "grown", 1)
    assert (await other.head()).session_id == "mine"


async def test_its_own_session_is_known_by_a_new_name(trip: ConversationStore) -> None:
    data = await document(trip, "trip")
    await trip.rename_session("trip", "tour")
    stored = await put(trip, data)
    assert (stored.session_id, stored.outcome) == ("tour", "unchanged")


async def test_both_have_gone_on(trip: ConversationStore, other: ConversationStore) -> None:
    await put(other, await document(trip, "trip"))
    await trip.record_turn("trip", "side", turn("there"), run())
    await other.record_turn("trip", "side", turn("here"), run())
    grown = await put(other, await document(trip, "trip"))
    assert (grown.outcome, grown.branches) == ("grown", ("side-2",))
    found = {info.branch_id: info for info in await other.branches("trip")}
    assert found.keys() == {"main", "side", "side-2"}
    both = await lines(other, "trip")
    assert both["side"][:4] == both["side-2"][:4]
    assert both["side"][4:] != both["side-2"][4:]
    tree = await other.tree("trip")
    assert {one.branch_id: one.shared_turns for one in tree.branches}["side-2"] == 2


async def test_a_branch_deleted_here_stays_deleted(
    trip: ConversationStore, other: ConversationStore
) -> None:
    await put(other, await document(trip, "trip"))
    await other.switch("trip", "main", expected="side")
    await other.delete_branches("trip", ["side"])
    await trip.record_turn("trip", "side", turn("four"), run())
    again = await put(other, await document(trip, "trip"))
    assert again.deleted_here == ("side",)
    assert [info.branch_id for info in await other.branches("trip")] == ["main"]


async def test_a_session_deleted_here_comes_back_with_its_cost_once(
    trip: ConversationStore, other: ConversationStore
) -> None:
    data = await document(trip, "trip")
    await put(other, data)
    await other.delete_session("trip")
    assert (await put(other, data)).outcome == "new"
    assert (await other.usage("trip"))[0].tokens.total_tokens == 180
    assert await document(other, "trip") == data


async def test_what_an_older_release_wrote_is_the_same(trip: ConversationStore) -> None:
    made = json.loads(await document(trip, "trip"))
    for row in made["runs"]:
        for key in ("audio_input_tokens", "longest_request", "cache_write_tokens"):
            row.pop(key, None)
    assert (await put(trip, json.dumps(made).encode())).outcome == "unchanged"
    assert (await trip.usage("trip"))[0].tokens.total_tokens == 180


async def test_a_bundle_is_the_branch_alone(
    trip: ConversationStore, other: ConversationStore
) -> None:
    data = await document(trip, "trip", "side")
    stored = await put(other, data)
    assert (stored.turns, (await other.session_head("trip")).branch_id) == (2, "side")
    assert (await lines(other, "trip"))["main"] == []
    turns = await other.turns("trip", "side")
    assert [info.tokens and info.tokens.total_tokens for info in turns] == [30, 90]
    assert await document(other, "trip", "side") == data
    whole = await put(other, await document(trip, "trip"))
    assert (whole.outcome, whole.turns) == ("grown", 1)
    assert await lines(other, "trip") == await lines(trip, "trip")
    assert (await other.usage("trip"))[0].tokens.total_tokens == 180
    assert (await other.tree("trip")).root.forks[0][0].turn == 1


async def test_undone_turns_are_in_no_document(trip: ConversationStore) -> None:
    await trip.undo("trip", "side", 1)
    written = await document(trip, "trip")
    assert b"three" not in written
    assert json.loads(written)["runs"][2]["anchor"] == -1


BROKEN = [
    ("messages", 0, {"message": 2}, "this should be row 1"),
    ("messages", 0, {"item": None, "data": 5}, None),
    ("structure", 0, {"message": 99}, "'message' refers to no row of the document"),
    ("structure", 0, {"message": -1}, "'message' refers to no row of the document"),
    ("structure", 0, {"branch": 7}, "'branch' has to be a text"),
    ("structure", 0, {"sequence": "x"}, "'sequence' has to be a whole number"),
    ("structure", 0, {"sequence": 2**70}, "'sequence' has a value that cannot be stored"),
    ("structure", 0, {"tool": ["x"]}, "'tool' has a value that cannot be stored"),
    ("runs", 0, {"anchor": 99}, "'anchor' refers to no row of the document"),
    ("runs", 0, {"model": {"base64": "!"}}, "'model' has a value that cannot be stored"),
]


@pytest.mark.parametrize(("part", "place", "change", "why"), BROKEN)
async def test_what_is_wrong_stores_nothing(
    trip: ConversationStore,
    other: ConversationStore,
    part: str,
    place: int,
    change: dict[str, Any],
    why: str | None,
) -> None:
    made = json.loads(await document(trip, "trip"))
    made[part][place] |= change
    if why is None:
        await put(other, json.dumps(made).encode())
        return
    with pytest.raises(DocumentError, match=why):
        await put(other, json.dumps(made).encode())
    assert await other.sessions() == []


_VALUES = st.one_of(
    *(st.none(), st.integers(), st.floats(), st.text(max_size=5), st.booleans()),
    *(st.just([]), st.just({})),
)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
async def test_a_mutated_document_is_stored_or_refused(data: st.DataObject) -> None:
    async with ConversationStore(":memory:") as store, ConversationStore(":memory:") as other:
        await store.start_session("s")
        for _ in range(2):
            await store.record_turn("s", "main", turn("x"), run())
        await store.branch("s", "main", turn=2, name="b", expected="main")
        made = json.loads(await document(store, "s"))
        for _ in range(data.draw(st.integers(1, 3))):
            parts = [key for key in made if isinstance(made[key], dict | list)]
            part = made[data.draw(st.sampled_from(parts))]
            row = data.draw(st.sampled_from(part)) if isinstance(part, list) else part
            row[data.draw(st.sampled_from(sorted(row)))] = data.draw(_VALUES)
        text = json.dumps(made).encode()
        for target in (other, store):
            try:
                await put(target, text)
            except ConvoError:
                continue
            for info in await target.sessions():
                await target.tree(info.session_id)
                await target.usage(info.session_id, by="turn")
                await document(target, info.session_id)
