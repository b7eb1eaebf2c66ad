"""Several turns made one, and made several again."""

from typing import Any

import pytest

from convo import ConversationStore
from convo.errors import ConflictError
from convo.records import Merged
from tests.core.talk import run, texts, turn, user


async def asked(store: ConversationStore, branch: str = "main") -> list[str]:
    return [info.text for info in await store.turns("talk", branch)]


async def seen(store: ConversationStore) -> list[Any]:
    session = store.session("talk")
    return [
        await store.turns("talk", "main"),
        await store.history("talk", "main"),
        await session.get_turn_usage(),
        sorted(map(str, await store.usage("talk", by="turn"))),
    ]


async def test_turns_become_one(talk: ConversationStore) -> None:
    before = await seen(talk)
    done = await talk.squash("talk", "main", 1, 2)
    assert (done.merged, done.first, done.last) == (Merged("squash", None, 1, 2), 1, 1)
    assert await asked(talk) == ["one\n\ntwo", "three"]
    history = await talk.history("talk", "main")
    assert texts(history) == ["one\n\ntwo", "About one", "About two", "three", "About three"]
    assert [
        info.tokens and info.tokens.total_tokens for info in await talk.turns("talk", "main")
    ] == [None, 15]
    assert await asked(talk, "side") == ["one", "side two", "side three"]
    after = await seen(talk)
    assert await talk.check() == []
    assert (await talk.undo("talk", "main")).merged == done.merged
    assert await seen(talk) == before
    await talk.restore("talk")
    assert await seen(talk) == after


async def test_only_the_last_answer_is_kept(talk: ConversationStore) -> None:
    await talk.squash("talk", "side", 1, 2, only_last=True)
    history = await talk.history("talk", "side")
    kinds = [item.get("type", "user") for item in history]
    assert kinds == [
        *("user", "reasoning", "function_call", "function_call_output", "message"),
        *("user", "message"),
    ]


async def test_attachments_stay_in_the_prompt(talk: ConversationStore) -> None:
    image = [{"type": "input_text", "text": "this"}, {"type": "input_image", "image_url": "data:,"}]
    await talk.record_turn("talk", "main", [user(image)], run())
    await talk.squash("talk", "main", 3, 4)
    (prompt, _) = (await talk.history("talk", "main"))[-2:]
    assert prompt["content"] == [{"type": "input_text", "text": "three"}, *image]


async def test_a_summary_takes_their_place(talk: ConversationStore) -> None:
    span = await talk.span_to_squash("talk", "main", 2, 3)
    await talk.squash_into_summary("talk", "main", span, turn("sum"), run(40))
    assert await asked(talk) == ["one", "sum"]
    assert (await talk.usage_of_turn("talk", "main", 2)).tokens.total_tokens == 40  # type: ignore[union-attr]
    await talk.undo("talk", "main")
    assert await asked(talk) == ["one", "two", "three"]
    with pytest.raises(ConflictError, match="nothing to squash in one turn"):
        await talk.squash("talk", "main", 2, 2)


async def test_turns_that_have_changed_are_not_replaced(talk: ConversationStore) -> None:
    span = await talk.span_to_squash("talk", "main", 2, 3)
    await talk.undo("talk", "main", 1)
    await talk.record_turn("talk", "main", turn("new"), run())
    with pytest.raises(ConflictError, match="turns 2-3 of 'main' have changed"):
        await talk.squash_into_summary("talk", "main", span, turn("sum"), run(40))
    assert await asked(talk) == ["one", "two", "new"]


async def test_a_squash_whose_turns_are_purged_is_a_turn(talk: ConversationStore) -> None:
    await talk.squash("talk", "main", 1, 2)
    await talk.purge_removed("talk")
    assert (await talk.undo("talk", "main")).text == "three"
    assert (await talk.undo("talk", "main")).merged is None
    assert await talk.check() == []
