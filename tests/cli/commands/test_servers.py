"""A conversation that goes on at a server of another kind."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.chat.at_terminal import ChatAtTerminal
from tests.cli.stored import store_turn
from tests.program import Program
from tests.server import OpenAIServer

SEARCHED: list[dict[str, Any]] = [
    {"role": "user", "content": "What is new in Oslo?"},
    {"type": "reasoning", "id": "rs_1", "summary": []},
    {
        "type": "web_search_call",
        "id": "ws_1",
        "status": "completed",
        "action": {"type": "search", "query": "Oslo news"},
    },
    {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": "AAAA"},
    {"type": "function_call", "call_id": "call_0", "name": "list", "arguments": '{"in'},
    {"type": "function_call_output", "call_id": "call_0", "output": "caf\udce9.txt"},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Fair."}]},
    {"type": "message", "role": "assistant", "id": "msg_1", "content": None},
]
NOTICE = (
    "not all of the history fits this server (sent as text: web_search_call, "
    "image_generation_call); it is stored as it was"
)


@pytest.fixture
def online(convo: Program, openai_server: OpenAIServer) -> Program:
    store_turn(convo.db, *SEARCHED)
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model")
    return convo


@pytest.mark.parametrize("stream", [(), ("--no-stream",)], ids=["streamed", "at-once"])
def test_it_goes_on_and_a_notice_says_what_is_sent_instead(
    online: Program, stream: tuple[str, ...]
) -> None:
    done = online("chat", "And today?", *stream)
    assert (done.code, done.out) == (0, "Answer 2 to: And today?\n")
    assert done.err.splitlines()[0] == NOTICE


def test_the_notice_is_no_part_of_the_data_and_is_kept_by_quiet(online: Program) -> None:
    done = online("--json", "chat", "And today?")
    assert json.loads(done.out)["answer"] == "Answer 2 to: And today?"
    assert NOTICE in done.err
    assert online("-q", "chat", "Again?").err == ""


def test_what_is_stored_stays(online: Program, openai_server: OpenAIServer) -> None:
    before = online("export", "--format", "json").out
    online("chat", "And today?", "--api", "chat")
    online("undo")
    assert online("export", "--format", "json").out == before
    messages = openai_server.requests[0].items
    assert messages[1]["content"] == "[web search: Oslo news]\n[image generated]"
    assert messages[1]["tool_calls"][0]["function"]["arguments"] == "{}"
    assert messages[2]["content"] == "caf\ufffd.txt"


def test_a_chat_says_it_once(online: Program) -> None:
    with ChatAtTerminal(online, columns=160) as chat:
        chat.ready("s:main 2>")
        assert NOTICE in "\n".join(chat.say("And today?", "s:main 3>"))
        assert NOTICE not in "\n".join(chat.say("And then?", "s:main 4>"))
        assert chat.leave() == 0
