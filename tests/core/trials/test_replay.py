"""The prompts of a branch are asked again, each asker's on a branch of its own."""

import asyncio
from typing import Any

import pytest

from convo import AdvancedSQLiteSession, ConversationStore, Outcome, Prompt, replay
from convo.errors import NotFoundError
from convo.trials.branches import stem_of
from convo.trials.jobs import Report

PICTURE = [
    {"type": "input_text", "text": "What is this?"},
    {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "auto"},
]
CALL = {"type": "function_call", "name": "look", "arguments": '{"at": 1}', "call_id": "c1"}


@pytest.fixture
async def talk(store: ConversationStore) -> ConversationStore:
    await store.start_session("talk")
    session = store.session("talk")
    await session.add_items([{"role": "system", "content": "Be brief."}])
    await session.add_items([user("one"), said("1")])
    output = {"type": "function_call_output", "call_id": "c1", "output": "a cat"}
    await session.add_items([user(PICTURE), CALL, output, said("A cat.")])  # type: ignore[list-item]
    await session.add_items([user("three"), said("3")])
    return store


def user(content: Any) -> Any:
    return {"role": "user", "content": content}


def said(text: str) -> Any:
    return {"role": "assistant", "content": text}


class Answering:
    """Answers every prompt in capitals, and keeps what it was asked."""

    def __init__(self, *, fails_at: str = "", error: Exception | None = None) -> None:
        self.asked: list[Prompt] = []
        self.fails_at, self.error = fails_at, error or RuntimeError("broken")

    async def __call__(self, session: AdvancedSQLiteSession, prompt: Prompt) -> str:
        self.asked.append(prompt)
        await session.add_items([user(prompt.content)])
        if prompt.text == self.fails_at:
            self.fails_at = ""
            raise self.error
        await session.add_items([said(prompt.text.upper())])
        return prompt.text.upper()


async def texts(store: ConversationStore, branch: str) -> list[str]:
    turns = await store.transcript("talk", branch)
    return [part.text or "" for turn in turns for part in turn.items if part.kind != "tool_output"]


async def test_everything_is_asked_again_on_a_branch_beside(talk: ConversationStore) -> None:
    asker = Answering()
    (line,) = await replay(talk, "talk", {"org/model:7b": asker})
    assert (line.branch_id, line.first, line.turns, line.wanted) == ("replay-org-model:7b", 1, 3, 3)
    assert line.is_whole
    assert [one.text for one in line.outcomes] == ["ONE", "WHAT IS THIS?", "THREE"]
    assert (await texts(talk, line.branch_id))[:3] == ["Be brief.", "one", "ONE"]
    assert await texts(talk, "main") == [
        "Be brief.",
        "one",
        "1",
        "What is this?",
        "",
        "A cat.",
        "three",
        "3",
    ]
    assert (await talk.session_head("talk")).branch_id == "main"
    # The picture is asked about again, and what the tool said of it is at hand.
    assert [asked.turn for asked in asker.asked] == [1, 2, 3]
    assert asker.asked[1].content == PICTURE
    assert asker.asked[1].answer == "A cat."
    outputs = asker.asked[1].outputs
    assert outputs is not None
    assert outputs.find("look", '{"at":1}') == ("a cat",)


@pytest.mark.parametrize(("first", "asked"), [(3, ["three"]), (-2, ["What is this?", "three"])])
async def test_from_a_turn_on(talk: ConversationStore, first: int, asked: list[str]) -> None:
    asker = Answering()
    (line,) = await replay(talk, "talk", {"m": asker}, first=first)
    assert [prompt.text for prompt in asker.asked] == asked
    assert (await texts(talk, line.branch_id))[:3] == ["Be brief.", "one", "1"]
    with pytest.raises(NotFoundError, match="no turn 9 on branch 'main': it has turns 1-3"):
        await replay(talk, "talk", {"m": asker}, first=9)


async def test_one_that_fails_keeps_what_it_has(talk: ConversationStore) -> None:
    bad, good, never = Answering(fails_at="three"), Answering(), Answering(fails_at="one")
    reports: list[Report] = []
    lines = await replay(
        talk, "talk", {"bad": bad, "good": good, "never": never}, on_report=reports.append
    )
    assert [(line.turns, line.error) for line in lines] == [
        (2, "RuntimeError: broken"),
        (3, None),
        (0, "RuntimeError: broken"),
    ]
    # The question that it stored before it failed is gone again, and so is a branch without turns.
    assert (await texts(talk, "replay-bad"))[-1] == "WHAT IS THIS?"
    names = [info.branch_id for info in await talk.branches("talk")]
    assert sorted(names) == ["main", "replay-bad", "replay-good"]
    assert [one.done for one in reports if one.state == "failed"] == [0, 2]


async def test_resuming_goes_on_where_it_ended(talk: ConversationStore) -> None:
    asker = Answering(fails_at="three")
    await replay(talk, "talk", {"m": Answering()})
    await replay(talk, "talk", {"m": asker}, repeat=2, jobs=1)
    again = Answering()
    lines = await replay(talk, "talk", {"m": again}, repeat=2, resume=True)
    assert [(line.branch_id, line.done, line.turns) for line in lines] == [
        ("replay-m-b", 2, 3),
        ("replay-m-c", 3, 3),
    ]
    assert [prompt.text for prompt in again.asked] == ["three"]
    # What is whole is not asked again.
    assert all(line.is_whole for line in await replay(talk, "talk", {"m": again}, resume=True))
    assert len(again.asked) == 1
    # One that begins at another turn is another replay.
    (line,) = await replay(talk, "talk", {"m": again}, first=3, resume=True)
    assert (line.branch_id, line.done) == ("replay-m-d", 0)
    # Others are made where there are too few.
    assert len(await replay(talk, "talk", {"m": again}, repeat=4, resume=True)) == 4


async def test_a_branch_where_something_else_was_asked_is_not_resumed(
    talk: ConversationStore,
) -> None:
    await replay(talk, "talk", {"m": Answering(fails_at="three")})
    session = talk.session("talk", "replay-m")
    await session.add_items([user("something else"), said("yes")])
    (line,) = await replay(talk, "talk", {"m": Answering()}, resume=True)
    assert (line.branch_id, line.done) == ("replay-m-b", 0)


async def test_an_error_instead_of_an_answer(talk: ConversationStore) -> None:
    async def refusing(session: Any, prompt: Prompt) -> Outcome:
        return Outcome(error="refused")

    (line,) = await replay(talk, "talk", {"m": refusing})
    assert (line.turns, line.error) == (0, "refused")


async def test_cancelling_leaves_whole_turns(talk: ConversationStore) -> None:
    stalled = asyncio.Event()
    answering = Answering()

    async def stalling(session: AdvancedSQLiteSession, prompt: Prompt) -> str:
        if prompt.text == "three":
            await session.add_items([user("three")])
            stalled.set()
            await asyncio.sleep(60)
        return await answering(session, prompt)

    task = asyncio.create_task(replay(talk, "talk", {"m": stalling}))
    await stalled.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await texts(talk, "replay-m"))[-1] == "WHAT IS THIS?"
    (line,) = await replay(talk, "talk", {"m": answering}, resume=True)
    assert line.is_whole


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("gpt-5", "replay-gpt-5"),
        ("local/qwen3 8b", "replay-local-qwen3-8b"),
        ("../..", "replay"),
        ("a" * 99, "replay-" + "a" * 60),
    ],
)
def test_the_name_of_a_branch(name: str, stem: str) -> None:
    assert stem_of(name) == stem
