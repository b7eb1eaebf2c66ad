"""What is stored of a session that has not been imported before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from convo import ConversationStore
from convo.importing import placing, preparing
from convo.importing.choosing import Choice, Totals
from convo.importing.items import answered, asked, called, instructed
from convo.importing.records import ImportedRun, ImportedTurn
from convo.importing.source import Report
from convo.records import SessionOrigin
from tests.core.addresses import Address, execute
from tests.core.importing.given import BEGUN, Given, branches_of, line, session, take, turn
from tests.core.importing.hostile import everything


async def test_a_tree_becomes_branches(store: ConversationStore) -> None:
    turns = [*line("t1", "t2", "t3"), turn("t4", "t1"), turn("t5", "t4"), turn("t6", "t1")]
    await take(store, session("trip", turns, main="t5"))
    assert await branches_of(store, "trip") == {
        "main": "t1 t4 t5",
        "turn-2": "t1 t2 t3",
        "turn-2-b": "t1 t6",
    }
    made = {one.branch_id: one for one in await store.branches("trip")}
    assert made["turn-2"].parent_branch_id == "main"
    assert made["turn-2"].forked_from_turn == 2
    assert made["turn-2"].created_at == "2025-03-01T12:02:00Z"


async def test_another_beginning_is_a_branch(store: ConversationStore) -> None:
    await take(store, session("trip", [*line("t1", "t2"), *line("t3", "t4")]))
    assert await branches_of(store, "trip") == {"main": "t3 t4", "turn-1": "t1 t2"}


async def test_times_and_usage_are_those_of_the_source(store: ConversationStore) -> None:
    runs = (
        ImportedRun("small", 7, 2, cached_tokens=3, started_at=BEGUN, recorded_cost=0.5),
        ImportedRun("small", 7, 2, reasoning_tokens=1),
    )
    asked_at = BEGUN + timedelta(hours=1)
    given = ImportedTurn("t1", None, [asked("a"), answered("b")], asked_at, runs=runs)
    await take(store, session("trip", [given]))
    (info,) = await store.sessions()
    assert (info.created_at, info.updated_at) == ("2025-03-01T12:00:00Z", "2025-03-01T13:00:00Z")
    assert (info.total_tokens, info.source, info.model) == (18, "codex", None)
    (stored,) = await store.turns("trip", "main")
    assert stored.created_at == "2025-03-01T13:00:00Z"
    assert stored.model == "small"
    assert stored.tokens is not None
    assert stored.tokens[:5] == (2, 14, 3, 4, 1)


async def test_a_turn_without_usage_keeps_its_model(store: ConversationStore) -> None:
    given = ImportedTurn("t1", None, [asked("a"), answered("b")], BEGUN, "gpt-4")
    await take(store, session("trip", [given]))
    (stored,) = await store.turns("trip", "main")
    assert (stored.model, stored.tokens and stored.tokens.is_unknown) == ("gpt-4", True)


async def test_a_title_that_is_taken_gets_a_number(store: ConversationStore) -> None:
    await store.start_session("new-chat")
    given = [session(f"New chat {'!' * number}", line("t1")) for number in range(70)]
    await take(store, *given)
    await take(store, session("New chat?", line("t1")))
    names = {info.session_id for info in await store.sessions()}
    assert names == {"new-chat", *(f"new-chat-{number}" for number in range(2, 73))}
    assert (await store.head()).session_id == "new-chat"


async def test_names_are_made_of_titles_or_questions(store: ConversationStore) -> None:
    for title in ("  ", None, "../../\x1b[31mx", "-rf"):
        given = session(str(title), [turn("What now?")])
        given = type(given)(str(title), title, given.turns, None)
        await take(store, given, choice=Choice(prefix="old"))
    names = {info.session_id for info in await store.sessions()}
    assert names == {"old-chat", "old-what-now", "old-31mx", "old-rf"}


async def test_instructions_and_an_answer_before_the_first_question(
    store: ConversationStore,
) -> None:
    said = [instructed("Be brief."), answered("Hello!")]
    await take(store, session("trip", [ImportedTurn("t1", None, said, None), turn("t2", "t1")]))
    items = await store.history("trip", "main")
    assert items[:3] == [said[0], asked(""), said[1]]
    assert await branches_of(store, "trip") == {"main": " t2"}


async def test_a_turn_with_two_questions_becomes_two(store: ConversationStore) -> None:
    two = ImportedTurn("t1", None, [asked("a"), asked("b"), answered("c")], BEGUN)
    await take(store, session("trip", [two, turn("t2", "t1"), turn("t3", "t1")]))
    assert await branches_of(store, "trip") == {"main": "a b t3", "turn-3": "a b t2"}


async def test_a_session_that_cannot_be_stored_harms_no_other(store: ConversationStore) -> None:
    wrong = session("wrong", [turn("t1", tokens=10**30)])
    totals, report = Totals(), Report()
    source = Given([session("a", line("t1")), wrong, session("b", line("t1"))])
    await store.import_from(source, [Path("f")], Choice(), report, totals)
    assert {info.session_id for info in await store.sessions()} == {"a", "b"}
    assert (totals.new, report.count) == (2, 1)
    assert "session wrong cannot be stored" in report.skipped[0].why


async def test_items_that_are_no_json_cost_their_turn_only(store: ConversationStore) -> None:
    report, totals = Report(), Totals()
    source = Given([session("a", [*line("t1"), turn("t2", "t1", {"x": {1}}), turn("t3", "t2")])])
    await store.import_from(source, [Path("f")], Choice(), report, totals)
    assert await branches_of(store, "a") == {"main": "t1 t3"}
    assert [one.why for one in report.skipped] == ["turn t2 of session a is not JSON"]


async def test_a_fault_of_a_source_ends_its_file_only(store: ConversationStore) -> None:
    class Faulty(Given):
        def sessions(self, path: Address, report: Report):  # type: ignore[no-untyped-def]
            yield session(path.name, line("t1"))
            raise KeyError("oops")

    report = Report()
    await store.import_from(Faulty(), [Path("f"), Path("g")], Choice(), report, Totals())
    assert {info.session_id for info in await store.sessions()} == {"f", "g"}
    assert [one.why for one in report.skipped] == ["unexpected KeyError: 'oops'"] * 2


async def test_a_fault_in_the_turns_of_a_session_costs_that_session_only(
    store: ConversationStore,
) -> None:
    def broken() -> Iterator[ImportedTurn]:
        yield turn("t1")
        raise KeyError("oops")

    report = Report()
    given = Given([session("a", line("t1")), session("b", broken()), session("c", line("t1"))])
    await store.import_from(given, [Path("f")], Choice(), report, Totals())
    assert {info.session_id for info in await store.sessions()} == {"a", "c"}
    assert [one.why for one in report.skipped] == [
        "session b cannot be read: unexpected KeyError: 'oops'"
    ]


async def test_what_was_not_chosen_is_not_taken(store: ConversationStore) -> None:
    given = [
        session("old", line("t1"), project="/home/me/trip"),
        session("recent", line("t90"), project="/home/me/trip/deep"),
        session("other", line("t90"), project="/home/me/tripod"),
        session("none", line("t90")),
        session("empty", [], project="/home/me/trip"),
    ]
    choice = Choice(since="2025-03-01 13:00:00", project="/home/me/trip")
    totals = await take(store, *given, choice=choice)
    assert [info.session_id for info in await store.sessions()] == ["recent"]
    assert (totals.new, totals.not_chosen, totals.empty) == (1, 3, 1)


async def test_a_dry_run_counts_and_stores_nothing(store: ConversationStore, path: Address) -> None:
    await take(store, session("trip", line("t1")))
    before = everything(path)
    given = [session("trip", line("t1", "t2")), session("x", line("t1"))]
    totals = await take(store, *given, choice=Choice(is_dry=True))
    assert everything(path) == before
    assert await take(store, *given) == totals


async def test_too_many_branches_are_left_out(store: ConversationStore) -> None:
    turns = [*line("t1", "t2"), *(turn(f"t{number}", "t1") for number in range(3, 1010))]
    report, totals = Report(), Totals()
    source = Given([session("wide", turns, main="t2")])
    await store.import_from(source, [Path("f")], Choice(), report, totals)
    assert (await store.sessions())[0].branches == 1000
    assert "has too many branches: 8 turns are left out" in report.skipped[0].why


async def test_branches_may_not_fill_the_disk(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "MOST_SHARED", 10)
    stem = line("t1", "t2", "t3")
    forks = [turn(f"t{number}", "t2") for number in range(4, 9)]
    await take(store, session("wide", [*stem, *forks], main="t3"))
    # Each of them shares four items.
    assert len(await branches_of(store, "wide")) == 3
    await take(store, session("wide", [*stem, *forks, turn("t9", "t3")], main="t9"))
    assert (await branches_of(store, "wide"))["main"] == "t1 t2 t3 t9"


async def test_a_session_larger_than_memory_is_left_out(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "LARGEST", 20_000)
    report = Report()
    given = [session("long", line(*map(str, range(100)))), session("short", line("t1"))]
    await store.import_from(Given(given), [Path("f")], Choice(), report, Totals())
    assert [info.session_id for info in await store.sessions()] == ["short"]
    assert [one.why for one in report.skipped] == ["session long is larger than 128 MiB"]


async def test_halves_of_tool_calls_are_made_whole(store: ConversationStore) -> None:
    await take(store, session("trip", [turn("t1", None, called("c", "look", {}))]))
    kinds = [item.get("type") for item in await store.history("trip", "main")]
    assert kinds == [None, "function_call", "function_call_output"]


@pytest.mark.sqlite_only("a file gets what it lacks when it is opened")
async def test_the_indexes_of_an_older_file_are_added(
    store: ConversationStore, path: Address
) -> None:
    await take(store, session("trip", line("t1")))
    execute(path, "DROP TABLE convo_imported_turns")
    execute(path, "DROP TABLE convo_imported_sessions")
    async with ConversationStore(path) as again:
        assert (await take(again, session("x", line("t1")))).new == 1


async def test_a_session_knows_what_started_it(store: ConversationStore) -> None:
    agent = session("agent", line("t1"), parent="trip")
    await take(store, agent, session("trip", line("t1")), session("other", line("t1")))
    await store.rename_session("agent", "helper")
    assert await store.session_origin("trip") == SessionOrigin("trip", None, ("helper",))
    assert await store.session_origin("helper") == SessionOrigin("agent", "trip")
    assert await store.session_origin("none") is None
