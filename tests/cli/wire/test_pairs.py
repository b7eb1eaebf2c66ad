"""Calls and what came of them."""

from typing import Any

from convo_cli.wire.pairs import distinct, whole_pairs
from convo_cli.wire.sendable import sendable

USER = {"role": "user", "content": "Look."}


def call(call_id: str, at: str) -> dict[str, Any]:
    return {
        "type": "function_call",
        "call_id": call_id,
        "name": "look",
        "arguments": f'{{"{at}":1}}',
    }


def output(call_id: str, at: str) -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call_id, "output": at}


def pairs(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Arguments and output of every call whose id is its own."""
    calls = {item["call_id"]: item["arguments"] for item in items if "arguments" in item}
    assert len(calls) == sum("arguments" in item for item in items)
    return [(calls[item["call_id"]], item["output"]) for item in items if "output" in item]


def test_one_id_in_every_turn() -> None:
    items = [call("c", "a"), output("c", "a"), USER, call("c", "b"), output("c", "b")]
    made = distinct(items)
    assert pairs(made) == [('{"a":1}', "a"), ('{"b":1}', "b")]
    assert made[:2] == items[:2]


def test_one_id_for_calls_at_once_pairs_them_in_their_order() -> None:
    items = [call("", "a"), call("", "b"), output("", "a"), output("", "b")]
    assert pairs(distinct(items)) == [('{"a":1}', "a"), ('{"b":1}', "b")]


def test_a_call_that_was_cut_off_takes_no_output_of_a_later_turn() -> None:
    items = [call("c", "cut"), USER, call("c", "b"), output("c", "b")]
    assert pairs([item for item in whole_pairs(distinct(items)) if item]) == [('{"b":1}', "b")]


def test_halves_are_left_out() -> None:
    items = [output("x", "early"), USER, call("y", "a"), output("z", "b"), call("x", "late")]
    assert whole_pairs(distinct(items)) == [None, USER, None, None, None]


def test_what_is_made_for_a_beginning_is_made_for_the_whole() -> None:
    items = [call("c", "a"), output("c", "a"), USER, call("c", "b"), output("c", "b"), USER]
    assert distinct(items)[:5] == distinct(items[:5])


def test_outputs_follow_their_calls_in_chat_completions() -> None:
    answer = {"type": "message", "role": "assistant", "id": "msg_1", "content": "Wait."}
    items = [call("x", "a"), call("y", "b"), answer, USER, output("y", "b"), output("x", "a")]
    sent, changed = sendable(items, "chat")
    order = [item.get("call_id") or item["role"] for item in sent]
    assert order == ["assistant", "x", "y", "x", "y", "user"]
    assert changed == {}
