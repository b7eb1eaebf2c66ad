"""What turns that failed or were interrupted cost, in the ledger and in what is told of it."""

from typing import Any

import pytest

from convo import ConversationStore
from convo.pending.holding import End
from convo.pending.pending import AskedTurn, Progress
from convo.records import Location, NewSession
from tests.core.addresses import Address, rows
from tests.core.pending.test_unfinished import DONE
from tests.core.talk import run, turn, user

LEDGER = (
    "SELECT session_id, user_turn_number, anchor IS NOT NULL, status, total_tokens"
    " FROM convo_runs ORDER BY id"
)
STORED = "SELECT total_tokens FROM turn_usage ORDER BY id"


@pytest.fixture
async def talk(store: ConversationStore) -> ConversationStore:
    await store.start_session("talk")
    return store


def ledger(path: Address) -> list[Any]:
    return rows(path, LEDGER)


async def ended(
    store: ConversationStore, state: End | None = "failed", cost: int = 10, **how: Any
) -> int:
    """A turn in which a tool ran; with `state` None its process says no word at its end."""
    asked = AskedTurn("talk", "main", [user("pay")])._replace(**how)
    pending_id = await store.begin_turn(asked)
    progress = Progress(DONE, run=run(cost))
    await store.save_progress(asked.session_id, pending_id, progress)
    if state is not None:
        await store.end_pending(asked.session_id, pending_id, state, progress)
    return pending_id


async def stored(store: ConversationStore, **how: Any) -> None:
    asked = AskedTurn("talk", "main", [user("pay")])._replace(**how)
    pending_id = await store.begin_turn(asked)
    place = Location("talk") if asked.session_id else NewSession("talk", is_unique=True)
    await store.store_turn(place, turn("pay"), run(100), pending_id=pending_id)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("failed", "failed"),
        ("stopped", "interrupted"),
        ("not stored", "failed"),
        (None, "interrupted"),
    ],
)
async def test_the_status_of_a_turn_that_ended_early(
    talk: ConversationStore, state: End | None, status: str, path: Address
) -> None:
    await ended(talk, state)
    assert ledger(path) == [("talk", 1, 0, status, 10)]
    assert rows(path, STORED) == []
    report = await talk.usage_with_total("talk", by="turn")
    assert [(row.text, row.status, row.turn) for row in report.rows] == [("pay", status, 1)]
    assert (report.total.turns, report.total.tokens.total_tokens) == (0, 10)


async def test_a_retry_that_goes_on_adds_a_run_to_the_turn(
    talk: ConversationStore, path: Address
) -> None:
    first = await ended(talk)
    second = await ended(talk, "stopped", retries=first)
    await stored(talk, retries=second)
    assert ledger(path) == [
        ("talk", 1, 1, "failed", 10),
        ("talk", 1, 1, "interrupted", 10),
        ("talk", 1, 1, "completed", 100),
    ]
    assert rows(path, STORED) == [(120,)]
    (info,) = await talk.turns("talk", "main")
    assert info.tokens is not None
    assert info.tokens.total_tokens == 120


async def test_a_retry_from_the_start_leaves_the_cost_beside_the_turn(
    talk: ConversationStore, path: Address
) -> None:
    first = await ended(talk)
    await stored(talk, retries=first, from_start=True)
    assert ledger(path) == [("talk", 1, 0, "failed", 10), ("talk", 1, 1, "completed", 100)]
    assert rows(path, STORED) == [(100,)]
    report = await talk.usage_with_total("talk")
    assert [(row.status, row.turns, row.tokens.total_tokens) for row in report.rows] == [
        ("completed", 1, 100),
        ("failed", 1, 10),
    ]
    assert (report.total.turns, report.total.tokens.total_tokens) == (1, 110)


async def test_what_a_first_prompt_cost_goes_to_the_session_that_begins_at_last(
    store: ConversationStore, path: Address
) -> None:
    first = await ended(store, session_id=None)
    assert [row.status for row in (await store.usage_without_session()).rows] == ["failed"]
    assert ledger(path) == [("", 1, 0, "failed", 10)]
    await stored(store, retries=first, session_id=None)
    assert [row[0] for row in ledger(path)] == ["talk", "talk"]
    assert (await store.usage_without_session()).rows == []


async def test_a_session_that_was_named_and_has_not_begun_has_its_costs(
    store: ConversationStore,
) -> None:
    await ended(store, session_id="trip")
    report = await store.usage_with_total("trip", by="branch")
    assert [(row.branch_id, row.is_deleted, row.turns) for row in report.rows] == [
        ("main", False, 1)
    ]


async def test_what_no_server_has_answered_is_in_no_ledger(
    talk: ConversationStore, path: Address
) -> None:
    pending_id = await talk.begin_turn(AskedTurn("talk", "main", [user("pay")]))
    unanswered = Progress(run=run(0)._replace(requests=0))
    await talk.end_pending("talk", pending_id, "failed", unanswered)
    assert ledger(path) == []


async def test_dropping_a_question_keeps_what_it_cost(
    talk: ConversationStore, path: Address
) -> None:
    await talk.drop_pending([await ended(talk)])
    assert ledger(path) == [("talk", 1, 0, "failed", 10)]
    (row,) = (await talk.usage_with_total("talk", by="turn")).rows
    assert (row.text, row.status) == (None, "failed")


async def test_two_runs_that_cost_the_same_are_two(talk: ConversationStore, path: Address) -> None:
    first = await ended(talk, cost=100)
    await stored(talk, retries=first)
    assert rows(path, STORED) == [(200,)]
