"""What an import takes of a session that has been imported before."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from convo import ConversationStore
from convo.importing.items import answered, called, returned
from convo.importing.records import ImportedTurn
from convo.records import Location
from convo.usage_records import RunRecord
from tests.core.importing.given import branches_of, line, session, take, turn
from tests.core.importing.hostile import everything


async def say(store: ConversationStore, said: str, branch: str = "main") -> None:
    items = [{"role": "user", "content": said}, {"role": "assistant", "content": "ok"}]
    run = RunRecord("echo", 1, 1, 1, 2)
    await store.store_turn(Location("trip", branch), items, run)


async def total(store: ConversationStore) -> int:
    return (await store.usage_with_total("trip")).total.tokens.total_tokens


async def test_importing_twice_changes_nothing(store: ConversationStore, path: Path) -> None:
    trip = session("trip", [*line("t1", "t2"), turn("t3", "t1")])
    await take(store, trip)
    before = everything(path)
    totals = await take(store, trip)
    assert (totals.same, totals.turns) == (1, 0)
    assert everything(path) == before


async def test_new_turns_follow_on_the_same_branch(store: ConversationStore) -> None:
    await take(store, session("trip", line("t1", "t2")))
    totals = await take(store, session("trip", line("t1", "t2", "t3", "t4")))
    assert (totals.grown, totals.turns) == (1, 2)
    assert await branches_of(store, "trip") == {"main": "t1 t2 t3 t4"}
    assert await total(store) == 44
    (info,) = await store.sessions()
    assert info.updated_at == "2025-03-01T12:04:00Z"


async def test_a_new_fork_becomes_a_branch(store: ConversationStore) -> None:
    await take(store, session("trip", line("t1", "t2")))
    await take(store, session("trip", [*line("t1", "t2"), turn("t3", "t1"), turn("t4", "t2")]))
    assert await branches_of(store, "trip") == {"main": "t1 t2 t4", "turn-2": "t1 t3"}


async def test_what_was_said_here_stays_and_new_turns_go_beside_it(
    store: ConversationStore,
) -> None:
    await take(store, session("trip", line("t1", "t2")))
    await say(store, "mine")
    await take(store, session("trip", line("t1", "t2", "t3")))
    assert await branches_of(store, "trip") == {"main": "t1 t2 mine", "codex": "t1 t2 t3"}
    await take(store, session("trip", line("t1", "t2", "t3", "t4")))
    assert await branches_of(store, "trip") == {"main": "t1 t2 mine", "codex": "t1 t2 t3 t4"}


async def test_what_was_branched_off_here_stays(store: ConversationStore) -> None:
    await take(store, session("trip", line("t1", "t2")))
    await store.branch("trip", "main", after=2, name="mine", expected=None)
    await say(store, "more", "mine")
    await take(store, session("trip", line("t1", "t2", "t3")))
    assert await branches_of(store, "trip") == {"main": "t1 t2 t3", "mine": "t1 t2 more"}


async def test_renamed_sessions_and_branches_grow(store: ConversationStore) -> None:
    tree = [*line("t1", "t2"), turn("t3", "t1")]
    await take(store, session("trip", tree, main="t2"))
    await store.rename_session("trip", "paris")
    await store.rename_branch("paris", "turn-2", "beside")
    await take(store, session("trip", [*tree, turn("t4", "t3")], main="t2"))
    assert await branches_of(store, "paris") == {"main": "t1 t2", "beside": "t1 t3 t4"}


async def test_undone_turns_stay_undone(store: ConversationStore) -> None:
    await take(store, session("trip", line("t1", "t2", "t3")))
    await store.undo("trip", "main", 1)
    assert (await take(store, session("trip", line("t1", "t2", "t3")))).same == 1
    assert await branches_of(store, "trip") == {"main": "t1 t2"}


async def test_undone_turns_come_back_beside_if_new_ones_follow_them(
    store: ConversationStore,
) -> None:
    await take(store, session("trip", line("t1", "t2", "t3")))
    await store.undo("trip", "main", 2)
    await take(store, session("trip", line("t1", "t2", "t3", "t4")))
    assert await branches_of(store, "trip") == {"main": "t1", "codex": "t1 t2 t3 t4"}
    assert await total(store) == 44
    await take(store, session("trip", line("t1", "t2", "t3", "t4", "t5")))
    assert await branches_of(store, "trip") == {"main": "t1", "codex": "t1 t2 t3 t4 t5"}


async def test_a_deleted_branch_comes_back_if_new_turns_follow_it(
    store: ConversationStore,
) -> None:
    tree = [*line("t1", "t2"), turn("t3", "t1")]
    await take(store, session("trip", tree, main="t2"))
    await store.delete_branches("trip", ["turn-2"])
    await take(store, session("trip", [*tree, turn("t4", "t2")], main="t4"))
    assert await branches_of(store, "trip") == {"main": "t1 t2 t4"}
    await take(store, session("trip", [*tree, turn("t4", "t2"), turn("t5", "t3")], main="t4"))
    assert await branches_of(store, "trip") == {"main": "t1 t2 t4", "turn-2-b": "t1 t3 t5"}


async def test_a_deleted_session_stays_deleted(store: ConversationStore) -> None:
    await take(store, session("trip", line("t1")))
    await store.delete_session("trip")
    assert (await take(store, session("trip", line("t1")))).same == 1
    assert (await take(store, session("trip", line("t1", "t2")))).deleted == 1
    assert await store.sessions() == []
    await store.start_session("trip")
    assert (await take(store, session("trip", line("t1", "t2")))).deleted == 1
    assert await branches_of(store, "trip") == {"main": ""}


async def test_a_session_that_is_restored_grows_again(store: ConversationStore) -> None:
    await take(store, session("trip", line("t1")))
    await store.delete_session("trip")
    await store.restore_session("trip")
    assert (await take(store, session("trip", line("t1", "t2")))).grown == 1
    assert await branches_of(store, "trip") == {"main": "t1 t2"}


def cut() -> ImportedTurn:
    return turn("t2", "t1", called("c", "look", "{}"))


def completed() -> ImportedTurn:
    said = [called("c", "look", "{}"), returned("c", "rain"), answered("Rain.")]
    return turn("t2", "t1", *said, tokens=20)


async def test_an_incomplete_turn_is_completed(store: ConversationStore) -> None:
    await take(store, session("trip", [turn("t1"), cut()]))
    totals = await take(store, session("trip", [turn("t1"), completed(), turn("t3", "t2")]))
    assert totals.turns == 2
    items = await store.history("trip", "main")
    assert items[3:6] == completed().items[1:]
    assert await branches_of(store, "trip") == {"main": "t1 t2 t3"}
    assert await total(store) == 11 + 21 + 11


async def test_an_incomplete_turn_that_goes_on_here_is_completed_beside(
    store: ConversationStore,
) -> None:
    await take(store, session("trip", [turn("t1"), cut()]))
    await say(store, "mine")
    before = await store.history("trip", "main")
    await take(store, session("trip", [turn("t1"), completed(), turn("t3", "t2")]))
    assert await store.history("trip", "main") == before
    assert await branches_of(store, "trip") == {"main": "t1 t2 mine", "codex": "t1 t2 t3"}
    assert (await store.history("trip", "codex"))[3:6] == completed().items[1:]


async def test_what_was_branched_off_an_incomplete_turn_stays(store: ConversationStore) -> None:
    await take(store, session("trip", [turn("t1"), cut()]))
    await store.branch("trip", "main", after=2, name="mine", expected=None)
    before = await store.history("trip", "mine")
    await take(store, session("trip", [turn("t1"), completed()]))
    assert await store.history("trip", "mine") == before
    assert (await store.history("trip", "main"))[-1] == answered("Rain.")


async def test_an_earlier_turn_stays_as_it_was_imported(
    store: ConversationStore, path: Path
) -> None:
    await take(store, session("trip", line("t1", "t2")))
    before = await store.history("trip", "main")
    changed = [turn("t1", None, answered("other")), turn("t2", "t1")]
    assert (await take(store, session("trip", changed))).same == 1
    assert await store.history("trip", "main") == before


@st.composite
def trees(draw: st.DrawFn) -> list[ImportedTurn]:
    turns: list[ImportedTurn] = []
    for number in range(draw(st.integers(1, 12))):
        parents = [None, *(one.id for one in turns)] if number else [None]
        turns.append(turn(f"t{number}", draw(st.sampled_from(parents))))
    return turns


def paths(turns: list[ImportedTurn]) -> set[str]:
    """What is asked on the way to each end of a tree."""
    known = {one.id: one for one in turns}
    found = set()
    for end in known.keys() - {one.parent for one in turns}:
        way, at = [], known.get(end)
        while at is not None:
            way.append(at.id)
            at = known.get(at.parent or "")
        found.add(" ".join(reversed(way)))
    return found


@settings(deadline=None, max_examples=25)
@given(turns=trees(), data=st.data())
async def test_a_tree_in_steps_becomes_the_same_branches_as_at_once(
    turns: list[ImportedTurn], data: st.DataObject
) -> None:
    steps = sorted(data.draw(st.sets(st.integers(1, len(turns)), max_size=3)) | {len(turns)})
    async with ConversationStore(":memory:") as store:
        for step in steps:
            await take(store, session("trip", turns[:step]))
        assert set((await branches_of(store, "trip")).values()) >= paths(turns)
        assert len(await store.branches("trip")) == len(paths(turns))
        assert await total(store) == 11 * len(turns)
