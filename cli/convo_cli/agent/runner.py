"""Runs one turn of an agent, asks the user for approvals, and resumes the run after each.

Nothing here touches the database: the turn is kept in memory, and the caller stores its outcome in
one transaction.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, cast

from agents import (
    Agent,
    ModelBehaviorError,
    ModelSettings,
    RunConfig,
    Runner,
    RunResult,
    RunResultStreaming,
    RunState,
    StreamEvent,
)
from agents.items import TResponseInputItem
from agents.result import RunResultBase

from convo.errors import ModelError
from convo.items.encoding import Item
from convo_cli.agent.approvals import decide
from convo_cli.agent.events import Events, final_text, is_said
from convo_cli.agent.exits import exits_caught
from convo_cli.agent.faults import model_error, translated
from convo_cli.agent.mending import Mending
from convo_cli.agent.models import OpenedModel
from convo_cli.agent.recorder import Recorder
from convo_cli.agent.tool_errors import tell_of_errors
from convo_cli.agent.turn_session import HeldSession
from convo_cli.turn.asked import Asked
from convo_cli.turn.choice import Approve, Content, ModelChoice
from convo_cli.turn.events import Event, OnEvent, TextDelta
from convo_cli.wire.ends import TOKEN_LIMIT, FailedAnswerError

_SETTLE_TIMEOUT = 5.0

_NO_ANSWERS = frozenset({"reasoning_item", "mcp_list_tools_item", "compaction_item"})
"""The SDK's items that only lead to an answer."""

_Input = str | list[TResponseInputItem] | RunState[Any]

# convo reports a failed request once; without a handler Python prints the SDK's log to stderr too.
logging.getLogger("openai.agents").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Turn:
    """The input of a run. Tools approved for the whole chat are in `allowed`.

    `done` are the items of an earlier run of the turn, from which this one continues.
    """

    choice: ModelChoice
    agent: Agent[Any]
    settings: ModelSettings
    content: Content
    session: HeldSession
    opened: OpenedModel
    mending: Mending
    on_event: OnEvent
    approve: Approve
    allowed: set[str]
    recorder: Recorder
    done: Sequence[Item] = ()
    context: Any = None
    events: Events = field(default_factory=Events)

    @property
    def input(self) -> _Input:
        """The user's message in the SDK's form, and the items of an earlier run."""
        if isinstance(self.content, str) and not self.done:
            return self.content
        said = {"role": "user", "content": self.content}
        return cast(list[TResponseInputItem], [said, *self.done])

    def options(self) -> dict[str, Any]:
        """The arguments of every part of the run: the first, and those after an approval."""
        overruled = self.choice.agent is None or self.choice.overrules_agent
        config = RunConfig(
            model=self.opened.model if overruled else None,
            model_provider=self.opened.provider,
            model_settings=self.settings,
            tracing_disabled=not self.choice.trace,
            workflow_name="convo",
            tool_error_formatter=tell_of_errors(self.on_event),
        )
        config.call_model_input_filter = self.mending.fitted(config, self.recorder.take_input)
        return {
            "session": self.session,
            "hooks": self.recorder,
            "context": self.context,
            "max_turns": self.choice.max_turns,
            "run_config": config,
        }


async def run(turn: Turn) -> RunResultBase:
    """Run the agent to its final answer, asking for approvals on the way.

    Raises ModelError for every failure of the model, of the connection, and of the agent. However
    the run ends, the recorder has reported its progress.
    """
    work = asyncio.ensure_future(_run(turn))
    try:
        with exits_caught():
            return await asyncio.shield(work)
    except asyncio.CancelledError:
        # Calls cancelled below must not be recorded as outputs of tools.
        turn.recorder.stop()
        work.cancel()
        await asyncio.wait({work})
        await turn.recorder.save()
        raise
    except BaseException:
        await turn.recorder.save()
        raise


async def _run(turn: Turn) -> RunResultBase:
    try:
        return await _legs(turn)
    except ModelError as error:
        if turn.opened.cuts and isinstance(error.__cause__, ModelBehaviorError):
            # A cut answer does not fit its schema.
            cut = model_error(FailedAnswerError(TOKEN_LIMIT), turn.opened.asked)
            raise (cut or error) from error
        raise


async def _legs(turn: Turn) -> RunResultBase:
    go = _streamed if turn.choice.stream else _at_once
    result: RunResult | RunResultStreaming = await go(turn, turn.input)
    while result.interruptions:
        state = result.to_state()
        for item in result.interruptions:
            await decide(state, item, turn.approve, turn.allowed)
        result = await go(turn, state)
    _check_answered(result, turn.opened.asked)
    if turn.choice.stream and not is_said(result.new_items):
        # The output of a tool is the answer, and was not streamed.
        turn.on_event(TextDelta(final_text(result.final_output, result.new_items)))
    return result


async def _at_once(turn: Turn, work: _Input) -> Any:
    with translated(turn.opened.asked):
        result = await Runner.run(turn.agent, work, **turn.options())
    for event in turn.events.of_whole(result.new_items):
        turn.on_event(event)
    if not result.interruptions and not is_said(result.new_items):
        turn.on_event(TextDelta(final_text(result.final_output, result.new_items)))
    return result


async def _streamed(turn: Turn, work: _Input) -> Any:
    with translated(turn.opened.asked):
        result = Runner.run_streamed(turn.agent, work, **turn.options())
    try:
        async with aclosing(_shown(result, turn)) as events:
            async for event in events:
                turn.on_event(event)
    finally:
        await _settled(result)
    return result


async def _shown(result: RunResultStreaming, turn: Turn) -> AsyncGenerator[Event, None]:
    """The events of the run as they happen, with its failures translated.

    Errors raised by the consumer of the events are not translated.
    """
    stream_events = cast(AsyncGenerator[StreamEvent, None], result.stream_events())
    async with aclosing(stream_events) as stream:
        try:
            with translated(turn.opened.asked):
                async for event in stream:
                    shown = turn.events.of(event)
                    if shown is not None:
                        yield shown
        except BaseException:
            # Without cancelling it, closing the stream of a run would wait for its end.
            result.cancel()
            raise


def _check_answered(result: RunResultBase, asked: Asked) -> None:
    """Raise ModelError for a run in which the model said nothing and did nothing."""
    if all(item.type in _NO_ANSWERS for item in result.new_items):
        raise ModelError(f"{asked.where} answered with nothing", hint="ask again")


async def _settled(result: RunResultStreaming) -> None:
    """Wait until the run has released its connection. Its outcome is already known."""
    task = result.run_loop_task
    if task is None:
        return
    await asyncio.wait({task}, timeout=_SETTLE_TIMEOUT)
    if task.done() and not task.cancelled():
        task.exception()
