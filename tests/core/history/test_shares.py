"""What the input of a turn consists of, and what tools cost afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from convo import ConversationStore
from convo.history.shares import IMAGE
from tests.core.addresses import Address
from tests.core.talk import assistant, call, run, turn, user

LONG = "x" * 4_000
"""A text of a thousand tokens."""


def done(name: str, text: str, **more: Any) -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": f"c-{name}", "output": text, **more}


WORKING = [
    user(LONG),
    call("look"),
    done("look", LONG),
    call("read"),
    done("read", LONG * 2),
    assistant("Done."),
]
"""A turn of three requests."""


@pytest.fixture
async def talk(path: Address) -> ConversationStore:
    """A turn, one that works, and another; and a branch of the second with a turn of its own."""
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        await store.record_turn("talk", "main", turn(LONG), run())
        await store.record_turn(
            "talk", "main", WORKING, run()._replace(tool_times={"c-look": 1.5, "c-read": 0.5})
        )
        await store.record_turn("talk", "main", turn("And?"), run())
        await store.branch("talk", "main", turn=3, name="fork", expected="main")
        await store.record_turn("talk", "fork", turn("Or?"), run())
    return ConversationStore(path)


async def test_a_part_counts_as_often_as_it_was_sent(talk: ConversationStore) -> None:
    async with talk:
        shares = await talk.shares("talk", "main", 2)
    sizes = {(share.turn, share.kind, share.name): share.size for share in shares}
    assert sizes == {
        (1, "prompt", None): 3 * 1_000,
        (1, "answer", None): 3 * 1_002,
        (2, "prompt", None): 3 * 1_000,
        # The call was sent with its output, and once more with the next one's.
        (2, "call", "look"): 2 * 1,
        (2, "output", "look"): 2 * 1_000,
        (2, "call", "read"): 1,
        (2, "output", "read"): 2_000,
    }
    assert [share.size for share in shares] == sorted(sizes.values(), reverse=True)


async def test_the_first_turn_and_what_is_attached(path: Address) -> None:
    parts = [
        {"type": "input_text", "text": LONG},
        {"type": "input_image", "image_url": "data:image/png;base64," + "A" * 99_999},
        {"type": "input_file", "filename": "a.pdf", "file_data": "A" * 16_000},
    ]
    system = {"role": "system", "content": "Be brief."}
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        await store.record_turn("talk", "main", [user(parts), system, assistant("So.")], run())
        shares = await store.shares("talk", "main", 1)
    kinds = {(share.kind, share.name) for share in shares}
    assert {("prompt", None), ("instructions", None), ("attachment", "a.pdf")} < kinds
    sizes = {share.kind: share.size for share in shares if share.name != "a.pdf"}
    assert (sizes["prompt"], sizes["attachment"]) == (1_000, IMAGE)
    # 12,000 bytes, whatever the image weighs.
    (file,) = (share.size for share in shares if share.name == "a.pdf")
    assert file == pytest.approx(3_000, rel=0.03)


async def test_outputs_cost_what_later_requests_sent_of_them(talk: ConversationStore) -> None:
    async with talk:
        of_main = await talk.tool_costs("talk", "main")
        of_all = await talk.tool_costs("talk")
    assert [(one.tool, one.calls, one.seconds, one.timed) for one in of_main] == [
        ("look", 1, 1.5, 1),
        ("read", 1, 0.5, 1),
    ]
    # Twice and once in the turn, and once in the turn after it.
    assert [one.sent_tokens for one in of_main] == [3 * 1_000, 2 * 2_000]
    # And once more on the branch that shares the turn.
    assert [(one.branch_id, one.turn, one.sent_tokens) for one in of_all] == [
        ("main", 2, 4 * 1_000),
        ("main", 2, 3 * 2_000),
    ]


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (done("look", "fine"), 0),
        (done("look", "An error occurred while running the tool. Please try again."), 1),
        (done("look", "no", status="incomplete"), 1),
        (done("look", "no", status="completed"), 0),
    ],
)
async def test_which_calls_failed(path: Address, answer: dict[str, Any], failed: int) -> None:
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        await store.record_turn("talk", "main", [user("?"), call("look"), answer], run())
        (cost,) = await store.tool_costs("talk")
    assert (cost.calls, cost.failed) == (1, failed)
