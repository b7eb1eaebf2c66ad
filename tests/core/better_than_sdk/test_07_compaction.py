"""Row 7: a compaction touches the current branch alone, and what it replaces stays reachable."""

from types import SimpleNamespace
from typing import Any

import pytest
from agents.memory import OpenAIResponsesCompactionSession

from convo import ConversationStore
from tests.core.addresses import Address
from tests.core.better_than_sdk.openers import AnySession, OpenOurs, OpenTheirs
from tests.core.better_than_sdk.working import agent, run, says, totals
from tests.core.talk import assistant, result, texts, turn, user

pytestmark = pytest.mark.usefixtures("consistent")

SUMMARY = {"type": "compaction", "id": "cmp_1", "encrypted_content": "everything so far"}


class Client:
    """The part of OpenAI's client that compacts, without a network; it keeps what it was sent."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.responses = SimpleNamespace(compact=self._compact)

    async def _compact(self, **request: Any) -> Any:
        self.sent.append(request)
        return SimpleNamespace(output=[SUMMARY], usage=None)


def compacting(session: AnySession, **options: Any) -> OpenAIResponsesCompactionSession:
    return OpenAIResponsesCompactionSession(
        "talk",
        session,
        client=Client(),
        **options,  # type: ignore[arg-type]
    )


async def talk_on_two_branches(session: AnySession) -> None:
    """`main` of three turns and a side branch `b` of two, which is current; each has its usage."""
    await session.add_items(turn("1") + turn("2"))
    await session.store_run_usage(result(100))
    await session.add_items(turn("3"))
    await session.store_run_usage(result(200))
    await session.create_branch_from_turn(2, "b")
    await session.add_items(turn("other 2"))
    await session.store_run_usage(result(400))


async def counted(session: AnySession) -> dict[str, int]:
    return {row["branch_id"]: row["message_count"] for row in await session.list_branches()}


async def test_a_forced_compaction_touches_the_current_branch_alone(
    theirs: OpenTheirs, ours: OpenOurs
) -> None:
    their_session = theirs()
    await talk_on_two_branches(their_session)
    await compacting(their_session).run_compaction({"force": True})
    assert await counted(their_session) == {"main": 1}
    assert await their_session.get_items() == [SUMMARY]
    assert await their_session.get_session_usage() is None

    session = ours()
    await talk_on_two_branches(session)
    await compacting(session).run_compaction({"force": True})
    assert await session.get_items() == [SUMMARY]
    assert await session.get_items(branch_id="b") == [SUMMARY]
    assert await session.get_items(branch_id="main") == turn("1") + turn("2") + turn("3")
    usage = await session.get_turn_usage(branch_id="main")
    assert [row["total_tokens"] for row in usage] == [100, 200]
    assert (await session.get_session_usage())["total_tokens"] == 700  # type: ignore[index]


async def test_the_line_that_was_compacted_stays_as_a_branch(ours: OpenOurs) -> None:
    """The SDK's class deletes it, as the test above shows."""
    session = ours()
    await talk_on_two_branches(session)
    await compacting(session).run_compaction({"force": True})

    (kept,) = set(await counted(session)) - {"main", "b"}
    assert await counted(session) == {"main": 6, "b": 1, kept: 4}
    await session.switch_to_branch(kept)
    assert await session.get_items() == turn("1") + turn("other 2")
    assert await totals(session) == {2: 400}
    await session.add_items(turn("on"))
    assert len(await session.get_items()) == 6
    await session.delete_branch(kept, force=True)
    assert await counted(session) == {"main": 6, "b": 1}


async def test_a_compacted_branch_goes_on(theirs: OpenTheirs, ours: OpenOurs) -> None:
    async def compact_and_ask(session: AnySession) -> dict[str, int]:
        await talk_on_two_branches(session)
        compacted = compacting(session)
        await compacted.run_compaction({"force": True})
        await session.store_run_usage(await run(agent(says("Yes.", 50)), "Go on?", compacted))
        assert texts((await session.get_items())[1:]) == ["Go on?", "Yes."]
        return await counted(session)

    assert await compact_and_ask(theirs()) == {"main": 3}
    session = ours()
    assert await compact_and_ask(session) == {"main": 6, "b": 3, "b_uncompacted": 4}
    assert await totals(session) == {1: 50}
    (asked,) = await session.get_conversation_turns()
    assert asked["content"] == "Go on?"


async def test_main_can_be_compacted_again_and_again(theirs: OpenTheirs, ours: OpenOurs) -> None:
    async def compact_twice(session: AnySession) -> dict[str, int]:
        compacted = compacting(session)
        for number in (1, 2):
            await compacted.add_items(turn(f"{number}"))
            await compacted.run_compaction({"force": True})
        return await counted(session)

    assert await compact_twice(theirs()) == {"main": 1}
    session = ours()
    lines = await compact_twice(session)
    assert sorted(lines.values()) == [1, 2, 3]
    first, second = sorted(set(lines) - {"main"})
    assert await session.get_items(branch_id=first) == turn("1")
    assert await session.get_items(branch_id=second) == [SUMMARY, *turn("2")]


async def test_what_was_spent_before_a_compaction_stays_in_the_ledger(
    ours: OpenOurs, path: Address
) -> None:
    """The SDK's class has none: all of its usage went with the branches."""
    session = ours()
    await talk_on_two_branches(session)
    await compacting(session).run_compaction({"force": True})
    async with ConversationStore(path) as store:
        assert (await store.usage("talk"))[0].tokens.total_tokens == 700
        assert await store.check() == []


async def test_an_automatic_compaction_replaces_what_the_model_was_sent(
    theirs: OpenTheirs, ours: OpenOurs
) -> None:
    """One that a run sets off: the SDK finds the items of the last exchange on the branch."""

    async def ask_until_compacted(session: AnySession) -> dict[str, int]:
        await talk_on_two_branches(session)
        compacted = compacting(session, should_trigger_compaction=lambda _: True)
        await run(agent(says("Yes.", 50)), "Really?", compacted)
        assert (await session.get_items())[-1] == SUMMARY
        return await counted(session)

    assert await ask_until_compacted(theirs()) == {"main": 1}
    session = ours()
    assert await ask_until_compacted(session) == {"main": 6, "b": 1, "b_uncompacted": 6}
    kept = await session.get_items(branch_id="b_uncompacted")
    assert texts(kept) == ["1", "About 1", "other 2", "About other 2", "Really?", "Yes."]


async def test_a_compaction_that_fails_changes_nothing(theirs: OpenTheirs, ours: OpenOurs) -> None:
    """The SDK's class keeps its history too: it clears only once the summary is there."""

    async def refuse(**_: Any) -> Any:
        raise OSError("no network")

    for session in (theirs(), ours()):
        await talk_on_two_branches(session)
        compacted = compacting(session)
        compacted.client.responses = SimpleNamespace(compact=refuse)  # type: ignore[assignment]
        with pytest.raises(OSError, match="no network"):
            await compacted.run_compaction({"force": True})
        assert await counted(session) == {"main": 6, "b": 4}
        assert await session.get_items() == turn("1") + turn("other 2")


async def test_items_that_come_while_the_summary_is_made_are_not_lost(ours: OpenOurs) -> None:
    """They stay on the uncompacted line; with the SDK's class they are cleared with the rest."""
    session = ours()
    await session.add_items(turn("1"))
    compacted = compacting(session)

    async def slowly(**_: Any) -> Any:
        await ours().add_items([user("meanwhile"), assistant("indeed")])
        return SimpleNamespace(output=[SUMMARY], usage=None)

    compacted.client.responses = SimpleNamespace(compact=slowly)  # type: ignore[assignment]
    await compacted.run_compaction({"force": True})
    lines = [await session.get_items(branch_id=name) for name in await counted(session)]
    assert any("meanwhile" in texts([i for i in items if i != SUMMARY]) for items in lines)
