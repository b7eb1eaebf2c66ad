"""A copy of random histories has everything that the original has, and can do what it could."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from convo import ConversationStore
from convo.copying import reading
from convo.copying.records import Tally
from convo.errors import ConflictError, DatabaseError
from convo.eval_records import EvalResult
from convo.store.copying import CopyStep
from tests.core.histories import STEPS, History, documents, reports, two_stores
from tests.core.importing.given import line, session, take
from tests.core.talk import run, turn

_SETTINGS = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


async def began(store: ConversationStore, name: str, *questions: str) -> None:
    await store.start_session(name)
    for question in questions:
        await store.record_turn(name, "main", turn(question), run(30))


async def all_removed(store: ConversationStore, session: str) -> Any:
    return await store.removed(session), await store.removed_sessions()


@_SETTINGS
@given(steps=STEPS, later=STEPS)
async def test_a_copy_is_the_same_and_goes_on_in_the_same_way(
    steps: list[tuple[str, Any]], later: list[tuple[str, Any]]
) -> None:
    async with two_stores() as (here, there):
        await began(there, "other", "so that ids differ", "and again")
        await there.undo("other", "main", 1)
        await here.start_session("s")
        history = History(here)
        await history.steps([("say", "hi"), *steps])
        name = history.session
        await here.copy_to(there)
        await there.use_session(name, expected="other")
        copied = await documents(there)
        assert copied | await documents(here) == copied
        assert await all_removed(there, name) == await all_removed(here, name)
        assert await there.check() == []
        again = History(there)
        again.session, again.names = history.session, history.names
        await history.steps([*later, ("restore", "")])
        await again.steps([*later, ("restore", "")])
        assert _said(await reports(there, again.session)) == _said(
            await reports(here, history.session)
        )


def _said(report: Any) -> str:
    # The steps after the copy may have been made in another second.
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", "TIME", repr(report))


async def test_deleted_sessions_and_their_namesakes_are_copied() -> None:
    async with two_stores() as (here, there):
        await began(here, "a", "one", "two")
        await here.delete_session("a")
        await began(here, "a", "three")
        await began(there, "b", "four")
        await here.copy_to(there)
        total = (await here.spending()).total.tokens.total_tokens
        assert (await there.spending()).total.tokens.total_tokens == total + 30
        await there.rename_session("a", "new")
        await there.restore_session("a")
        assert [info.text for info in await there.turns("a", "main")] == ["one", "two"]
        assert await there.check() == []


async def test_copying_again_changes_nothing() -> None:
    async with two_stores() as (here, there):
        await began(here, "a", "one", "two")
        await began(here, "gone", "three")
        await here.delete_session("gone")
        await here.copy_to(there)
        before = await documents(there)
        with pytest.raises(ConflictError, match="'a' already exists there"):
            await here.copy_to(there)
        done = await here.copy_to(there, skip_existing=True)
        assert [(one.name, one.is_new) for one in done if one.name == "a"] == [("a", False)]
        assert await documents(there) == before
        assert len(await there.removed_sessions()) == 1


async def test_a_conflict_is_found_before_anything_is_copied() -> None:
    async with two_stores() as (here, there):
        await began(here, "a", "one")
        await began(here, "b", "two")
        await began(there, "b", "three")
        with pytest.raises(ConflictError):
            await here.copy_to(there)
        assert [info.session_id for info in await there.sessions()] == ["b"]


async def test_some_sessions_by_name() -> None:
    async with two_stores() as (here, there):
        for name in ("a", "b", "c"):
            await began(here, name, "one")
        steps: list[CopyStep] = []
        await here.copy_to(there, ["c", "a", "c"], told=steps.append)
        assert [(step.name, step.number, step.total) for step in steps] == [
            ("c", 1, 2),
            ("a", 2, 2),
        ]
        assert {info.session_id for info in await there.sessions()} == {"a", "c"}


async def test_whoever_is_nowhere_there_is_where_they_were() -> None:
    async with two_stores() as (here, there):
        await began(here, "a", "one")
        await began(here, "b", "two")
        await here.use_session("a", expected="b")
        await here.copy_to(there)
        assert await there.current_session() == "a"
        await there.use_session("b", expected="a")
        await began(here, "c", "three")
        await here.copy_to(there, skip_existing=True)
        assert await there.current_session() == "b"


async def test_a_copy_that_differs_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    async with two_stores() as (here, there):
        await began(here, "a", "one")
        insert = "convo.copying.inserting._text"
        monkeypatch.setattr(insert, lambda data: data.decode().replace("one", "other"))
        with pytest.raises(DatabaseError, match=r"not like the original.*text of a line"):
            await here.copy_to(there)
        assert await there.sessions() == []


async def test_a_tally_tells_the_order_of_a_line() -> None:
    async with two_stores() as (here, there):
        await began(here, "a", "one", "two")
        await began(there, "a", "two", "one")
        tallies = [Tally(), Tally()]
        for store, tally in zip((here, there), tallies, strict=True):
            await store._read(lambda tx, tally=tally: list(tally.each(reading.records(tx, "a"))))
        [mine], [theirs] = (tally.scopes for tally in tallies)
        assert mine.counts == theirs.counts
        assert mine.differences(theirs) == ["text of a line"]


async def test_a_copy_has_the_evals_of_its_sessions_and_of_deleted_ones() -> None:
    async def begun(name: str, session: str | None) -> None:
        begun = await here.begin_eval(
            name, path="x.toml", digest="d", choices=["echo"], cases=1, repeat=1
        )
        result = EvalResult(0, "one", "d", "echo", 1, "passed", session or begun.session_id, "b", 1)
        await here.enter_eval_result(begun.run, result)

    async with two_stores() as (here, there):
        await begun("kept", None)
        await begun("elsewhere", "eval-kept")
        await begun("purged", None)
        await here.delete_session("eval-purged")
        await here.purge_removed()
        await begun("deleted", None)
        await here.delete_session("eval-deleted")
        await here.copy_to(there)
        await here.restore_session("eval-deleted")
        await there.restore_session("eval-deleted")
        assert {one.name: one._replace(run=0) for one in await there.evals()} == {
            one.name: one._replace(run=0) for one in await here.evals()
        }
        for one in await there.evals():
            (same,) = [other for other in await here.evals() if other.name == one.name]
            assert await there.eval_results(one.run) == await here.eval_results(same.run)
        await here.copy_to(there, skip_existing=True)
        assert len(await there.evals()) == len(await here.evals())


async def test_what_was_imported_and_deleted_for_good_is_not_imported_again_there() -> None:
    async with two_stores() as (here, there):
        await take(here, session("trip", line("t1")), session("kept", line("t1")))
        await here.delete_session("trip")
        await here.purge_removed()
        await here.copy_to(there)
        await here.copy_to(there, skip_existing=True)
        known = await take(there, session("trip", line("t1", "t2")), session("kept", line("t1")))
        assert (known.deleted, known.same, known.new) == (1, 1, 0)


async def test_marks_and_merges_are_copied_with_what_they_set_aside() -> None:
    async with two_stores() as (here, there):
        await began(there, "b", "so that ids differ")
        await began(here, "a", "one", "two", "three")
        await here.branch("a", "main", after=1, name="side", expected=None)
        await here.record_turn("a", "side", turn("beside"), run())
        await here.tag("a", "main", "gone", 2)
        await here.note("a", "main", 3, "a note")
        await here.star("a", "main", None)
        before = await here.turns("a", "main")
        await here.take_over("a", "main", "side")
        await here.squash("a", "main", 1, 2)
        await here.copy_to(there)
        for store in (here, there):
            assert await store.starred_sessions() == {"a"}
            assert (await store.undo("a", "main")).merged is not None
            assert (await store.undo("a", "main")).merged is not None
            assert await store.turns("a", "main") == before
            await store.restore("a")
            assert [info.text for info in await store.turns("a", "main")] == ["one", "beside"]
            assert await store.check() == []
