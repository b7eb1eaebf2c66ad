"""Asks an agent of the Agents SDK, which is imported when the first prompt is asked."""

import json
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import partial
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, cast

from convo.trials.asking import Asker, Outcome, Prompt, outcome_of
from convo.trials.recorded import REFUSED, Allow, RecordedOutputs, Tools

if TYPE_CHECKING:
    from agents import Agent, RunConfig

    from convo.sdk import AdvancedSession


def asker(
    agent: "Agent[Any]",
    *,
    model: Any = None,
    tools: Tools = "recorded",
    allow: Allow = lambda name, arguments: False,
    context: Any = None,
    max_turns: int = 10,
    run_config: "RunConfig | None" = None,
) -> Asker:
    """An asker that runs an agent of the Agents SDK, and stores each turn whole.

    Args:
        agent: The agent.
        model: The model to use instead of the agent's own.
        tools: With `recorded`, a call gets the output that the replayed branch has for the same
            tool and arguments, and its tool is not run; with `refuse`, no other is run either;
            with `run`, every call is run.
        allow: Called for calls without a recorded output; by default these are refused.
        context: The context of the run.
        max_turns: How often the model may be called for one answer.
        run_config: The configuration of the run.
    """

    async def ask(session: "AdvancedSession", prompt: Prompt) -> Outcome:
        from agents import RunConfig, Runner

        begun = time.monotonic()
        held = _Held(session.session_id, await session.get_items(sendable=True))
        config = run_config or RunConfig()
        if model is not None:
            config = replace(config, model=model)
        outputs = prompt.outputs or RecordedOutputs()
        runs = agent if tools == "run" else with_recorded(agent, outputs, tools, allow)
        if prompt.instructions is not None:
            runs = runs.clone(instructions=prompt.instructions)
        result = await Runner.run(
            runs,
            prompt.input,
            session=cast(Any, held),
            context=context,
            max_turns=max_turns,
            run_config=config,
        )
        wrapper = result.context_wrapper
        await session.add_items(held.items, wrapper=wrapper)
        await session.store_run_usage(result)
        return outcome_of(result, time.monotonic() - begun)

    return ask


class _Held:
    """A session for the SDK that keeps a running turn in memory, so that it is stored whole."""

    def __init__(self, session_id: str, history: Sequence[Any]) -> None:
        self.session_id = session_id
        self.session_settings = None
        self._history = list(history)
        self.items: list[Any] = []

    async def get_items(self, limit: int | None = None) -> list[Any]:
        """The history and the turn; with a limit, the newest of these items."""
        items = deepcopy(self._history + self.items)
        return items if limit is None else items[max(0, len(items) - limit) :]

    async def add_items(self, items: list[Any]) -> None:
        """Add items to the turn."""
        self.items += deepcopy(items)

    async def pop_item(self) -> Any:
        """Remove the newest item of the turn, and return it."""
        return self.items.pop() if self.items else None

    async def clear_session(self) -> None:
        """Remove the items of the turn."""
        self.items.clear()


def with_recorded(
    agent: "Agent[Any]", outputs: RecordedOutputs, tools: Tools, allow: Allow
) -> "Agent[Any]":
    """A copy of an agent, and of those that it hands over to, whose tools give recorded outputs.

    With `run`, it is only a copy: runs at the same time do not change each other's agents.
    """
    from agents import Agent, Handoff

    made: dict[int, Any] = {}
    give = partial(with_outputs, outputs=outputs, tools=tools, allow=allow)

    def copy(one: "Agent[Any]") -> "Agent[Any]":
        if id(one) in made:
            found: Agent[Any] = made[id(one)]
            return found
        copied = made[id(one)] = one.clone()
        copied.handoffs = [
            copy(other) if isinstance(other, Agent) else handing_over(other)
            for other in one.handoffs
        ]
        if tools != "run":
            copied.tools = [kept for tool in one.tools if (kept := give(tool)) is not None]
            copied.__class__ = _with_mcp_tools(type(one), give)
        return copied

    def handing_over(handoff: "Handoff[Any, Any]") -> "Handoff[Any, Any]":
        invoke = handoff.on_invoke_handoff

        async def copy_of(*given: Any) -> Any:
            return copy(await invoke(*given))

        return replace(handoff, on_invoke_handoff=copy_of)

    return copy(agent)


def with_outputs(tool: Any, outputs: RecordedOutputs, tools: Tools, allow: Allow) -> Any:
    """A tool that gives recorded outputs; None for one that can only be run.

    One that the server of the model runs stays as it is.
    """
    from agents import CustomTool, FunctionTool

    if not isinstance(tool, FunctionTool | CustomTool):
        is_local = any(getattr(tool, name, None) is not None for name in _RUNS_HERE)
        return None if is_local else tool
    run = tool.on_invoke_tool

    async def invoke(context: Any, arguments: str) -> Any:
        found = outputs.find(tool.name, arguments)
        if found is not None:
            return _returned(found.value)
        if not await _is_allowed(tool.name, arguments, tools, allow):
            return REFUSED
        return await run(context, arguments)

    return replace(tool, on_invoke_tool=invoke, needs_approval=False)


_RUNS_HERE = ("executor", "editor", "computer")
"""What tools have that run something here, and are no functions: shells, editors, computers."""


async def _is_allowed(name: str, arguments: str, tools: Tools, allow: Allow) -> bool:
    if tools == "refuse":
        return False
    allowed = allow(name, arguments)
    return await allowed if isawaitable(allowed) else allowed


def _with_mcp_tools(kind: type["Agent[Any]"], give: Callable[[Any], Any]) -> type["Agent[Any]"]:
    """The class of an agent whose MCP tools give recorded outputs; copies of it do as well."""

    class Recorded(kind):  # type: ignore[valid-type, misc]
        async def get_mcp_tools(self, run_context: Any) -> list[Any]:
            return [give(tool) for tool in await super().get_mcp_tools(run_context)]

    return Recorded


def _returned(value: Any) -> Any:
    """A stored output as a tool returns it: the SDK stores its parts under other names."""
    if not isinstance(value, list):
        return value if isinstance(value, str) else json.dumps(value)
    parts = [part for part in value if isinstance(part, dict)]
    return [{**part, "type": str(part.get("type", "")).removeprefix("input_")} for part in parts]
