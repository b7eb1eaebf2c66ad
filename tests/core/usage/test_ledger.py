"""The ledger over random histories: it agrees with the table of turns, and forgets nothing."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convo import ConversationStore
from convo.usage.details import added
from convo.usage.ledger import entry_of
from tests.core.addresses import Address, Session, open_session, rows
from tests.core.talk import result, run, turn

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("turn"), st.lists(st.integers(10, 99), max_size=3)),
        st.tuples(st.just("again"), st.lists(st.integers(10, 99), min_size=1, max_size=3)),
        st.tuples(st.just("resume"), st.integers(10, 99)),
        st.tuples(st.just("pop"), st.integers(1, 3)),
        st.tuples(st.just("branch"), st.integers(1, 3)),
        st.tuples(st.just("main"), st.none()),
        st.tuples(st.just("delete"), st.none()),
        st.tuples(st.just("clear"), st.none()),
    ),
    max_size=25,
)


class History:
    """A session under random steps, and the sum that a bill for it would show."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.bill = 0
        self.last: tuple[int, ...] = ()

    async def step(self, name: str, value: Any) -> None:
        await getattr(self, name)(value)
        if name not in {"turn", "again", "resume"}:
            self.last = ()

    async def turn(self, totals: list[int]) -> None:
        await self.session.add_items(turn("?"))
        # A run that is resumed goes on in its own turn.
        self.last = ()
        await self.run(*totals)

    async def again(self, totals: list[int]) -> None:
        await self.run(*(total + 1000 for total in totals))

    async def resume(self, total: int) -> None:
        if self.last:
            await self.run(*self.last, total, resumed=True)

    async def pop(self, count: int) -> None:
        for _ in range(count):
            await self.session.pop_item()

    async def branch(self, number: int) -> None:
        if len(await self.session.get_conversation_turns()) >= number:
            await self.session.create_branch_from_turn(number)

    async def main(self, _: None) -> None:
        await self.session.switch_to_branch("main")

    async def delete(self, _: None) -> None:
        for branch in await self.session.list_branches():
            if branch["is_current"] and branch["branch_id"] != "main":
                await self.session.delete_branch(branch["branch_id"], force=True)

    async def clear(self, _: None) -> None:
        await self.session.clear_session()

    async def run(self, *totals: int, resumed: bool = False) -> None:
        """Store a run, unless it could be taken for the going on of an earlier one."""
        if not totals or not await self.session.get_items():
            return
        if not resumed:
            # Each run begins with a request of a cost that no other has.
            totals = (100_000 + self.bill, *totals)
        await self.session.store_run_usage(result(*totals))
        self.bill += totals[-1] if resumed else sum(totals)
        self.last = totals


async def play(path: Address, steps: list[tuple[str, Any]]) -> None:
    async with open_session(path, create_tables=True) as session:
        history = History(session)
        await session.add_items([])
        await session.get_items()
        for name, value in steps:
            await history.step(name, value)
    assert rows(path, "SELECT coalesce(sum(total_tokens), 0) FROM convo_runs") == [(history.bill,)]
    assert (
        rows(
            path,
            "SELECT u.branch_id, u.user_turn_number, u.requests, u.total_tokens"
            " FROM turn_usage AS u"
            " EXCEPT SELECT r.branch_id, r.user_turn_number, sum(r.requests), sum(r.total_tokens)"
            " FROM convo_runs AS r JOIN message_structure AS s ON s.id = r.anchor"
            " GROUP BY r.branch_id, r.user_turn_number",
        )
        == []
    )
    async with ConversationStore(path) as store:
        assert await store.check() == []


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_random_histories(tmp_path_factory: pytest.TempPathFactory, steps: Any) -> None:
    asyncio.run(play(tmp_path_factory.mktemp("ledger") / "c.db", steps))


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ({"a": 1}, {"a": 2, "b": 3}, {"a": 3, "b": 3}),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, {"a": {"b": 2, "c": 2}}),
        ({"a": "x"}, {"a": "y"}, {"a": "x"}),
        ({"a": True}, {"a": True}, {"a": True}),
        (None, {"a": 1}, {"a": 1}),
        ({"a": 1}, None, {"a": 1}),
        (None, None, None),
    ],
)
def test_details_are_added_key_by_key(one: Any, other: Any, both: Any) -> None:
    assert added(one, other) == both


async def test_a_run_keeps_what_its_price_depends_on(path: Address) -> None:
    spent = run()._replace(
        base_url="https://api.example.com/v1",
        agent="desk:agent",
        recorded_cost=0.25,
        first_token_s=0.5,
        input_details={"cached_tokens": 1, "cache_write_tokens": 2, "audio_tokens": 3},
        output_details={"audio_tokens": 4},
    )
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        await store.record_turn("talk", "main", turn("?"), spent)
    assert rows(
        path,
        "SELECT base_url, agent, recorded_cost, first_token_s, cache_write_tokens,"
        " audio_input_tokens, audio_output_tokens FROM convo_runs",
    ) == [("https://api.example.com/v1", "desk:agent", 0.25, 0.5, 2, 3, 4)]


@pytest.mark.parametrize(
    ("lengths", "longest"), [([], 100), ([60, 40], 60), ([60], 60), ([30], 70), (["x", 100], 100)]
)
def test_the_longest_request_is_known_or_all_that_has_no_entry(
    lengths: list[Any], longest: int
) -> None:
    spent = run()._replace(
        input_tokens=100, request_entries=[{"input_tokens": length} for length in lengths]
    )
    assert entry_of(spent)["longest_request"] == longest


@pytest.mark.parametrize("count", [-5, float("inf"), float("nan"), 2**70, "5", True, None])
def test_what_is_no_count_of_tokens_counts_as_none(count: Any) -> None:
    spent = run()._replace(input_details={"cached_tokens": count, "audio_tokens": 3})
    entry = entry_of(spent)
    assert (entry["cached_tokens"], entry["audio_input_tokens"]) == (0, 3)
