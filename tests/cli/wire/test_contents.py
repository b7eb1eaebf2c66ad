"""The parts of messages."""

from typing import Any

import pytest

from convo_cli.wire.contents import parts_of
from convo_cli.wire.sendable import sendable

IMAGE = {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "auto"}
FILE = {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AA"}
FOREIGN = [
    ({"type": "text", "text": "Hi"}, {"type": "input_text", "text": "Hi"}),
    ({"type": "image_url", "image_url": {"url": IMAGE["image_url"]}}, IMAGE),
    ({"type": "file", "file": {"filename": "a.pdf", "file_data": FILE["file_data"]}}, FILE),
]


@pytest.mark.parametrize("api", ["responses", "chat"])
@pytest.mark.parametrize(("given", "sent"), [(IMAGE, IMAGE), (FILE, FILE), *FOREIGN])
def test_parts_that_both_apis_take(given: dict[str, Any], sent: dict[str, Any], api: Any) -> None:
    assert parts_of([given], "said", api) == [sent]


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ({"type": "input_image", "file_id": "file_1"}, "[image]"),
        ({"type": "input_file", "file_url": "https://x.test/a", "filename": "a"}, "[file a]"),
        ({"type": "input_audio", "input_audio": {}}, "[audio]"),
        ({"type": "brand_new"}, "[brand_new]"),
    ],
)
def test_parts_that_chat_completions_do_not_take_are_named(
    part: dict[str, Any], named: str
) -> None:
    assert parts_of([part], "said", "chat") == [{"type": "input_text", "text": named}]


def test_the_responses_api_is_sent_parts_that_nobody_knows() -> None:
    assert parts_of([{"type": "brand_new"}], "said", "responses") == [{"type": "brand_new"}]


@pytest.mark.parametrize("api", ["responses", "chat"])
def test_refusals_and_nothing(api: Any) -> None:
    refused = {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}
    sent, _ = sendable([refused, {"role": "assistant", "content": None}], api)
    assert len(sent) == 1
    assert "No." in str(sent[0])
    assert "refusal" not in str(sent[0])
    assert sendable([{"role": "user", "content": None}], api).items[0]["content"] == ""


def test_messages_of_chat_completions_become_items() -> None:
    function = {"name": "look", "arguments": "{}"}
    messages = [
        {"role": "assistant", "content": "Hm.", "tool_calls": [{"id": "c", "function": function}]},
        {"role": "tool", "tool_call_id": "c", "content": "seen"},
    ]
    sent, _ = sendable(messages, "responses")
    assert [item.get("type", item.get("role")) for item in sent] == [
        "assistant",
        "function_call",
        "function_call_output",
    ]


def test_images_that_a_function_gave_back() -> None:
    image = {"type": "input_image", "image_url": "data:image/png;base64,aaaa", "detail": "auto"}
    output = [{"type": "input_text", "text": "seen"}, image]
    items = [
        {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": output},
    ]
    assert sendable(items, "chat").items[1]["output"] == output
    assert sendable(items, "chat", with_images=False).items[1]["output"] == "seen\n[image]"
