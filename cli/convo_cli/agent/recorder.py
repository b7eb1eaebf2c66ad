"""Reports how far a running turn has come: every call as it begins, every output as it comes.

The SDK hands the items of a run over when all calls of an answer have ended. By then a tool may
have done what must not be done twice, and the process may be gone: so each is noted here before it
begins, and again when it has ended, and the run waits until that is kept.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from agents import Agent, ItemHelpers, ModelResponse, RunContextWrapper, RunHooks, Tool, Usage

from convo.items.encoding import Item
from convo.pending.pending import Progress
from convo.pending.unfinished import answered_by, call_of, open_calls
from convo.records import RunRecord
from convo_cli.agent.tool_errors import watch
from convo_cli.turn.choice import OnProgress

Record = Callable[[Usage, list[ModelResponse]], RunRecord]
"""What the requests so far cost."""

_IGNORED = "Multiple handoffs detected, ignoring this one."
"""What the SDK answers to every handoff of an answer but the first."""


class Recorder(RunHooks[Any]):
    """Notes what a run does, beginning with what was `reached` before."""

    def __init__(self, reached: Progress, report: OnProgress, record: Record) -> None:
        self._items = list(reached.items)
        self._agent = reached.agent
        self._running: dict[str, None] = {}
        self._usage: Usage | None = None
        self._responses: list[ModelResponse] = []
        self._report = report
        self._record = record
        self._is_stopped = False
        self._input: Sequence[Any] = ()

    def take_input(self, items: Sequence[Any]) -> None:
        """Take the items of the next request as they are stored; what is sent may be mended."""
        self._input = items

    def stop(self) -> None:
        """Take no more outputs: calls that are cancelled come back as if they had failed."""
        self._is_stopped = True

    async def save(self) -> None:
        """Report how far the run has come, and what it has cost."""
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
        """Note the agent that asks, and the outputs that are sent; refused calls have one too."""
        self._usage, self._agent = context.usage, agent.name
        if self._complete(self._input):
            await self.save()

    async def on_llm_end(
        self, context: RunContextWrapper[Any], agent: Agent[Any], response: ModelResponse
    ) -> None:
        """Note what the model said and what it calls, before anything of that is done."""
        self._usage = context.usage
        self._responses.append(response)
        self._items += [dict(item) for item in response.to_input_items()]
        await self.save()

    async def on_tool_start(
        self, context: RunContextWrapper[Any], agent: Agent[Any], tool: Tool
    ) -> None:
        """Note that a call begins; without its id, that all of another kind than functions do."""
        watch(tool)
        call_id = getattr(context, "tool_call_id", None)
        if call_id is None:
            others = [item for item in open_calls(self._items) if item["type"] != "function_call"]
            self._running |= dict.fromkeys(str(call_of(item)) for item in others)
        else:
            self._running[call_id] = None
        await self.save()

    async def on_tool_end(
        self, context: RunContextWrapper[Any], agent: Agent[Any], tool: Tool, result: object
    ) -> None:
        """Note what a call gave back, unless it ended because the turn was stopped."""
        call: Any = getattr(context, "tool_call", None)
        if call is None or self._is_stopped:
            return
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
        """Note the agent that goes on."""
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
        """Take over the outputs that a model is sent; return whether any of them is news."""
        outputs = {call: dict(item) for item in sent if (call := answered_by(item))}
        self._items = [outputs.get(answered_by(item) or "", item) for item in self._items]
        news = [call for item in open_calls(self._items) if (call := call_of(item)) in outputs]
        for call in news:
            self._end(outputs[call])
        return bool(news)

    def _end(self, output: Item) -> None:
        self._items.append(output)
        self._running.pop(str(answered_by(output)), None)
