"""Branches that are merged: turns copied, lines taken over, summaries; and what is refused."""

import asyncio
from typing import Any

import pytest

from convo import ConversationStore
from convo.errors import ConflictError
from convo.pending.pending import AskedTurn, Progress
from convo.records import Merged
from tests.core.addresses import Address
from tests.core.talk import assistant, call, output, run, texts, turn, user


async def asked(store: ConversationStore, branch: str = "main") -> list[str]:
    return [info.text for info in await store.turns("talk", branch)]


async def total(store: ConversationStore) -> int:
    (row,) = await store.usage("talk")
    return row.tokens.total_tokens


async def test_turns_are_copied_whole(talk: ConversationStore) -> None:
    done = await talk.cherry_pick("talk", "main", "side", 2, -1)
    assert (done.merged, done.first, done.last) == (Merged("picked", "side", 2, 3), 4, 5)
    assert await asked(talk) == ["one", "two", "three", "side two", "side three"]
    theirs = await talk.history("talk", "side")
    assert (await talk.history("talk", "main"))[-7:] == theirs[-7:]
    *_, two, three = await talk.turns("talk", "main")
    assert (two.merged, three.merged) == (
        Merged("picked", "side", 2, 2),
        Merged("picked", "side", 3, 3),
    )
    assert await asked(talk, "side") == ["one", "side two", "side three"]


async def test_copied_turns_are_not_counted_again(talk: ConversationStore) -> None:
    before = await total(talk)
    await talk.cherry_pick("talk", "main", "side", 2, 3)
    assert await total(talk) == before
    assert [info.tokens for info in await talk.turns("talk", "main")][3:] == [None, None]
    await talk.take_over("talk", "main", "side")
    assert await total(talk) == before
    # They are shared now, and tell what they took.
    assert [info.tokens.total_tokens for info in await talk.turns("talk", "main")][1:] == [30, 60]  # type: ignore[union-attr]


async def test_one_undo_takes_a_merge_back_and_restore_brings_it(talk: ConversationStore) -> None:
    await talk.cherry_pick("talk", "main", "side", 2, 3)
    removed = await talk.undo("talk", "main")
    assert removed.merged == Merged("picked", "side", 2, 3)
    assert await asked(talk) == ["one", "two", "three"]
    (restored,) = await talk.restore("talk")
    assert restored.branch_id == "main"
    assert (await asked(talk))[3:] == ["side two", "side three"]
    # A number counts turns, and turns that came later are undone first.
    await talk.record_turn("talk", "main", turn("later"), run())
    assert (await talk.undo("talk", "main")).text == "later"
    assert (await talk.undo("talk", "main", 1)).text == "side three"
    assert (await talk.undo("talk", "main")).text == "side two"


async def test_a_line_that_only_goes_on_is_taken_over(talk: ConversationStore) -> None:
    await talk.undo("talk", "main", 2)
    done = await talk.take_over("talk", "main", "side", only_forward=True)
    assert (done.first, done.last, done.aside_first) == (2, 3, 0)
    assert await asked(talk) == await asked(talk, "side")
    again = await talk.take_over("talk", "main", "side", only_forward=True)
    assert again.first == 0


async def test_lines_that_both_go_on_are_named(talk: ConversationStore) -> None:
    with pytest.raises(ConflictError, match="'main' with turns 2-3, 'side' with turns 2-3"):
        await talk.take_over("talk", "main", "side", only_forward=True)
    done = await talk.take_over("talk", "main", "side")
    assert (done.aside_first, done.aside_last) == (2, 3)
    assert await talk.removed("talk") == []
    await talk.undo("talk", "main")
    assert await asked(talk) == ["one", "two", "three"]


async def test_what_was_set_aside_is_not_lost_with_its_merge(talk: ConversationStore) -> None:
    await talk.take_over("talk", "main", "side")
    await talk.undo("talk", "main", 2)
    assert [entry.text for entry in await talk.removed("talk")] == ["side two", "two"]
    assert len(await talk.restore("talk")) == 1
    await talk.undo("talk", "main")
    assert await asked(talk) == ["one", "two", "three"]


async def test_a_turn_that_is_there_is_not_copied_again(talk: ConversationStore) -> None:
    with pytest.raises(ConflictError, match="turn 1 of 'side' is on 'main' already, as turn 1"):
        await talk.cherry_pick("talk", "main", "side", 1, 2)
    await talk.cherry_pick("talk", "main", "side", 2, 2)
    with pytest.raises(ConflictError, match="turn 2 of 'side' is on 'main' already, as turn 4"):
        await talk.cherry_pick("talk", "main", "side", 2, 3)
    await talk.undo("talk", "main")
    await talk.cherry_pick("talk", "main", "side", 2, 3)


COMPACTION = {"type": "compaction", "id": "cmp_1", "encrypted_content": "x"}


@pytest.mark.parametrize(
    ("before", "items", "after", "said"),
    [
        ([], [COMPACTION], [], "has a compaction, which stands for the turns before it"),
        ([call("look")], [output("look")], [], "has the output of a call of an earlier turn"),
        ([], [call("look")], [output("look")], "has its output in a later turn"),
    ],
)
async def test_what_means_nothing_alone_is_refused(
    talk: ConversationStore, before: list[Any], items: list[Any], after: list[Any], said: str
) -> None:
    for name, more in (("before", before), ("four", items), ("after", after)):
        await talk.record_turn("talk", "side", [user(name), *more, assistant("Yes.")], run())
    with pytest.raises(ConflictError, match=said):
        await talk.cherry_pick("talk", "main", "side", 5, 5)
    await talk.take_over("talk", "main", "side")


async def test_hosted_tools_are_copied_with_their_turn(talk: ConversationStore) -> None:
    hosted = [
        {"type": "web_search_call", "id": "ws_1", "status": "completed"},
        {"type": "code_interpreter_call", "id": "ci_1", "container_id": "c", "code": "1"},
        {"type": "mcp_call", "id": "mcp_1", "name": "n", "server_label": "s", "arguments": "{}"},
    ]
    await talk.record_turn("talk", "side", [user("four"), *hosted, assistant("Yes.")], run())
    await talk.cherry_pick("talk", "main", "side", 4, 4)
    assert (await talk.history("talk", "main"))[-4:-1] == hosted


async def test_a_branch_that_is_being_answered_is_left_alone(talk: ConversationStore) -> None:
    pending = await talk.begin_turn(AskedTurn("talk", "main", [user("wait")]))
    with pytest.raises(ConflictError, match="turn 4 is still being answered"):
        await talk.cherry_pick("talk", "main", "side", 2, 3)
    await talk.end_pending("talk", pending, "failed", Progress(), message="no")
    with pytest.raises(ConflictError, match="turn 4 of 'main' waits for an answer"):
        await talk.take_over("talk", "main", "side")
    with pytest.raises(ConflictError, match="turn 4 of 'main' waits for an answer"):
        await talk.squash("talk", "main", 1, 2)
    await talk.cherry_pick("talk", "main", "side", 2, 3)
    assert len(await talk.waiting_turns()) == 1


async def test_a_summary_is_a_turn_with_a_cost(talk: ConversationStore) -> None:
    before = await total(talk)
    span = await talk.span_to_merge("talk", "main", "side")
    assert span is not None
    assert (span.first, span.last, texts(span.history[:1])) == (2, 3, ["one"])
    await talk.store_summary("talk", "main", span, turn("sum up"), run(90))
    assert await total(talk) == before + 90
    *_, last = await talk.turns("talk", "main")
    assert (last.text, last.merged) == ("sum up", Merged("summary", "side", 2, 3))
    assert await talk.span_to_merge("talk", "main", "side") is None
    await talk.record_turn("talk", "side", turn("side four"), run())
    span = await talk.span_to_merge("talk", "main", "side")
    assert span is not None
    assert (span.first, span.last) == (4, 4)
    # A branch that is made from it shows what the turn is.
    await talk.branch("talk", "main", after=4, name="on", expected=None)
    assert (await talk.turns("talk", "on"))[-1].merged == last.merged
    await talk.undo("talk", "main")
    assert await total(talk) == before + 90 + 15


async def test_two_that_merge_at_once_take_turns(talk: ConversationStore, path: Address) -> None:
    async with ConversationStore(path) as other:
        done = await asyncio.gather(
            *(one.cherry_pick("talk", "main", "side", 2, 3) for one in (talk, other)),
            return_exceptions=True,
        )
    assert sorted(type(one).__name__ for one in done) == ["ConflictError", "MergedTurns"]
    assert len(await asked(talk)) == 5
    assert await talk.check() == []


async def test_merges_follow_what_is_renamed_and_copied(
    talk: ConversationStore, path: Address
) -> None:
    await talk.cherry_pick("talk", "main", "side", 2, 3)
    await talk.rename_branch("talk", "side", "lane")
    await talk.rename_session("talk", "tale")
    *_, last = await talk.turns("tale", "main")
    assert last.merged == Merged("picked", "lane", 3, 3)
    await talk.delete_session("tale")
    await talk.restore_session("tale")
    assert (await talk.undo("tale", "main")).merged == Merged("picked", "lane", 2, 3)
    assert await talk.check() == []
