"""What is sent and what comes in, mended on the way, against a server that is strict."""

import sys
from pathlib import Path
from typing import Any

import pytest

from convo_cli.agent.host import AgentHost
from convo_cli.turn.choice import ModelChoice, TurnOutcome
from convo_cli.turn.events import Noticed
from convo_cli.turn.reference import AgentReference
from tests.cli.agent.asking import Asker, agent_in, both_apis, both_ways
from tests.server import Answer, Fault, OpenAIServer, ToolCall

LOOKING = """
    from agents import Agent, function_tool

    @function_tool
    def look(at: str) -> str:
        return f"seen {at}"

    agent = Agent(name="Desk", tools=[look])
"""


@pytest.fixture
def looking(tmp_path: Path) -> AgentReference:
    return agent_in(tmp_path, LOOKING)


def looks(*places: str, call_id: str) -> Answer:
    return Answer(calls=[ToolCall("look", {"at": place}, call_id) for place in places])


def outputs(outcome: TurnOutcome) -> dict[str, str]:
    """What the calls gave back, by the id of the call."""
    return {
        item["call_id"]: item["output"]
        for item in outcome.items
        if item.get("type") == "function_call_output"
    }


def notices(asker: Asker) -> list[str]:
    return [event.text for event in asker.events if isinstance(event, Noticed)]


@both_apis
@both_ways
@pytest.mark.parametrize("call_id", ["call_0", ""])
async def test_calls_have_ids_of_their_own_whatever_the_server_gives(
    openai_server: OpenAIServer,
    asker: Asker,
    looking: AgentReference,
    call_id: str,
    api: str,
    stream: bool,
) -> None:
    steps = (looks("a", call_id=call_id), looks("b", "c", call_id=call_id), Answer("Done."))
    openai_server.script(*steps, *steps)
    first = await asker.ask("Look.", api=api, stream=stream, agent=looking)
    second = await asker.ask("Again.", api=api, stream=stream, agent=looking)
    assert list(outputs(first).values()) == ["seen a", "seen b", "seen c"]
    assert len(outputs(first) | outputs(second)) == 6
    assert openai_server.refused == []
    assert str(openai_server.requests[-1].items).count("seen") == 6


@both_apis
async def test_an_id_that_is_there_once_stays(
    openai_server: OpenAIServer, asker: Asker, looking: AgentReference, api: str
) -> None:
    openai_server.script(looks("a", call_id="call_7"), Answer("Done."))
    assert outputs(await asker.ask(api=api, agent=looking)) == {"call_7": "seen a"}


def called(place: str, call_id: str = "call_0", arguments: str | None = None) -> list[Any]:
    """A call that is stored, and what it gave back."""
    call = {"type": "function_call", "call_id": call_id, "name": "look"}
    output = {"type": "function_call_output", "call_id": call_id, "output": f"seen {place}"}
    return [{**call, "arguments": arguments or f'{{"at": "{place}"}}'}, output]


@both_apis
async def test_an_old_history_that_has_an_id_twice(
    openai_server: OpenAIServer, asker: Asker, api: str
) -> None:
    for place in ("a", "b"):
        asker.history += [{"role": "user", "content": "Look."}, *called(place)]
    await asker.ask(api=api)
    sent = [str(item) for item in openai_server.requests[0].items]
    assert [place for item in sent for place in "ab" if f"seen {place}" in item] == ["a", "b"]
    assert notices(asker) == []


SEARCHED: list[dict[str, Any]] = [
    {"role": "user", "content": "What is new?"},
    {"type": "reasoning", "id": "rs_1", "summary": []},
    {
        "type": "web_search_call",
        "id": "ws_1",
        "status": "completed",
        "action": {"type": "search", "query": "news"},
    },
    {"type": "compaction", "id": "cmp_1", "encrypted_content": "x"},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "A."}]},
    {"type": "message", "role": "assistant", "id": "msg_1", "content": None},
]


@both_ways
async def test_chat_completions_are_told_what_they_have_no_form_for(
    openai_server: OpenAIServer, asker: Asker, stream: bool
) -> None:
    choice = ModelChoice(model="test-model", base_url=asker.base_url, stream=stream)
    async with AgentHost() as host:
        for _ in range(2):
            await host.run_turn(choice, SEARCHED, "Go on.", asker.events.append)
    messages = openai_server.requests[0].items
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    assert messages[1]["content"] == "[web search: news]\nA."
    assert notices(asker) == [
        "not all of the history fits this server (sent as text: web_search_call; left out: "
        "compaction); it is stored as it was"
    ]


async def test_the_responses_api_is_sent_the_items_themselves(
    openai_server: OpenAIServer, asker: Asker
) -> None:
    asker.history += SEARCHED[:1] + SEARCHED[2:3] + SEARCHED[4:]
    await asker.ask(api="responses")
    sent = openai_server.requests[0].items
    assert sent[1] == SEARCHED[2]
    assert sent[2] == {"role": "assistant", "content": "A."}
    assert notices(asker) == []


@both_apis
async def test_half_characters_and_half_arguments_are_sent_whole_and_stay_stored(
    openai_server: OpenAIServer, asker: Asker, api: str
) -> None:
    asker.history += [{"role": "user", "content": "L"}, *called("caf\udce9", arguments='{"at": "c')]
    await asker.ask("\ud800?", api=api, instructions="Say \udcff.")
    sent = str(openai_server.requests[0].data)
    assert "seen caf\ufffd" in sent
    assert "'arguments': '{}'" in sent
    assert "Say \ufffd." in sent
    assert asker.history[-2] == {"role": "user", "content": "\ud800?"}


@both_ways
async def test_without_storing_reasoning_is_sent_sealed(
    openai_server: OpenAIServer, asker: Asker, stream: bool
) -> None:
    openai_server.script(Answer("7", reasoning="Let me see."))
    for prompt in ("One.", "Two."):
        settings = {"store": False}
        await asker.ask(prompt, model="gpt-5", api="responses", settings=settings, stream=stream)
    first, second = openai_server.requests
    assert first.data["include"] == ["reasoning.encrypted_content"]
    assert second.items[1]["encrypted_content"] == f"sealed-{second.items[1]['id']}"
    assert openai_server.refused == []


@both_ways
async def test_items_that_the_server_has_forgotten_are_sent_whole_after_one_refusal(
    openai_server: OpenAIServer, asker: Asker, looking: AgentReference, stream: bool
) -> None:
    call = Answer(reasoning="Hm.", calls=[ToolCall("look", {"at": "a"}, "call_7")])
    openai_server.script(call, Answer("7", reasoning="So."))
    choice = ModelChoice(
        model="gpt-5", base_url=asker.base_url, api="responses", stream=stream, agent=looking
    )
    async with AgentHost() as host:
        history = (await host.run_turn(choice, [], "One.", asker.events.append)).items
        openai_server.memory.forget()
        for prompt in ("Two.", "Three."):
            outcome = await host.run_turn(choice, history, prompt, asker.events.append)
            history += outcome.items
    assert len(openai_server.refused) == 1
    assert "seen a" in str(openai_server.requests[-1].items)
    assert "reasoning" not in str(openai_server.requests[-1].items)
    assert notices(asker) == [
        "the server no longer knows earlier items of this conversation: they are sent in full, "
        "without their reasoning"
    ]


async def test_a_model_without_reasoning_has_nothing_to_seal(
    openai_server: OpenAIServer, asker: Asker
) -> None:
    said = "Encrypted content is not supported with this model."
    openai_server.script(Fault.status(400, message=said), Answer("7"))
    await asker.ask(api="responses", settings={"store": False})
    assert "include" not in {key for key, value in openai_server.requests[1].data.items() if value}


@both_ways
async def test_messages_go_without_reasoning_where_a_server_takes_none(
    openai_server: OpenAIServer, asker: Asker, stream: bool
) -> None:
    openai_server.script(Answer("7", reasoning="Hm."), Answer("8"))
    for prompt in ("One.", "Two."):
        # The SDK sends models of this name their reasoning back.
        await asker.ask(prompt, model="deepseek-chat", stream=stream)
    assert len(openai_server.refused) == 1
    assert "Hm." not in str(openai_server.requests[-1].items)


async def test_calls_go_by_short_ids_where_a_server_takes_no_others(
    openai_server: OpenAIServer, asker: Asker, looking: AgentReference
) -> None:
    said = "Tool call id was call_7 but must be a-z, A-Z, 0-9, with a length of 9."
    openai_server.script(looks("a", call_id="call_7"), Fault.status(400, message=said))
    outcome = await asker.ask(agent=looking)
    assert outputs(outcome) == {"call_7": "seen a"}
    call, output = openai_server.requests[-1].items[1:]
    assert len(call["tool_calls"][0]["id"]) == 9
    assert output["tool_call_id"] == call["tool_calls"][0]["id"]


OWN_MODEL = """
    from agents import Agent, OpenAIChatCompletionsModel
    from openai import AsyncOpenAI

    client = AsyncOpenAI(base_url={url!r}, api_key="none")
    agent = Agent(name="Desk", model=OpenAIChatCompletionsModel("mine", client))
"""


async def test_a_model_that_an_agent_brings_along_is_sent_what_is_legal(
    openai_server: OpenAIServer, asker: Asker, tmp_path: Path
) -> None:
    asker.history += [*SEARCHED, *called("caf\udce9", arguments="{"), *called("b")]
    agent = agent_in(tmp_path, OWN_MODEL.format(url=openai_server.base_url))
    await asker.ask(model=None, base_url=None, agent=agent)
    assert openai_server.refused == []
    await sys.modules["_agent_of_convo_desk"].client.close()
