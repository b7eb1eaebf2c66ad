"""Runs one turn: asks the model, lets the agent work, and hands back the turn whole.

Nothing here touches the database. The turn is held in memory; its outcome is stored by the caller
in one piece, and a turn that fails or is interrupted leaves nothing behind.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, cast

from agents import (
    Agent,
    ModelSettings,
    RunConfig,
    Runner,
    RunResultStreaming,
    StreamEvent,
)
from agents.result import RunResultBase

from convo.errors import ModelError
from convo_cli.agent.choice import Event, ModelChoice, TextDelta, TurnOutcome
from convo_cli.agent.events import Events, final_text
from convo_cli.agent.faults import Asked, translated
from convo_cli.agent.held import HeldSession
from convo_cli.agent.models import OpenedModel, opened_model
from convo_cli.agent.usage import run_record

OnEvent = Callable[[Event], None]

_SETTLE_TIMEOUT = 5.0

# A failed request is reported once, by us; without a handler Python prints the SDK's log to stderr.
logging.getLogger("openai.agents").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class _Turn:
    """All that a run needs to know."""

    choice: ModelChoice
    prompt: str
    session: HeldSession
    opened: OpenedModel
    on_event: OnEvent

    def agent(self) -> Agent[None]:
        return Agent(name="convo", instructions=self.choice.instructions)

    def config(self) -> RunConfig:
        return RunConfig(
            model=self.opened.model,
            model_provider=self.opened.provider,
            # Other servers count tokens only when asked to; the SDK sums up only some details.
            model_settings=ModelSettings(include_usage=True, preserve_raw_usage=True),
            tracing_disabled=not self.choice.trace,
            workflow_name="convo",
        )


async def run_turn(
    choice: ModelChoice, history: list[dict[str, Any]], prompt: str, on_event: OnEvent
) -> TurnOutcome:
    """Ask the model to answer the prompt after this history.

    `on_event` is called with every event as it happens, in the thread of the event loop. Raises
    ModelError for every failure of the model or of the way to it. A cancelled turn stops the
    model and raises CancelledError.
    """
    started_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    clock = perf_counter()
    session = HeldSession(history, prompt)
    async with opened_model(choice) as opened:
        turn = _Turn(choice, prompt, session, opened, on_event)
        result = await (_streamed(turn) if choice.stream else _at_once(turn))
    record = run_record(
        result.context_wrapper.usage,
        result.raw_responses,
        model=opened.asked.model,
        started_at=started_at,
        duration_s=round(perf_counter() - clock, 3),
        estimated=opened.estimated,
        base_url=opened.asked.base_url,
        api=opened.api,
    )
    text = final_text(result.final_output, result.new_items)
    return TurnOutcome(session.held, text, record)


async def _at_once(turn: _Turn) -> RunResultBase:
    with translated(turn.opened.asked):
        result = await Runner.run(
            turn.agent(),
            turn.prompt,
            session=turn.session,
            max_turns=turn.choice.max_turns,
            run_config=turn.config(),
        )
    _check_answered(result, turn.opened.asked)
    events = Events()
    for item in result.new_items:
        shown = events.of_item(item)
        if shown is not None:
            turn.on_event(shown)
    turn.on_event(TextDelta(final_text(result.final_output, result.new_items)))
    return result


async def _streamed(turn: _Turn) -> RunResultBase:
    with translated(turn.opened.asked):
        result = Runner.run_streamed(
            turn.agent(),
            turn.prompt,
            session=turn.session,
            max_turns=turn.choice.max_turns,
            run_config=turn.config(),
        )
    try:
        async with aclosing(_shown(result, turn.opened.asked)) as events:
            async for event in events:
                turn.on_event(event)
    finally:
        await _settled(result)
    _check_answered(result, turn.opened.asked)
    return result


async def _shown(result: RunResultStreaming, asked: Asked) -> AsyncGenerator[Event, None]:
    """The events of the run as they happen, its failures translated.

    What the consumer of the events raises never comes through here, and stays what it is.
    """
    events = Events()
    stream_events = cast(AsyncGenerator[StreamEvent, None], result.stream_events())
    async with aclosing(stream_events) as stream:
        try:
            with translated(asked):
                async for event in stream:
                    shown = events.of(event)
                    if shown is not None:
                        yield shown
        except BaseException:
            # Closing the stream of a run that was not cancelled would wait for its end.
            result.cancel()
            raise


def _check_answered(result: RunResultBase, asked: Asked) -> None:
    """Raise ModelError for a run in which the model said nothing and did nothing."""
    if all(item.type == "reasoning_item" for item in result.new_items):
        raise ModelError(f"{asked.where} answered with nothing", hint="ask again")


async def _settled(result: RunResultStreaming) -> None:
    """Wait until the run has let go of its connection, whatever its end; that was reported."""
    task = result.run_loop_task
    if task is None:
        return
    await asyncio.wait({task}, timeout=_SETTLE_TIMEOUT)
    if task.done() and not task.cancelled():
        task.exception()
