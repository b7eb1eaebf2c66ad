"""What servers say that they do not take."""

from typing import Any

import pytest

from convo_cli.wire.refusals import SEALED, Refusals
from convo_cli.wire.requests import chat_request, responses_request

BODY: dict[str, Any] = {"input": [{"type": "reasoning", "id": "rs_1"}], "include": [SEALED]}
SAID = {
    "Item with id 'rs_1' not found. Items are not persisted when `store` is set to false.": (
        "stored_items"
    ),
    "Item 'fc_1' of type 'function_call' was provided without its required 'reasoning' item": (
        "stored_items"
    ),
    "Item 'rs_1' of type 'reasoning' was provided without its required following item.": (
        "stored_items"
    ),
    "The encrypted content gAAA...wXBV could not be verified.": "sealed_reasoning",
    "litellm.BadRequestError: AzureException - invalid_encrypted_content": "sealed_reasoning",
    "Encrypted content is not supported with this model.": "sealing",
    "Unknown parameter: 'include'.": "sealing",
    "Invalid value: 'reasoning.encrypted_content'. Supported values are: 'x'. include": "sealing",
}


@pytest.mark.parametrize(("said", "name"), SAID.items())
def test_a_refusal_is_news_once(said: str, name: str) -> None:
    told: list[str] = []
    refusals = Refusals(told.append)
    assert refusals.learn(400, said, BODY)
    assert getattr(refusals, name)
    assert not refusals.learn(400, said, BODY)
    assert len(told) == (name != "sealing")


CHAT: dict[str, Any] = {"messages": [{"role": "assistant", "content": "7", "reasoning": "Hm."}]}
OF_CHAT = {
    "Tool call id was call_x but must be a-z, A-Z, 0-9, with a length of 9.": "long_ids",
    "'messages.1' : property 'reasoning_content' is unsupported": "thoughts",
    "messages[2].reasoning: reasoning is not supported with this model": "thoughts",
    "Unknown parameter: 'messages[1].reasoning_content'.": "thoughts",
    "thinking is enabled but reasoning_content is missing in message at index 1": "no_thoughts",
    "The `reasoning_content` in the thinking mode must be passed back to the API.": "no_thoughts",
    "'messages.1' : property 'reasoning' is unsupported, did you mean 'role'?": "thoughts",
}


@pytest.mark.parametrize(("said", "name"), OF_CHAT.items())
def test_what_is_refused_of_messages(said: str, name: str) -> None:
    refusals = Refusals()
    assert refusals.learn(400, said, CHAT)
    assert [key for key, value in vars(refusals).items() if value is True] == [name]
    assert not refusals.learn(400, said, CHAT)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"messages": [{"role": "user", "content": "Hi"}]}, "property 'reasoning' is unsupported"),
        (CHAT, "Unsupported parameter: 'reasoning.effort'"),
        (CHAT, "property 'reasoning_effort' is unsupported"),
    ],
)
def test_a_setting_is_no_thought(body: dict[str, Any], said: str) -> None:
    assert not Refusals().learn(400, said, body)


def test_messages_without_thoughts_and_with_short_ids() -> None:
    function = {"name": "look", "arguments": "{}"}
    calls = [{"id": "call_1", "function": function}, {"id": "abcDEF123", "function": function}]
    messages = [
        {"role": "assistant", "content": None, "reasoning_content": "Hm.", "tool_calls": calls},
        {"role": "tool", "tool_call_id": "call_1", "content": "7"},
        {"role": "tool", "tool_call_id": "abcDEF123", "content": "8"},
    ]
    body = {"model": "m", "messages": messages}
    assert chat_request(body, Refusals()) == body
    sent = chat_request(body, Refusals(thoughts=True, long_ids=True))["messages"]
    assert "reasoning_content" not in sent[0]
    short, kept = (call["id"] for call in sent[0]["tool_calls"])
    assert (len(short), kept) == (9, "abcDEF123")
    assert [message["tool_call_id"] for message in sent[1:]] == [short, kept]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (500, "Item with id 'rs_1' not found."),
        (404, "The model `gpt-9` does not exist."),
        (400, "Invalid schema for function 'look'"),
        (429, "Rate limit reached"),
        (400, "Unsupported parameter: 'reasoning_effort' is not supported with this model."),
    ],
)
def test_other_errors_stay_errors(status: int, said: str) -> None:
    assert not Refusals().learn(status, said, BODY)


def test_what_was_refused_is_not_sent_again() -> None:
    body = {
        "input": [{"type": "reasoning", "id": "rs_1", "encrypted_content": "x"}],
        "store": False,
    }
    assert responses_request(body, Refusals())["include"] == [SEALED]
    assert "include" not in responses_request(body, Refusals(sealing=True))
    assert "include" not in responses_request({"input": "Hi"}, Refusals())


def test_messages_of_a_model_that_all_have_thoughts() -> None:
    own = {"role": "assistant", "content": "7", "reasoning_content": "Hm."}
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "8"}, own]
    sent = chat_request({"messages": messages}, Refusals(no_thoughts=True))["messages"]
    assert [message.get("reasoning_content") for message in sent] == [None, " ", "Hm."]
