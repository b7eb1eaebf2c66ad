"""The form of an answer, as a server is asked for it."""

from pathlib import Path
from typing import Any

import pytest

from convo_cli.ask.schema import schema_of
from tests.cli.agent.asking import Asker, agent_in, both_apis, both_ways
from tests.server import Answer, OpenAIServer, ToolCall

SCHEMA = schema_of("name, age int, tags list")
ADA = '{"name": "Ada", "age": 36, "tags": ["maths"]}'
FORM = {"name": "final_output", "schema": SCHEMA, "strict": True}

TRIAGE = """
    from agents import Agent

    expert = Agent(name="Expert", model="expert-model")
    agent = Agent(name="Triage", handoffs=[expert])
"""


@both_apis
@both_ways
@pytest.mark.parametrize("way", ["plain", "sdk"])
async def test_each_api_has_a_field_for_it(
    openai_server: OpenAIServer, asker: Asker, api: str, stream: bool, way: Any
) -> None:
    asker.way = way
    openai_server.script(Answer(ADA), Answer("plain"))
    outcome = await asker.ask(api=api, stream=stream, schema=SCHEMA)
    assert asker.streamed == outcome.text == ADA
    await asker.ask(api=api, stream=stream)
    asked, plain = [request.data for request in openai_server.requests]
    if api == "chat":
        assert asked["response_format"] == {"type": "json_schema", "json_schema": FORM}
    else:
        assert asked["text"] == {"format": {"type": "json_schema", **FORM}}
    assert not {"response_format", "text"} & plain.keys()


async def test_a_schema_of_which_a_server_knows_nothing_strict(
    openai_server: OpenAIServer, asker: Asker
) -> None:
    openai_server.script(Answer("{}"))
    await asker.ask(schema={"type": "object"})
    form = openai_server.requests[0].data["response_format"]["json_schema"]
    assert form == {"name": "final_output", "schema": {"type": "object"}, "strict": False}


async def test_whom_an_agent_hands_over_to_has_it_too(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path
) -> None:
    openai_server.script(ToolCall("transfer_to_expert"), Answer(ADA), Answer("plain"))
    agent = agent_in(tmp_path, TRIAGE)
    assert (await asker.ask(schema=SCHEMA, agent=agent)).text == ADA
    forms = [request.data["response_format"] for request in openai_server.requests]
    assert [form["json_schema"] for form in forms] == [FORM, FORM]
