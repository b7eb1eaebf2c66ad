"""Answers that are not whole, or no answers at all, are never taken for one."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.agent.asking import Asker, agent_in, both_apis, both_ways
from tests.server import Answer, Fault, OpenAIServer, Raw, ToolCall

JSON = {"content-type": "application/json"}
COMPATIBLE = "is that an OpenAI-compatible server, and its address right?"


@both_apis
async def test_a_stream_without_its_end(
    openai_server: OpenAIServer, asker: Asker, api: str
) -> None:
    openai_server.script(Fault.end_after("Par tial"))
    error = await asker.fail(api=api)
    assert str(error) == f"the answer of {asker.base_url} ended before it was complete"
    assert error.hint == "--no-stream asks for the answer in one piece"
    assert asker.streamed == "Par tial"
    assert asker.history == []


@both_apis
@both_ways
async def test_broken_json(
    openai_server: OpenAIServer, asker: Asker, api: str, stream: bool
) -> None:
    openai_server.script(Fault.malformed_json("Par tial"))
    error = await asker.fail(api=api, stream=stream)
    assert str(error) == f"the answer of {asker.base_url} is malformed (JSONDecodeError)"
    assert error.hint == COMPATIBLE


@both_apis
@both_ways
async def test_an_answer_that_ran_out_of_tokens_is_one_that_is_cut(
    openai_server: OpenAIServer, asker: Asker, api: str, stream: bool
) -> None:
    openai_server.script(Fault.truncated("Par tial"), Answer("ly."))
    outcome = await asker.ask(api=api, stream=stream)
    assert (outcome.is_cut, outcome.text, asker.streamed) == (True, "Par tial", "Par tial")
    assert outcome.run.output_tokens == 5
    assert not (await asker.ask("Go on.", api=api, stream=stream)).is_cut


@both_apis
@both_ways
@pytest.mark.parametrize(
    ("answer", "when"),
    [
        (Answer(calls=[ToolCall("look", '{"wh')], finish="length"), "while it was calling a tool"),
        (Answer(reasoning="Hm, so", finish="length"), "before it said anything"),
        (Fault.truncated(""), "before it said anything"),
    ],
    ids=["call", "reasoning", "nothing"],
)
async def test_tokens_that_ran_out_where_nothing_can_be_gone_on_from(
    openai_server: OpenAIServer, asker: Asker, api: str, stream: bool, answer: Answer, when: str
) -> None:
    openai_server.script(answer)
    error = await asker.fail(api=api, stream=stream)
    assert str(error) == f"the answer of test-model was cut off at the limit of tokens {when}"
    assert error.hint == "allow it more with -o max_tokens=N, or ask for less"


@both_apis
@both_ways
async def test_half_an_answer_of_a_form_that_was_asked_for(
    openai_server: OpenAIServer, asker: Asker, api: str, stream: bool, tmp_path: Path
) -> None:
    openai_server.script(Fault.truncated('{"capital": "Par'))
    agent = agent_in(
        tmp_path,
        """
        from agents import Agent
        from pydantic import BaseModel

        class Country(BaseModel):
            capital: str

        desk = Agent(name="desk", output_type=Country)
        """,
    )
    error = await asker.fail(api=api, stream=stream, agent=agent)
    cut = "the answer of test-model was cut off at the limit of tokens before its end"
    assert str(error) == cut


@both_apis
@both_ways
@pytest.mark.parametrize("said", ["", "Par tial"])
async def test_an_answer_that_was_filtered(
    openai_server: OpenAIServer, asker: Asker, api: str, stream: bool, said: str
) -> None:
    openai_server.script(Fault.content_filter(said))
    error = await asker.fail(api=api, stream=stream)
    assert str(error) == f"the content filter of {asker.base_url} stopped the answer"
    assert error.hint == "say it differently, or branch from an earlier turn"


@both_apis
@both_ways
async def test_a_refusal(openai_server: OpenAIServer, asker: Asker, api: str, stream: bool) -> None:
    openai_server.script(Answer(refusal="I will not: never."))
    error = await asker.fail(api=api, stream=stream)
    assert str(error) == "the model refused to answer: I will not: never."


@both_apis
@both_ways
async def test_a_server_that_says_it_failed(
    openai_server: OpenAIServer, asker: Asker, api: str, stream: bool
) -> None:
    openai_server.script(Fault.failed(after="Par tial"))
    error = await asker.fail(api=api, stream=stream)
    assert str(error).startswith(asker.base_url)
    assert str(error).endswith(": The model broke.")
    assert error.hint is None


@both_apis
async def test_an_error_in_the_stream(openai_server: OpenAIServer, asker: Asker, api: str) -> None:
    openai_server.script(Fault.error_event(after="Par tial"))
    error = await asker.fail(api=api)
    assert str(error).endswith(": The stream broke.")


@both_apis
@both_ways
async def test_no_words_at_all(
    openai_server: OpenAIServer, asker: Asker, api: str, stream: bool
) -> None:
    openai_server.script(Answer("", reasoning="Hm."))
    error = await asker.fail(api=api, stream=stream)
    assert str(error) == f"{asker.base_url} answered with nothing"
    assert asker.streamed == ""


@both_apis
@both_ways
@pytest.mark.parametrize(
    "step",
    [
        Fault.page(200),
        Raw(200, "", JSON),
        Raw(200, "[]", JSON),
        Raw(200, "null", JSON),
        Raw(200, '"text"', JSON),
        Raw(200, "{}", JSON),
        Raw(200, '{"choices": [], "output": null}', JSON),
        Raw(200, '{"choices": [{}], "output": [7]}', JSON),
        Raw(200, '{"choices": 7, "output": 7}', JSON),
        Raw(200, 'data: {"choices": [7], "type": 7}\n\n', {"content-type": "text/event-stream"}),
        Raw(200, "data: 7\n\ndata: [DONE]\n\n", {"content-type": "text/event-stream"}),
    ],
    ids=lambda step: step.body[:30],
)
async def test_something_else_than_an_answer(
    openai_server: OpenAIServer, asker: Asker, api: str, stream: bool, step: Any
) -> None:
    openai_server.script(step)
    error = await asker.fail(api=api, stream=stream)
    assert asker.base_url in str(error)
    assert asker.events == []


async def test_a_stream_of_nothing(openai_server: OpenAIServer, asker: Asker) -> None:
    openai_server.script(Raw(200, "data: [DONE]\n\n", {"content-type": "text/event-stream"}))
    error = await asker.fail()
    assert str(error) == f"{asker.base_url} streamed no answer at all"
    assert error.hint == COMPATIBLE


@both_ways
async def test_an_error_with_status_200(
    openai_server: OpenAIServer, asker: Asker, stream: bool
) -> None:
    body = '{"error": {"message": "no credit", "code": 402}}'
    kind = "text/event-stream" if stream else "application/json"
    openai_server.script(Raw(200, f"data: {body}\n\n" if stream else body, {"content-type": kind}))
    error = await asker.fail(stream=stream)
    assert str(error).endswith(": no credit")
