"""Documents of random histories: stored elsewhere, they are the same to the byte."""

import io
from typing import Any

from hypothesis import HealthCheck, given, settings

from convo import ConversationStore
from tests.core.histories import STEPS, History, document, documents, reports, two_stores

_SETTINGS = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_SETTINGS
@given(steps=STEPS)
async def test_a_history_is_the_same_elsewhere(steps: list[tuple[str, Any]]) -> None:
    async with two_stores() as (here, there):
        history = History(here)
        await here.start_session("s")
        await history.steps(steps)
        before = await documents(here)
        for data in before.values():
            await there.store_document(io.BytesIO(data))
        assert await documents(there) == before
        same = repr(await reports(here, history.session))
        assert repr(await reports(there, history.session)) == same
        for data in before.values():
            for store in (here, there):
                assert (await store.store_document(io.BytesIO(data))).outcome == "unchanged"
        assert await documents(here) == before
        assert await documents(there) == before


@_SETTINGS
@given(first=STEPS, here_then=STEPS, there_then=STEPS)
async def test_what_is_new_is_added_and_nothing_is_changed(
    first: list[tuple[str, Any]],
    here_then: list[tuple[str, Any]],
    there_then: list[tuple[str, Any]],
) -> None:
    async with two_stores() as (here, there):
        mine, theirs = History(here), History(there)
        await here.start_session("s")
        await mine.steps([("say", "first"), *first])
        stored = await there.store_document(io.BytesIO(await document(here, mine.session)))
        theirs.session, theirs.names = stored.session_id, 1000
        await theirs.steps(there_then)
        await mine.steps(here_then)
        before = await lines(there, theirs.session)
        # Not the same to the byte: what was undone since comes back only then.
        grown = await document(here, mine.session) + b"\n"
        result = await there.store_document(io.BytesIO(grown))
        after = await lines(there, theirs.session)
        for name, line in before.items():
            assert after[name][: len(line)] == line
        # Where nothing of it is left, it is another conversation.
        after |= await lines(there, result.session_id)
        deleted = set(result.deleted_here)
        for name, line in (await lines(here, mine.session)).items():
            assert name in deleted or any(one[: len(line)] == line for one in after.values())
        tokens = (await there.usage(theirs.session))[0].tokens.total_tokens
        again = await there.store_document(io.BytesIO(grown + b"\n"))
        assert (again.session_id, again.outcome) == (result.session_id, "unchanged")
        assert (await there.usage(theirs.session))[0].tokens.total_tokens == tokens
        assert (await there.check()) == []


async def lines(store: ConversationStore, session: str) -> dict[str, list[str]]:
    names = [info.branch_id for info in await store.branches(session)]
    return {name: list(map(repr, await store.history(session, name))) for name in names}
