"""Keeps an agent ready from turn to turn: its code loaded, its MCP servers connected."""

import asyncio
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, Self, TypeAlias

from agents import Agent
from agents.result import RunResultBase

from convo.pending.pending import Progress
from convo.trials.agents import with_recorded
from convo.usage_records import RunRecord
from convo_cli.agent.contexts import made_context
from convo_cli.agent.events import final_text
from convo_cli.agent.faults import ServerFailedError
from convo_cli.agent.finding import Found, find_agent
from convo_cli.agent.going_on import unforced
from convo_cli.agent.loading import load_module, place_of
from convo_cli.agent.making import Made, Ran
from convo_cli.agent.mending import Mending
from convo_cli.agent.models import listed_models, opened_model
from convo_cli.agent.ready import Ready
from convo_cli.agent.recorder import Recorder
from convo_cli.agent.runner import Turn, run
from convo_cli.agent.sdk_settings import sdk_settings
from convo_cli.agent.servers import reachable
from convo_cli.agent.traces import trace
from convo_cli.agent.turn_session import HeldSession
from convo_cli.agent.usage import cost_of
from convo_cli.plain.findings import Findings
from convo_cli.plain.usage import Clock, with_estimate
from convo_cli.turn.choice import (
    Approve,
    Choose,
    Content,
    ModelChoice,
    OnProgress,
    TurnOutcome,
    check_named,
)
from convo_cli.turn.context_reference import ContextReference
from convo_cli.turn.errors import ChoiceError, SeveralAgentsError
from convo_cli.turn.events import OnEvent
from convo_cli.turn.nobody import NOTHING, choose_none, keep_nothing, refuse
from convo_cli.turn.reference import AgentReference

Source: TypeAlias = tuple[str, Path | None]
"""A module, and the file of its code."""


class AgentHost:
    """Runs turns of a named agent or of a plain model. Has to be closed."""

    def __init__(self, findings: Findings | None = None) -> None:
        self._modules: dict[Source, ModuleType] = {}
        self._named: dict[AgentReference, AgentReference] = {}
        self._ready: dict[tuple[AgentReference, ContextReference | None], Ready] = {}
        self._plain: Ready | None = None
        self._allowed: set[str] = set()
        self._findings = findings or Findings()
        self._mending = Mending(self._findings)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the MCP servers of the agents."""
        ready, self._ready = [*self._ready.values()], {}
        if self._plain is not None:
            ready.append(self._plain)
            self._plain = None
        for one in ready:
            await one.close()

    def load(self, reference: AgentReference) -> ModuleType:
        """Load the code of an agent once. Raises ChoiceError.

        Call this in a thread without a running event loop.
        """
        source = _source(reference)
        if source not in self._modules:
            self._modules[source] = load_module(reference)
        return self._modules[source]

    async def run_turn(
        self,
        choice: ModelChoice,
        history: list[dict[str, Any]],
        content: Content,
        on_event: OnEvent,
        approve: Approve = refuse,
        choose: Choose = choose_none,
        *,
        reached: Progress = NOTHING,
        on_progress: OnProgress = keep_nothing,
    ) -> TurnOutcome:
        """Run one turn: the model or the agent answers what the user says after this history.

        `on_event` is called with every event, in the thread of the event loop; `approve` for every
        tool call that needs approval; `choose` if a file has several agents and it is unclear which
        one is meant. `on_progress` is awaited before every call and after it has ended. A turn that
        ended early continues from what it had `reached`. Raises ModelError for every failure of the
        model, of the connection and of the agent, and ChoiceError for an agent or a setting that
        cannot be used. A cancelled turn stops the model and raises CancelledError.
        """
        check_named(choice)
        clock, settings = Clock(), sdk_settings(choice.settings)
        on_event = clock.noting(on_event) if choice.stream else on_event
        trace(choice.trace)
        choice, ready = await self._prepare(choice, choose)
        choice = replace(choice, active=reached.agent or choice.active)
        self._findings.on_event = on_event
        async with opened_model(choice, ready.model(choice.active), self._findings) as opened:
            await ready.connect()
            agent = ready.prepared(choice, opened.model)
            if (given := choice.tools) is not None:
                agent = with_recorded(agent, given.outputs, given.tools, given.allow)
            if reached.items:
                agent, settings = unforced(agent, settings)
            cost = cost_of(choice, opened, clock)
            turn = Turn(
                choice,
                agent,
                settings,
                content,
                HeldSession(history, content, reached.items),
                opened,
                self._mending,
                on_event,
                approve,
                self._allowed,
                Recorder(reached, on_progress, cost, clock),
                reached.items,
                ready.context,
            )
            try:
                result = await run(turn)
            except ServerFailedError:
                await ready.disconnect()
                raise
        spent = cost(result.context_wrapper.usage, result.raw_responses)
        last_agent = ready.handed_over_to(result.last_agent)
        return _outcome(turn, result, spent._replace(last_agent=last_agent), history)

    async def names(self, choice: ModelChoice, choose: Choose = choose_none) -> list[str]:
        """The names of the agents of a choice, first the one that begins. Raises ChoiceError."""
        check_named(choice)
        _, ready = await self._prepare(choice, choose)
        return ready.names

    async def models(self, choice: ModelChoice) -> list[str]:
        """The models of the server that the choice asks. Raises ModelError."""
        check_named(choice)
        return await listed_models(choice, self._findings)

    async def _prepare(self, choice: ModelChoice, choose: Choose) -> tuple[ModelChoice, Ready]:
        """The agent of the choice, ready to run, and the choice completed by the agent's name."""
        servers = tuple(choice.mcp_servers[name] for name in choice.mcp or ())
        if choice.agent is None:
            if self._plain is None:
                self._plain = Ready.of(Agent(name="convo"))
            await self._plain.give(servers)
            return choice, self._plain
        reference = self._named.get(choice.agent, choice.agent)
        key = reference, choice.context
        if key not in self._ready:
            found, reference = await self._found(reference, choose)
            self._named[choice.agent] = reference
            key = reference, choice.context
            self._ready[key] = await self._opened(reference, found, choice.context)
        await self._ready[key].give(servers)
        return replace(choice, agent=reference), self._ready[key]

    async def _found(
        self, reference: AgentReference, choose: Choose
    ) -> tuple[Found, AgentReference]:
        module = await asyncio.to_thread(self.load, reference)
        try:
            return find_agent(reference, module), reference
        except SeveralAgentsError as error:
            name = await choose(place_of(reference), error.names)
            if name is None:
                raise
            reference = replace(reference, name=name)
            return find_agent(reference, module), reference
        except ChoiceError:
            # Its author may fix the file and ask again.
            self._modules.pop(_source(reference))
            raise

    async def _opened(
        self, reference: AgentReference, found: Found, given: ContextReference | None
    ) -> Ready:
        made = None if isinstance(found.value, Agent) else Made(reference, found)
        try:
            ran = Ran(found.value) if isinstance(found.value, Agent) else await made.open()  # type: ignore[union-attr]
            context = ran.context if given is None else None
            if context is None:
                context = await made_context(given, reachable(ran.agent), self.load)
        except BaseException:
            if made is not None:
                await made.close()
            raise
        return Ready.of(ran.agent, context, made)


def _outcome(
    turn: Turn, result: RunResultBase, spent: RunRecord, history: list[dict[str, Any]]
) -> TurnOutcome:
    items = turn.session.held
    text = final_text(result.final_output, result.new_items)
    is_cut = bool(text) and any(cut.endswith(text) for cut in turn.opened.cuts)
    return TurnOutcome(items, text, with_estimate(spent, history, items), is_cut)


def _source(reference: AgentReference) -> Source:
    return reference.module or "", reference.code
