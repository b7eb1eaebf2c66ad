"""Each refusal of the server is the one that the real API is documented, or reported, to give."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from tests.server import Answer, OpenAIServer, Request
from tests.server.strict import PROFILES, Memory, RefusedError, refusals
from tests.server.strict.profiles import CHECKS

JsonObject = dict[str, Any]

USER: JsonObject = {"role": "user", "content": "Hello?"}
CALL: JsonObject = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
OUTPUT: JsonObject = {"type": "function_call_output", "call_id": "c", "output": "x"}
REASONING: JsonObject = {"type": "reasoning", "id": "rs_1", "summary": []}
SEALED: JsonObject = {**REASONING, "encrypted_content": "sealed-rs_1"}
SAID: JsonObject = {
    "type": "message",
    "id": "msg_1",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "Hi."}],
}


def calls(*ids: str, arguments: str = "{}") -> JsonObject:
    function = {"name": "f", "arguments": arguments}
    made = [{"id": each, "type": "function", "function": function} for each in ids]
    return {"role": "assistant", "content": None, "tool_calls": made}


def returned(call_id: str) -> JsonObject:
    return {"role": "tool", "tool_call_id": call_id, "content": "x"}


def found(body: JsonObject, memory: Memory | None = None) -> list[RefusedError]:
    sent = json.dumps(body).encode()
    request = Request("POST", "/", {}, body, sent)
    return list(refusals(request, PROFILES["openai"], memory or Memory()))


def asked(*items: JsonObject, model: str = "gpt-4.1", **more: Any) -> JsonObject:
    return {"model": model, "input": list(items or [USER]), **more}


def chatted(*messages: JsonObject, model: str = "gpt-4.1", **more: Any) -> JsonObject:
    return {"model": model, "messages": list(messages or [USER]), **more}


@pytest.mark.parametrize(
    "body",
    [
        asked(),
        asked(USER, CALL, OUTPUT, SEALED, SAID),
        asked(USER, SEALED, CALL, OUTPUT, SAID, USER),
        asked(model="gpt-5-mini", reasoning={"effort": "minimal"}, text={"verbosity": "low"}),
        asked(model="gpt-5.1", reasoning={"effort": "none"}, temperature=0.2),
        asked(model="o3", reasoning={"effort": "low"}),
        asked(temperature=0.2, stream=True),
        chatted(),
        chatted(USER, calls("a", "b"), returned("b"), returned("a"), USER),
        chatted(model="gpt-5", reasoning_effort="low", verbosity="high"),
        chatted(temperature=0.2, stream=True, stream_options={"include_usage": True}),
    ],
    ids=str,
)
def test_what_is_right_is_taken(body: JsonObject) -> None:
    assert found(body) == []


@pytest.mark.parametrize(
    ("body", "check", "said", "param", "code"),
    [
        (
            asked(reasoning={"effort": "none"}),
            "settings",
            "Unsupported parameter: 'reasoning.effort' is not supported with this model.",
            "reasoning.effort",
            "unsupported_parameter",
        ),
        (
            asked(model="gpt-5-mini", reasoning={"effort": "none"}),
            "settings",
            "'none' is not supported with the 'gpt-5-mini' model. Supported values are: "
            "'minimal', 'low', 'medium', and 'high'.",
            "reasoning.effort",
            "unsupported_value",
        ),
        (
            asked(text={"verbosity": "low"}),
            "settings",
            "'low' is not supported with the 'gpt-4.1' model. Supported values are: 'medium'.",
            "text.verbosity",
            "unsupported_value",
        ),
        (
            asked(model="o3", temperature=0.2),
            "settings",
            "'temperature' is not supported with this model.",
            "temperature",
            "unsupported_parameter",
        ),
        (asked(top_k=3), "fields", "Unknown parameter: 'top_k'.", "top_k", "unknown_parameter"),
        (
            asked(USER, CALL),
            "calls",
            "No tool output found for function call c.",
            "input",
            None,
        ),
        (
            asked(USER, OUTPUT),
            "calls",
            "No tool call found for function call output with call_id c.",
            "input",
            None,
        ),
        (
            asked(USER, CALL, OUTPUT, CALL, OUTPUT),
            "duplicate_calls",
            "Duplicate function_call for call_id c.",
            "input",
            None,
        ),
        (
            asked(USER, SAID, USER, SAID),
            "duplicate_items",
            "Duplicate item found with id msg_1.",
            "input",
            None,
        ),
        (
            asked(USER, SEALED),
            "reasoning",
            "Item 'rs_1' of type 'reasoning' was provided without its required following item.",
            "input",
            None,
        ),
        (
            asked(USER, SEALED, USER),
            "reasoning",
            "without its required following item.",
            "input",
            None,
        ),
        (asked(USER, REASONING, SAID), "stored_items", "'rs_1' not found.", "input", None),
        (
            asked(USER, {**REASONING, "encrypted_content": "x"}, SAID),
            "stored_items",
            "could not be verified",
            None,
            "invalid_encrypted_content",
        ),
        (
            asked(USER, {**CALL, "arguments": "{not json"}, OUTPUT),
            "arguments",
            "'input[1].arguments'",
            "input[1].arguments",
            "invalid_value",
        ),
        (
            asked(USER, {**SAID, "id": "x"}),
            "ids",
            "Invalid 'input[1].id': 'x'. Expected an ID that begins with 'msg'.",
            "input[1].id",
            "invalid_value",
        ),
        (
            asked(USER, {key: SAID[key] for key in ("type", "role", "content")}),
            "message_ids",
            "Missing required parameter: 'input[1].id'.",
            "input[1].id",
            "missing_required_parameter",
        ),
        (
            asked({"role": "user", "content": None}),
            "null_content",
            "Invalid type for 'input[0].content'",
            "input[0].content",
            "invalid_type",
        ),
        (
            asked({"type": "odd"}),
            "item_types",
            "Invalid value: 'odd'.",
            "input[0]",
            "invalid_value",
        ),
        (
            asked({**USER, "odd": 1}),
            "item_fields",
            "Unknown parameter: 'input[0].odd'.",
            "input[0].odd",
            "unknown_parameter",
        ),
        (
            asked({"role": "user", "content": "\ud800"}),
            "surrogates",
            "We could not parse the JSON body of your request.",
            None,
            None,
        ),
    ],
    ids=lambda value: None if isinstance(value, dict) else value,
)
def test_responses(
    body: JsonObject, check: str, said: str, param: str | None, code: str | None
) -> None:
    first = found(body)[0]
    assert said in first.message
    assert (first.check, first.param, first.code) == (check, param, code)


@pytest.mark.parametrize(
    ("body", "check", "said", "param", "code"),
    [
        (
            chatted(reasoning_effort="none"),
            "settings",
            "Unrecognized request argument supplied: reasoning_effort",
            None,
            None,
        ),
        (
            chatted(model="gpt-5-mini", reasoning_effort="none"),
            "settings",
            "'none' is not supported with the 'gpt-5-mini' model.",
            "reasoning_effort",
            "unsupported_value",
        ),
        (
            chatted(verbosity="low"),
            "settings",
            "'low' is not supported with the 'gpt-4.1' model.",
            "verbosity",
            "unsupported_value",
        ),
        (
            chatted(model="gpt-5", temperature=0.2),
            "settings",
            "'temperature' does not support 0.2 with this model.",
            "temperature",
            "unsupported_value",
        ),
        (
            chatted(model="o3", max_tokens=9),
            "settings",
            "Use 'max_completion_tokens' instead.",
            "max_tokens",
            "unsupported_parameter",
        ),
        (
            chatted(top_k=3),
            "fields",
            "Unrecognized request argument supplied: top_k",
            "top_k",
            None,
        ),
        (
            chatted(stream_options={"include_usage": True}),
            "fields",
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            "stream_options",
            None,
        ),
        (
            chatted(USER, calls("a", "b"), returned("a"), USER),
            "calls",
            "The following tool_call_ids did not have response messages: b",
            "messages.[3].role",
            None,
        ),
        (
            chatted(USER, returned("a")),
            "calls",
            "messages with role 'tool' must be a response to a preceeding message",
            "messages.[1].role",
            None,
        ),
        (
            chatted(USER, calls("a"), returned("a"), USER, calls("a"), returned("a")),
            "duplicate_calls",
            "Duplicate value for 'tool_calls.id' of 'a', in messages[1] and messages[4].",
            "messages.[4].tool_calls.id",
            None,
        ),
        (
            chatted(USER, calls("a", arguments="{not json"), returned("a")),
            "arguments",
            "'messages[1].tool_calls[0].function.arguments'",
            "messages[1].tool_calls[0].function.arguments",
            "invalid_value",
        ),
        (
            chatted(USER, calls("a" * 41), returned("a" * 41)),
            "ids",
            "Expected a string with maximum length 40",
            "messages[1].tool_calls[0].id",
            "string_above_max_length",
        ),
        (
            chatted(USER, {"role": "assistant", "content": None}),
            "null_content",
            "Invalid value for 'content': expected a string, got null.",
            "messages.[1].content",
            None,
        ),
        (
            chatted({**USER, "reasoning_content": "x"}),
            "item_fields",
            "Unknown parameter: 'messages[0].reasoning_content'.",
            "messages[0].reasoning_content",
            "unknown_parameter",
        ),
        (
            chatted({"role": "user", "content": [{"type": "input_text", "text": "x"}]}),
            "item_types",
            "Invalid value: 'input_text'.",
            "messages[0].content[0]",
            "invalid_value",
        ),
        (
            chatted({"role": "user", "content": "\ud800"}),
            "surrogates",
            "We could not parse the JSON body of your request.",
            None,
            None,
        ),
    ],
    ids=lambda value: None if isinstance(value, dict) else value,
)
def test_chat_completions(
    body: JsonObject, check: str, said: str, param: str | None, code: str | None
) -> None:
    first = found(body)[0]
    assert said in first.message
    assert (first.check, first.param, first.code) == (check, param, code)


def test_every_check_has_its_case() -> None:
    """The cases above are all that is tested of a check: one without would be none."""
    cases = [*test_responses.pytestmark[0].args[1], *test_chat_completions.pytestmark[0].args[1]]
    assert {case[1] for case in cases} == CHECKS - {"names"}


def post(server: OpenAIServer, path: str, body: JsonObject | bytes) -> httpx2.Response:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx2.post(f"{server.base_url}/{path}", content=sent, trust_env=False)


def test_a_refused_request_uses_up_no_step(openai_server: OpenAIServer) -> None:
    openai_server.script(Answer("Paris."))
    refused = post(openai_server, "responses", asked(top_k=3))
    assert (refused.status_code, refused.json()) == (
        400,
        {
            "error": {
                "message": "Unknown parameter: 'top_k'.",
                "type": "invalid_request_error",
                "param": "top_k",
                "code": "unknown_parameter",
            }
        },
    )
    assert openai_server.pending == len(openai_server.refused) == 1


@pytest.mark.parametrize("path", ["responses", "chat/completions"])
def test_bytes_that_are_no_text(openai_server: OpenAIServer, path: str) -> None:
    body = asked() if path == "responses" else chatted()
    broken = json.dumps(body).encode().replace(b"Hello?", b"\xed\xa0\x80")
    assert post(openai_server, path, broken).status_code == 400


def test_reasoning_is_known_by_its_id_until_it_is_forgotten(openai_server: OpenAIServer) -> None:
    openai_server.script(Answer("Paris.", reasoning="France?"))
    output = post(openai_server, "responses", asked()).json()["output"]
    again = asked(USER, *output, USER)
    assert post(openai_server, "responses", again).status_code == 200
    alone = post(openai_server, "responses", asked(USER, output[1])).json()["error"]["message"]
    assert alone.endswith(f"without its required 'reasoning' item: '{output[0]['id']}'.")
    openai_server.memory.forget()
    assert post(openai_server, "responses", again).status_code == 404


def test_reasoning_that_is_not_stored_is_handed_out_sealed(openai_server: OpenAIServer) -> None:
    answer = Answer("Paris.", reasoning="France?")
    openai_server.script(answer, answer)
    lost = post(openai_server, "responses", asked(store=False)).json()["output"]
    sealed = asked(store=False, include=["reasoning.encrypted_content"])
    kept = post(openai_server, "responses", sealed).json()["output"]
    assert post(openai_server, "responses", asked(USER, *lost, USER)).status_code == 404
    assert post(openai_server, "responses", asked(USER, *kept, USER)).status_code == 200


@pytest.mark.parametrize(
    ("profile", "body", "status", "said"),
    [
        ("azure-2024", {"stream_options": {}}, 400, "argument supplied: stream_options"),
        ("groq", {"verbosity": "medium"}, 400, "property 'verbosity' is unsupported"),
        ("mistral", {"stream_options": {}}, 422, "extra_forbidden"),
        ("litellm", {"odd": 1}, 400, "litellm.BadRequestError: OpenAIException"),
        ("vllm", {"messages": [USER, calls("a", arguments="{"), returned("a")]}, 400, "BadRequest"),
        ("llama.cpp", {"messages": [USER, calls("a", arguments="{"), returned("a")]}, 500, "500"),
        ("lm-studio", {"messages": [{"role": "user", "content": None}]}, 400, '{"error": "'),
    ],
)
def test_servers_have_their_own_ways(
    profile: str, body: JsonObject, status: int, said: str
) -> None:
    with OpenAIServer(profile=profile) as server:
        refused = post(server, "chat/completions", {**chatted(stream=True), **body})
        assert (refused.status_code, said in refused.text) == (status, True)


@pytest.mark.parametrize("profile", ["ollama", "llama.cpp", "vllm", "lm-studio"])
def test_local_servers_overlook_settings(profile: str) -> None:
    with OpenAIServer(profile=profile) as server:
        body = chatted(reasoning_effort="none", verbosity="low", top_k=3)
        assert post(server, "chat/completions", body).status_code == 200
