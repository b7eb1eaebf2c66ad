"""An agent of the SDK is asked: turns are stored whole, tools are given what was recorded."""

from typing import Any

import pytest
from agents import Agent, LocalShellTool, Runner, function_tool, handoff
from agents.testing import ScriptedModel, assistant_message, function_call

from convo import ConversationStore, Prompt, asker, replay
from convo.trials.recorded import REFUSED, Tools

OSLO = function_call("weather", {"city": "Oslo"}, call_id="c1")
BERGEN = function_call("weather", {"city": "Bergen"}, call_id="c2")
SEND = function_call("send", {"to": "Bob"}, call_id="c3")


def model(*calls: Any) -> ScriptedModel:
    """A model that makes these calls, one after the other, and then answers."""
    return ScriptedModel([*([call] for call in calls), [assistant_message("Done.")]])


@pytest.fixture
def ran() -> list[str]:
    return []


@pytest.fixture
def agent(ran: list[str]) -> Agent[Any]:
    @function_tool
    def weather(city: str) -> str:
        """The weather of a city."""
        ran.append(city)
        return f"{city}: rain"

    @function_tool(needs_approval=True)
    def send(to: str) -> str:
        """Sends a mail."""
        ran.append(to)
        return "sent"

    return Agent("desk", tools=[weather, send])


@pytest.fixture
async def talk(store: ConversationStore, agent: Agent[Any]) -> ConversationStore:
    session = store.session("talk")
    asked = agent.clone(model=model(OSLO))
    result = await Runner.run(asked, "The weather?", session=session)
    await session.store_run_usage(result)
    return store


async def outputs(store: ConversationStore, branch: str) -> list[str | None]:
    (turn,) = await store.transcript("talk", branch)
    return [part.output for part in turn.items if part.kind == "tool_output"]


async def test_what_is_recorded_does_not_run_again(
    talk: ConversationStore, agent: Agent[Any], ran: list[str]
) -> None:
    ran.clear()
    (line,) = await replay(talk, "talk", {"m": asker(agent, model=model(OSLO))})
    assert line.is_whole, line.error
    assert (ran, line.outcomes[0].text) == ([], "Done.")
    assert await outputs(talk, "replay-m") == ["Oslo: rain"]
    assert line.outcomes[0].tokens.requests == 2
    (row,) = await talk.usage("talk", branch_id="replay-m")
    assert row.tokens.requests == 2


@pytest.mark.parametrize(
    ("tools", "allowed", "does_run", "output"),
    [
        ("recorded", False, False, REFUSED),
        ("recorded", True, True, "Bergen: rain"),
        ("refuse", True, False, REFUSED),
        ("run", False, True, "Bergen: rain"),
    ],
)
async def test_what_differs(
    talk: ConversationStore,
    agent: Agent[Any],
    ran: list[str],
    tools: Tools,
    allowed: bool,
    does_run: bool,
    output: str,
) -> None:
    ran.clear()
    asked: list[tuple[str, str]] = []

    def allow(name: str, arguments: str) -> bool:
        asked.append((name, arguments))
        return allowed

    asking = asker(agent, model=model(BERGEN), tools=tools, allow=allow)
    (line,) = await replay(talk, "talk", {"m": asking})
    assert line.is_whole, line.error
    assert ran == (["Bergen"] if does_run else [])
    assert await outputs(talk, "replay-m") == [output]
    assert asked == ([("weather", '{"city":"Bergen"}')] if tools == "recorded" else [])


async def test_a_tool_that_needs_approval_is_asked_about_once(
    talk: ConversationStore, agent: Agent[Any], ran: list[str]
) -> None:
    ran.clear()

    async def allow(name: str, arguments: str) -> bool:
        return name == "send"

    await replay(talk, "talk", {"m": asker(agent, model=model(SEND), allow=allow)})
    assert ran == ["Bob"]


async def test_agents_that_are_handed_over_to_are_held_back_too(
    talk: ConversationStore, agent: Agent[Any], ran: list[str]
) -> None:
    ran.clear()
    other = agent.clone(name="other", model=model(BERGEN), handoffs=[agent])
    to_other = function_call("transfer_to_other", {}, call_id="c4")
    for handoffs in ([other], [handoff(other)]):
        first = Agent[Any]("first", model=ScriptedModel([[to_other]]), handoffs=handoffs)  # type: ignore[arg-type]
        other.model = model(BERGEN)
        (line,) = await replay(talk, "talk", {"m": asker(first)})
        assert line.is_whole, line.error
        assert ran == []
    assert agent.handoffs == []


async def test_a_failed_run_stores_nothing(talk: ConversationStore, agent: Agent[Any]) -> None:
    session = talk.session("talk")
    before = await session.get_items()
    broken = ScriptedModel([[OSLO], RuntimeError("gone")])
    with pytest.raises(RuntimeError):
        await asker(agent, model=broken)(session, Prompt("Again?"))
    assert await session.get_items() == before


async def test_a_shell_is_left_out_unless_tools_run(talk: ConversationStore) -> None:
    seen: list[list[str]] = []

    class Watching(ScriptedModel):
        async def get_response(self, *given: Any, **named: Any) -> Any:
            tools = named["tools"] if "tools" in named else given[3]
            seen.append([tool.name for tool in tools])
            return await super().get_response(*given, **named)

    shell = LocalShellTool(executor=lambda request: "done")
    agent = Agent[Any]("desk", tools=[shell])
    how: list[Tools] = ["recorded", "run"]
    for tools in how:
        await replay(
            talk,
            "talk",
            {"m": asker(agent, model=Watching([[assistant_message("Hi.")]]), tools=tools)},
        )
    assert seen == [[], ["local_shell"]]
