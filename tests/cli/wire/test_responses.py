"""Histories at the Responses API."""

from typing import Any

from convo_cli.wire.responses import for_responses, without_stored
from convo_cli.wire.sendable import sendable

USER = {"role": "user", "content": "Hi"}
REASONING = {"type": "reasoning", "id": "rs_1", "summary": []}
SEALED = {**REASONING, "encrypted_content": "x"}
CALL = {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "c", "output": "7"}


def answer(text: str, **more: Any) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": []}
    message = {"type": "message", "role": "assistant", "status": "completed", "content": [part]}
    return {**message, **more}


def test_items_of_the_api_are_sent_as_they_are() -> None:
    items = [USER, REASONING, CALL, OUTPUT, REASONING | {"id": "rs_2"}, answer("7", id="msg_1")]
    assert sendable(items, "responses").items == items


def test_reasoning_without_what_followed_and_what_followed_without_reasoning() -> None:
    items = [USER, REASONING, CALL, USER]
    assert sendable(items, "responses").items == [USER, USER]
    foreign = {"type": "reasoning", "summary": [], "provider_data": {"model": "m"}}
    sent = sendable([USER, foreign, CALL, OUTPUT], "responses").items
    assert sent == [USER, {key: CALL[key] for key in CALL if key != "id"}, OUTPUT]
    # Without its id, reasoning that is not sealed says nothing.
    sent = sendable([USER, foreign, REASONING, answer("7", id="msg_1")], "responses").items
    assert sent == [USER, {"role": "assistant", "content": "7"}]


def test_answers_of_other_servers_are_sent_as_texts() -> None:
    for own in ({}, {"id": "__fake_id__"}, {"id": "chatcmpl-1"}, {"id": None}):
        sent = sendable([answer("7", provider_data={"model": "m"}, **own)], "responses").items
        assert sent == [{"role": "assistant", "content": "7"}]


def test_a_field_whose_name_python_reserves() -> None:
    (sent, _) = for_responses([CALL | {"async_": True}, OUTPUT])
    assert (sent["async"], "async_" in sent) == (True, False)


def test_where_nothing_is_stored_reasoning_goes_sealed_or_not_at_all() -> None:
    items = [USER, REASONING, CALL, OUTPUT, SEALED | {"id": "rs_2"}, answer("7", id="msg_1")]
    sent = for_responses(items, is_stored=False)
    assert [item.get("id") for item in sent] == [None, None, None, "rs_2", "msg_1"]


def test_whole_items_have_nothing_to_be_looked_up() -> None:
    search = {"type": "web_search_call", "id": "ws_1", "action": {"query": "Oslo"}}
    reference = {"type": "item_reference", "id": "msg_0"}
    items = [USER, reference, REASONING, CALL, OUTPUT, search, SEALED, answer("7", id="msg_1")]
    sent = without_stored(items)
    assert all("id" not in item for item in sent)
    said = [item.get("content") for item in sent if item.get("role") == "assistant"]
    assert said == ["[web search: Oslo]", "7"]
    assert [item["encrypted_content"] for item in sent if "encrypted_content" in item] == ["x"]
    assert "encrypted_content" not in str(without_stored(items, keeps_encrypted=False))


def test_whole_calls_go_with_what_came_of_them() -> None:
    click = {"type": "computer_call", "id": "cu_1", "call_id": "a", "action": {"type": "click"}}
    shot = {"type": "computer_screenshot", "image_url": "data:image/png;base64,aaaa"}
    ran = {"type": "local_shell_call", "id": "lsh_1", "call_id": "b", "action": {"type": "exec"}}
    items = [
        USER,
        click,
        {"type": "computer_call_output", "call_id": "a", "output": shot},
        ran,
        {"type": "local_shell_call_output", "id": "b", "output": "7"},
        {"type": "mcp_approval_request", "id": "mcpr_1", "name": "f", "arguments": "{}"},
        {"type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": True},
    ]
    sent = without_stored(sendable(items, "responses").items)[1:]
    pair = ["function_call", "function_call_output"]
    assert [item["type"] for item in sent] == [*pair, *pair]
    assert [item["call_id"] for item in sent] == ["a", "a", "b", "b"]
