"""Reports the progress of a running turn: every call as it begins, and every output as it arrives.

The SDK returns the items of a run only after all calls of an answer have ended. A tool may have
done something before that must not be done twice, and the process may have died. So each call is
recorded here before it begins and after it has ended, and the run waits until that is written.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from agents import Agent, ItemHelpers, ModelResponse, RunContextWrapper, RunHooks, Tool, Usage

from convo.items.encoding import Item
from convo.pending.pending import Progress
from convo.pending.unfinished import answered_by, call_of, open_calls
from convo.usage_records import RunRecord
from convo_cli.agent.tool_errors import watch
from convo_cli.plain.usage import Clock
from convo_cli.turn.choice import OnProgress

Record = Callable[[Usage, list[ModelResponse]], RunRecord]
"""Returns the cost of the requests so far."""

_IGNORED = "Multiple handoffs detected, ignoring this one."
"""The SDK's output for every handoff of an answer but the first."""


class Recorder(RunHooks[Any]):
    """Records what a run does, after what was `reached` before."""

    def __init__(self, reached: Progress, report: OnProgress, record: Record, clock: Clock) -> None:
        self._items = list(reached.items)
        self._agent = reached.agent
        self._running: dict[str, None] = {}
        self._usage: Usage | None = None
        self._responses: list[ModelResponse] = []
        self._report = report
        self._record = record
        self._clock = clock
        self._is_stopped = False
        self._input: Sequence[Any] = ()

    def take_input(self, items: Sequence[Any]) -> None:
        """Take the items of the next request as they are stored; those that are sent may differ."""
        self._input = items

    def stop(self) -> None:
        """Ignore later outputs: the SDK reports cancelled calls as failed."""
        self._is_stopped = True

    async def save(self) -> None:
        """Report the progress and the cost of the run."""
        usage = self._usage
        run = None if usage is None else self._record(usage, self._responses)
        await self._report(Progress(tuple(self._items), tuple(self._running), self._agent, "", run))

    async def on_llm_start(
        self,
        context: RunContextWrapper[Any],
        agent: Agent[Any],
        system_prompt: str | None,
        input_items: Sequence[Any],
    ) -> None:
        """Record the active agent and the outputs that are sent, also those of refused calls."""
        self._usage, self._agent = context.usage, agent.name
        if self._complete(self._input):
            await self.save()

    async def on_llm_end(
        self, context: RunContextWrapper[Any], agent: Agent[Any], response: ModelResponse
    ) -> None:
        """Record the model's message and calls before any call runs."""
        self._usage = context.usage
        self._responses.append(response)
        self._items += [dict(item) for item in response.to_input_items()]
        await self.save()

    async def on_tool_start(
        self, context: RunContextWrapper[Any], agent: Agent[Any], tool: Tool
    ) -> None:
        """Record that a call begins; without an id, all calls other than of functions begin."""
        watch(tool)
        call_id = getattr(context, "tool_call_id", None)
        if call_id is None:
            others = [item for item in open_calls(self._items) if item["type"] != "function_call"]
            self._running |= dict.fromkeys(str(call_of(item)) for item in others)
        else:
            self._running[call_id] = None
            self._clock.begin_call(call_id)
        await self.save()

    async def on_tool_end(
        self, context: RunContextWrapper[Any], agent: Agent[Any], tool: Tool, result: object
    ) -> None:
        """Record the output of a call, unless it ended because the turn was stopped."""
        call: Any = getattr(context, "tool_call", None)
        if call is None or self._is_stopped:
            return
        self._clock.end_call(str(call.call_id))
        made = next((item for item in self._items if call_of(item) == call.call_id), None)
        if made is None:
            return
        if made["type"] == "function_call":
            output: Item = dict(ItemHelpers.tool_call_output_item(call, result))
        elif made["type"] == "custom_tool_call":
            output = {
                "type": "custom_tool_call_output",
                "call_id": call.call_id,
                "output": str(result),
            }
        else:
            return
        self._end(output)
        await self.save()

    async def on_handoff(
        self, context: RunContextWrapper[Any], from_agent: Agent[Any], to_agent: Agent[Any]
    ) -> None:
        """Record the agent that goes on."""
        self._agent = to_agent.name
        said = json.dumps({"assistant": to_agent.name})
        for call in open_calls(self._items):
            if call["type"] == "function_call" and call_of(call) not in self._running:
                self._end(
                    {"type": "function_call_output", "call_id": call["call_id"], "output": said}
                )
                said = _IGNORED
        await self.save()

    def _complete(self, sent: Sequence[Any]) -> bool:
        """Add the outputs that a model is sent; return whether any of them is new."""
        outputs = {call: dict(item) for item in sent if (call := answered_by(item))}
        self._items = [outputs.get(answered_by(item) or "", item) for item in self._items]
        news = [call for item in open_calls(self._items) if (call := call_of(item)) in outputs]
        for call in news:
            self._end(outputs[call])
        return bool(news)

    def _end(self, output: Item) -> None:
        self._items.append(output)
        self._running.pop(str(answered_by(output)), None)
