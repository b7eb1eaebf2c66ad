import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from agents.extensions.memory import AdvancedSQLiteSession as SdkSession

from convo import ConversationStore
from convo.usage_records import UsageReport
from tests.core.addresses import Address
from tests.core.talk import result, run, turn


async def spend(path: Address) -> None:
    """Three turns on main, the second in two runs, and one on a fork that is deleted then."""
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        for count in (1, 2, 3):
            await store.record_turn("talk", "main", turn(f"q{count}"), run(count))
        session = store.session("talk")
        await session.store_usage(SimpleNamespace(), run(100))  # type: ignore[arg-type]
        await store.branch("talk", "main", turn=2, name="fork", expected="main")
        await store.record_turn("talk", "fork", turn("q4"), run(10)._replace(model="n"))
        await store.switch("talk", "main", expected="fork")
        await store.delete_branches("talk", ["fork"])


async def bill(path: Address, **how: Any) -> UsageReport:
    async with ConversationStore(path) as store:
        return await store.usage_with_total("talk", **how)


def totals(report: UsageReport) -> list[tuple[str | None, bool, int | None, int]]:
    return [
        (row.branch_id, row.is_deleted, row.turn, row.tokens.total_tokens) for row in report.rows
    ]


TURNS = [
    ("main", False, 1, 1),
    ("main", False, 2, 2),
    ("main", False, 3, 103),
    ("fork", True, 2, 10),
]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 9])
async def test_the_newest_turns_under_the_total_of_all(tmp_path: Path, count: int) -> None:
    await spend(tmp_path / "a.db")
    report = await bill(tmp_path / "a.db", by="turn", newest=count)
    assert totals(report) == TURNS[-count:]
    assert (report.total.turns, report.total.tokens.total_tokens) == (4, 116)
    assert report.total.model is None


async def test_the_newest_turns_of_a_session_are_found_before_all_those_of_others(
    tmp_path: Path,
) -> None:
    await spend(tmp_path / "a.db")
    async with ConversationStore(tmp_path / "a.db") as store:
        await store.start_session("later")
        for count in range(6):
            await store.record_turn("later", "main", turn(f"q{count}"), run(1))
    report = await bill(tmp_path / "a.db", by="turn", newest=1)
    assert totals(report) == TURNS[-1:]


async def test_by_branch_and_in_total_they_come_to_the_same(tmp_path: Path) -> None:
    await spend(tmp_path / "a.db")
    by_branch = await bill(tmp_path / "a.db", by="branch")
    assert totals(by_branch) == [("main", False, None, 106), ("fork", True, None, 10)]
    assert [(row.turns, row.model) for row in by_branch.rows] == [(3, "m"), (1, "n")]
    in_total = await bill(tmp_path / "a.db")
    assert in_total.total == by_branch.total
    assert [(row.is_deleted, row.turns, row.model) for row in in_total.rows] == [
        (False, 3, "m"),
        (True, 1, "n"),
    ]


@pytest.mark.sqlite_only("the SDK's class with branches has files only")
async def test_what_the_sdk_stored_counts_once_and_last(tmp_path: Path) -> None:
    await spend(tmp_path / "a.db")
    sdk = SdkSession(session_id="talk", db_path=tmp_path / "a.db", create_tables=True)
    await sdk.add_items(turn("q5"))  # type: ignore[arg-type]
    await sdk.store_run_usage(result(1000))
    await asyncio.to_thread(sdk.close)
    report = await bill(tmp_path / "a.db", by="turn", newest=2)
    assert totals(report) == [TURNS[-1], ("main", False, 4, 1000)]
    assert report.total.tokens.total_tokens == 1116
    (main, fork) = (await bill(tmp_path / "a.db", by="branch")).rows
    assert (main.turns, main.model, fork.model) == (4, None, "n")


@pytest.mark.sqlite_only("the SDK's class with branches has files only")
async def test_the_lists_of_turns_know_what_the_sdk_stored(tmp_path: Path) -> None:
    sdk = SdkSession(session_id="talk", db_path=tmp_path / "a.db", create_tables=True)
    for count in (1, 2):
        await sdk.add_items(turn(f"q{count}"))  # type: ignore[arg-type]
        await sdk.store_run_usage(result(1000 * count))
    await sdk.create_branch_from_turn(2, "fork")
    await asyncio.to_thread(sdk.close)
    async with ConversationStore(tmp_path / "a.db") as store:
        listed = await store.turns("talk", "main")
        (shared,) = await store.turns("talk", "fork")
        shown = await store.transcript("talk", "main")
    assert [info.tokens and info.tokens.total_tokens for info in listed] == [1000, 2000]
    assert [part.tokens for part in shown] == [info.tokens for info in listed]
    assert shared.tokens == listed[0].tokens


async def test_a_session_by_model_and_the_last_request_of_a_turn(tmp_path: Path) -> None:
    async with ConversationStore(tmp_path / "a.db", create=True) as store:
        await store.start_session("talk")
        entries = [{"total_tokens": 3}, {"total_tokens": 5}]
        first = run(8)._replace(model="a", request_entries=entries)
        await store.record_turn("talk", "main", turn("q1"), first)
        await store.record_turn("talk", "main", turn("q2"), run(1)._replace(model="b"))
        await store.record_turn("talk", "main", turn("q3"), run(2)._replace(model="b"))
        by_model = await store.spending(["model"], session_id="talk")
        assert [(row.keys, row.tokens.total_tokens) for row in by_model.rows] == [
            (("a",), 8),
            (("b",), 3),
        ]
        assert await store.last_request("talk", "main", 1) == 5
        assert await store.last_request("talk", "main", 2) is None
        assert await store.last_request("talk", "main", 9) is None
