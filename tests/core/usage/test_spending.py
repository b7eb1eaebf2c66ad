"""Usage in groups, held against sums that are made one run at a time."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convo import ConversationStore, RunRecord
from convo.pending.pending import AskedTurn, Progress
from convo.usage.prices import Model
from convo.usage.pricing import Pricing
from convo.usage.rates import EVERYWHERE, Priced, Rate, cost
from convo.usage.rates import Counts as C
from convo.usage_records import UsageRow
from tests.core.addresses import Address, columns, execute
from tests.core.talk import assistant, call, output, run, turn, user

ZONE = "America/New_York"
TIERED = (
    Rate("", "2026-03-08 12:00:00", "00:00:00", "24", -1, 100, 1, 2, cached=0.5),
    Rate("", "2026-03-08 12:00:00", "00:00:00", "24", 100, 2**62, 3, 4, cached=1),
    Rate("2026-03-08 12:00:00", "9", "00:00:00", "24", -1, 100, 10, 20, cached=5),
    Rate("2026-03-08 12:00:00", "9", "00:00:00", "24", 100, 2**62, 30, 40, cached=10),
)
RATES = {
    ("flat", None): (Rate(*EVERYWHERE, 7, 8, cached=0.7, request=0.01),),
    ("tiered", None): TIERED,
    ("tiered", "http://there/v1"): (Rate(*EVERYWHERE, 100, 100),),
    ("free", None): (Rate(*EVERYWHERE, 0, 0),),
}


class Book:
    """Prices that a test can compute with."""

    def priced(self, models: Iterable[Model]) -> list[Priced]:
        return [Priced(*model, RATES.get(model, ())) for model in models]


class Ran(NamedTuple):
    """A run of the naive ledger, with the session and the tools of its turn."""

    session: str
    tools: tuple[str, ...]
    turn: int
    record: RunRecord


@pytest.fixture(autouse=True)
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", ZONE)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def record(draw: Any) -> RunRecord:
    read = draw(st.lists(st.integers(0, 200), min_size=1, max_size=3))
    cached = [draw(st.integers(0, one)) for one in read]
    wrote = [draw(st.integers(0, 50)) for _ in read]
    # Around the night in which the clocks go forward.
    at = datetime(2026, 3, 8) + timedelta(minutes=draw(st.integers(-3_000, 3_000)))  # noqa: DTZ001
    model = draw(st.sampled_from(["flat", "tiered", "free", "nobody's", None]))
    return RunRecord(
        model,
        len(read),
        sum(read),
        sum(wrote),
        sum(read) + sum(wrote),
        {"cached_tokens": sum(cached)},
        {},
        [
            {
                "input_tokens": one,
                "output_tokens": answer,
                "total_tokens": one + answer,
                "input_tokens_details": {"cached_tokens": part},
            }
            for one, part, answer in zip(read, cached, wrote, strict=True)
        ],
        estimated=draw(st.integers(0, 9)) == 0,
        started_at=at.isoformat() + "Z",
        duration_s=draw(st.sampled_from([None, 2.0])),
        first_token_s=draw(st.sampled_from([None, 0.5])),
        recorded_cost=draw(st.sampled_from([None, 0.25])),
        agent=draw(st.sampled_from([None, "desk:agent"])),
        base_url="http://there/v1" if model and draw(st.integers(0, 4)) == 0 else None,
    )


def price(spent: RunRecord) -> float | None:
    """What a run costs, one request at a time."""
    rates = RATES.get((spent.model or "", spent.base_url), ())
    if rates and rates[0].is_free:
        return 0
    if not rates or spent.estimated or not spent.total_tokens:
        return None
    at = str(spent.started_at).replace("T", " ").rstrip("Z")
    total = 0.0
    for entry in spent.request_entries:
        rate = next(one for one in rates if one.is_for(at, entry["input_tokens"]))
        part = cost(rate, C.of_entry(entry))
        assert part is not None
        total += part
    return total


def values_of(ran: Ran, key: str) -> list[Any]:
    local = datetime.fromisoformat(str(ran.record.started_at)).astimezone(ZoneInfo(ZONE))
    monday = local.date() - timedelta(days=local.weekday())
    return {
        "session": [ran.session],
        "model": [ran.record.model],
        "agent": [ran.record.agent],
        "source": ["convo"],
        "tool": list(ran.tools) or [None],
        "day": [local.date().isoformat()],
        "week": [monday.isoformat()],
        "month": [local.date().isoformat()[:7]],
        "branch": ["main"],
        "turn": [str(ran.turn)],
    }[key]


Sums = dict[tuple[Any, ...], list[Any]]


def naive(all_runs: list[Ran], by: list[str]) -> Sums:
    found: Sums = {}
    turns: dict[tuple[Any, ...], set[tuple[str, int]]] = {}
    for ran in all_runs:
        first = values_of(ran, by[0])
        second = values_of(ran, by[1]) if len(by) > 1 else [""]
        apart = ran.session if {"branch", "turn"} & set(by) else ""
        for key in [(one, other, apart) for one in first for other in second]:
            sums = found.setdefault(key, [0, 0, 0, 0.0, 0, 0.0])
            spent, dollars = ran.record, price(ran.record)
            sums[0] += spent.requests
            sums[1] += spent.input_tokens
            sums[2] += spent.output_tokens
            sums[3] += dollars or 0
            sums[4] += dollars is None
            sums[5] += spent.recorded_cost or 0
            turns.setdefault(key, set()).add((ran.session, ran.turn))
    return {key: [*sums, len(turns[key])] for key, sums in found.items()}


def reported(report: list[UsageRow], by: list[str]) -> Sums:
    found: Sums = {}
    for row in report:
        keys = (*row.keys, "") if len(by) == 1 else row.keys
        apart = row.session_id if {"branch", "turn"} & set(by) else ""
        money, tokens = row.money, row.tokens
        found[*keys, apart] = [
            tokens.requests,
            tokens.input_tokens,
            tokens.output_tokens,
            money.cost or 0,
            money.unpriced,
            money.recorded or 0,
            row.turns,
        ]
    return found


KEYS = ["turn", "branch", "session", "model", "day", "week", "month", "source", "agent", "tool"]
PAIRS = st.lists(st.sampled_from(KEYS), min_size=1, max_size=2, unique=True).filter(
    lambda by: len({"day", "week", "month"} & set(by)) < 2
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), by=PAIRS)
def test_groups_are_the_sums_of_their_runs(
    tmp_path_factory: pytest.TempPathFactory, data: Any, by: list[str]
) -> None:
    path = tmp_path_factory.mktemp("spending") / "c.db"
    all_runs = [
        Ran(
            data.draw(st.sampled_from(["trip", "code"])),
            tuple(sorted(data.draw(st.sets(st.sampled_from(["look", "read"]))))),
            0,
            record(data.draw),
        )
        for _ in range(data.draw(st.integers(1, 6)))
    ]

    async def stored() -> tuple[list[Ran], Any]:
        async with ConversationStore(path, create=True) as store:
            done = []
            for session in ("trip", "code"):
                await store.start_session(session)
                for number, ran in enumerate([one for one in all_runs if one.session == session]):
                    items = [user("?")]
                    for tool in ran.tools:
                        items += [call(tool), output(tool)]
                    items.append(assistant("!"))
                    await store.record_turn(session, "main", items, ran.record)
                    done.append(ran._replace(turn=number + 1))
            return done, await store.spending(by, prices=Book())  # type: ignore[arg-type]

    done, report = asyncio.run(stored())
    expected, found = naive(done, by), reported(report.rows, by)
    assert found.keys() == expected.keys()
    for key, sums in expected.items():
        assert found[key] == pytest.approx(sums), key
    total = naive(done, ["source"])["convo", "", ""]
    assert reported([report.total._replace(keys=("convo",))], ["source"])[
        "convo", "", ""
    ] == pytest.approx(total)
    assert sum(count for _, count in report.without_price) == total[4]


DISTURBANCES = [
    "model = 'nobody''s'",
    "model = NULL",
    "base_url = 'http://there/v1'",
    "status = 'failed'",
    "status = 'odd'",
    "anchor = NULL",
    "anchor = 10000 + id",
    "estimated = 1",
    "total_tokens = 0",
    "cached_tokens = input_tokens + 1",
    "cache_write_tokens = NULL",
    "cache_write_1h_tokens = 1",
    "audio_input_tokens = 1",
    "user_turn_number = 1",
]


@pytest.mark.parametrize("disturbance", [*DISTURBANCES, "model = 'tiered'"])
async def test_usual_runs_are_added_up_like_all_others(
    path: Address, disturbance: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await spent(path, *(f"2026-01-0{day}T00:00:00Z" for day in range(1, 6)), base_url=None)
    execute(path, "UPDATE convo_runs SET base_url = NULL")
    execute(path, f"UPDATE convo_runs SET {disturbance} WHERE user_turn_number > 2 AND id <> 5")
    async with ConversationStore(path) as store:
        quickly = await store.usage_with_total("talk", prices=Book())
        monkeypatch.setattr(Pricing, "is_flat", lambda *_: False)
        assert await store.usage_with_total("talk", prices=Book()) == quickly
    assert quickly.total.tokens.requests >= 5


async def spent(path: Address, *times: str, **more: Any) -> None:
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        for at in times:
            one = run()._replace(started_at=at, model="flat", **more)
            await store.record_turn("talk", "main", turn(at), one)


async def test_only_runs_of_a_span_count(path: Address) -> None:
    await spent(path, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z")
    span = {"since": "2026-01-01 12:00:00", "until": "2026-01-03 00:00:00"}
    async with ConversationStore(path) as store:
        for report in (
            await store.spending(["day"], **span),  # type: ignore[arg-type]
            await store.usage_with_total("talk", by="turn", **span),  # type: ignore[arg-type]
            await store.usage_with_total("talk", by="branch", **span),  # type: ignore[arg-type]
        ):
            assert report.total.tokens.requests == 1
            assert len(report.rows) == 1


async def test_the_night_in_which_the_clocks_change_has_its_day(path: Address) -> None:
    # Half past one in the night of November 1st, twice, and a day of 25 hours.
    await spent(path, "2026-11-01T04:30:00Z", "2026-11-01T06:30:00Z", "2026-11-02T04:30:00Z")
    async with ConversationStore(path) as store:
        report = await store.spending(["day"])
    assert [(row.keys, row.turns) for row in report.rows] == [(("2026-11-01",), 3)]


async def test_failed_and_deleted_runs_have_rows_of_their_own(path: Address) -> None:
    await spent(path, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z")
    execute(path, "UPDATE convo_runs SET status = 'failed' WHERE user_turn_number = 1")
    async with ConversationStore(path) as store:
        await store.undo("talk", "main", 1)
        report = await store.spending(["model"], prices=Book())
        by_turn = await store.usage_with_total("talk", by="turn", prices=Book())
    assert [(row.status, row.is_deleted, row.turns) for row in report.rows] == [
        ("completed", False, 1),
        ("completed", True, 1),
        ("failed", False, 1),
    ]
    assert report.total.tokens.requests == 3
    assert report.total.money.cost == pytest.approx(
        sum(row.money.cost or 0 for row in by_turn.rows)
    )
    assert [(row.turn, row.is_deleted) for row in by_turn.rows] == [
        (1, False),
        (2, False),
        (3, True),
    ]


async def test_a_turn_of_two_models_counts_once_in_the_total(path: Address) -> None:
    await spent(path, "2026-01-01T00:00:00Z")
    others = [name for name in columns(path, "convo_runs") if name != "id"]
    copied = ", ".join("'tiered'" if name == "model" else name for name in others)
    names = ", ".join(others)
    execute(path, f"INSERT INTO convo_runs ({names}) SELECT {copied} FROM convo_runs")
    async with ConversationStore(path) as store:
        in_total = await store.usage_with_total("talk", prices=Book())
        by_model = await store.spending(["model"])
    assert [row.turns for row in in_total.rows] == [1]
    assert [row.turns for row in by_model.rows] == [1, 1]
    assert by_model.total.turns == in_total.total.turns == 1


async def test_the_server_of_a_run_decides_not_the_current_one(path: Address) -> None:
    await spent(path, "2026-01-01T00:00:00Z", base_url="http://elsewhere/v1")
    async with ConversationStore(path) as store:
        report = await store.usage_with_total("talk", prices=Book())
    assert report.total.money.cost is None
    assert report.without_price == [("flat", 1)]


@pytest.mark.parametrize("entries", ["[", "[]", '["x"]', "null", json.dumps([{"a": 1}])])
async def test_entries_that_do_not_say_how_long_requests_were(path: Address, entries: str) -> None:
    two = [{"input_tokens": 90, "output_tokens": 1}, {"input_tokens": 110, "output_tokens": 1}]
    long = run()._replace(model="tiered", requests=2, input_tokens=200, request_entries=two)
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        await store.record_turn("talk", "main", turn("?"), long)
    execute(path, "UPDATE convo_runs SET request_entries = ?", entries)
    async with ConversationStore(path) as store:
        assert (await store.usage_with_total("talk", prices=Book())).total.money.unpriced == 1


async def test_a_shared_turn_costs_what_it_cost_where_it_was_asked(path: Address) -> None:
    await spent(path, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
    async with ConversationStore(path) as store:
        await store.branch("talk", "main", turn=2, name="fork", expected="main")
        shown = await store.usage_of_turn("talk", "fork", 1, prices=Book())
        asked = await store.usage_of_turn("talk", "main", 1, prices=Book())
        assert shown is not None
        assert asked is not None
        assert shown.money == asked.money
        assert shown.money.cost
        assert await store.usage_of_turn("talk", "fork", 9) is None


async def test_a_turn_in_the_place_of_another_lends_it_no_tools(path: Address) -> None:
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        await store.record_turn("talk", "main", turn("deleted"), run(30))
        await store.undo("talk", "main", 1)
        failed = await store.begin_turn(AskedTurn("talk", "main", [user("failed")]))
        spent = Progress(run=run(60)._replace(status="failed"))
        await store.end_pending("talk", failed, "failed", spent)
        items = [user("?"), call("look"), output("look"), assistant("!")]
        await store.record_turn("talk", "main", items, run(90))
        report = await store.spending(["tool"])
    assert {
        (row.keys, row.status, row.is_deleted): row.tokens.total_tokens for row in report.rows
    } == {
        (("look",), "completed", False): 90,
        ((None,), "completed", True): 30,
        ((None,), "failed", False): 60,
    }


async def test_a_deleted_session_keeps_its_source_until_it_is_purged(path: Address) -> None:
    await spent(path, "2026-01-01T00:00:00Z")
    execute(path, "UPDATE convo_sessions SET source = 'codex'")
    async with ConversationStore(path) as store:
        await store.delete_session("talk")
        failed = await store.begin_turn(AskedTurn(None, "main", [user("failed")]))
        await store.end_pending(None, failed, "failed", Progress(run=run()))
        kept = await store.spending(["source"])
        await store.purge_removed()
        purged = await store.spending(["source"])
    assert {row.keys for row in kept.rows} == {("codex",), ("convo",)}
    assert {row.keys for row in purged.rows} == {(None,), ("convo",)}
