"""Keeps an agent ready for turn after turn: its code loaded, its servers connected."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import Any, Self

from agents import Agent, ModelResponse, Usage
from agents.models import get_default_model_settings
from agents.models.interface import Model

from convo.held import Progress
from convo.records import RunRecord
from convo_cli.agent.choice import (
    Approval,
    ApprovalRequest,
    Approve,
    Content,
    ModelChoice,
    OnEvent,
    OnProgress,
    TurnOutcome,
    check_named,
)
from convo_cli.agent.events import final_text
from convo_cli.agent.going_on import going_on
from convo_cli.agent.held import HeldSession
from convo_cli.agent.loading import load_agent
from convo_cli.agent.mending import Mending
from convo_cli.agent.models import opened_model
from convo_cli.agent.recorder import Recorder
from convo_cli.agent.reference import AgentReference
from convo_cli.agent.runner import Turn, run
from convo_cli.agent.sdk_settings import sdk_settings
from convo_cli.agent.servers import Servers, reachable
from convo_cli.agent.usage import run_record

NOTHING = Progress()


async def refuse(_: ApprovalRequest) -> Approval:
    """Approve nothing: nobody is there to be asked."""
    return "no"


async def keep_nothing(_: Progress) -> None:
    """Let the turn go on: nobody wants to know how far it has come."""


@dataclass
class _WithoutModel:
    """An agent whose code names no model, and whether the code leaves its settings to the SDK."""

    agent: Agent[Any]
    has_own_settings: bool

    @classmethod
    def of(cls, agent: Agent[Any]) -> "_WithoutModel":
        return cls(agent, agent.model_settings != get_default_model_settings())

    def use(self, model: str | Model | None) -> None:
        """Have the agent ask this model, with the settings that the SDK gives one made with it.

        The SDK chooses them when an agent is made. Those of its default model would stay, and
        other models and servers refuse them.
        """
        self.agent.model = model
        if not self.has_own_settings:
            self.agent.model_settings = Agent(name=self.agent.name, model=model).model_settings


@dataclass
class _Ready:
    """A loaded agent as its code made it, and what is to be put back before each turn."""

    agent: Agent[Any]
    model: str | Model | None
    instructions: Any
    without_model: list[_WithoutModel]
    servers: Servers
    is_connected: bool = False

    @classmethod
    def of(cls, agent: Agent[Any]) -> "_Ready":
        agents = reachable(agent)
        nobody = [_WithoutModel.of(one) for one in agents if one.model is None]
        return cls(agent, agent.model, agent.instructions, nobody, Servers(agents))

    async def connect(self) -> None:
        if not self.is_connected:
            await self.servers.connect()
            self.is_connected = True

    async def close(self) -> None:
        if self.is_connected:
            await self.servers.close()

    def prepared(self, choice: ModelChoice, fallback: str | Model | None) -> Agent[Any]:
        """The agent with the instructions that were given, and a model for those without one."""
        given = choice.instructions
        self.agent.instructions = self.instructions if given is None else given
        for one in self.without_model:
            one.use(fallback)
        return self.agent


class AgentHost:
    """Runs turns, of an agent that was named or of a plain model. To be closed at the end."""

    def __init__(self) -> None:
        self._ready: dict[AgentReference, _Ready] = {}
        self._allowed: set[str] = set()
        self._mending = Mending()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the servers of the agents."""
        ready, self._ready = self._ready, {}
        for one in ready.values():
            await one.close()

    def load(self, reference: AgentReference) -> None:
        """Load an agent, unless that was done. Raises ChoiceError."""
        if reference not in self._ready:
            self._ready[reference] = _Ready.of(load_agent(reference))

    async def run_turn(
        self,
        choice: ModelChoice,
        history: list[dict[str, Any]],
        content: Content,
        on_event: OnEvent,
        approve: Approve = refuse,
        *,
        reached: Progress = NOTHING,
        on_progress: OnProgress = keep_nothing,
    ) -> TurnOutcome:
        """Ask the model, or have the agent work, on what the user says after this history.

        `on_event` is called with every event as it happens, in the thread of the event loop, and
        `approve` for every call of a tool that a person has to approve. `on_progress` is awaited
        before a call is made and after it has ended; a turn that ended early goes on from what it
        had `reached`. Raises ModelError for every failure of the model, of the way to it and of the
        agent, ChoiceError for an agent or a setting that cannot be used. A cancelled turn stops the
        model and raises CancelledError.
        """
        check_named(choice)
        started_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        clock = perf_counter()
        settings = sdk_settings(choice.settings)
        ready = self._prepare(choice)
        session = HeldSession(history, content)
        self._mending.on_event = on_event
        async with opened_model(choice, ready.model, self._mending) as opened:
            await ready.connect()
            agent = ready.prepared(choice, opened.model)
            record = partial(
                run_record,
                model=opened.asked.model,
                started_at=started_at,
                estimated=opened.estimated,
                base_url=opened.asked.base_url,
                api=opened.api,
                agent=None if choice.agent is None else choice.agent.recorded_as,
                model_chosen=choice.agent is not None and choice.overrules_agent,
            )

            def cost(usage: Usage, responses: list[ModelResponse]) -> RunRecord:
                return record(usage, responses, duration_s=round(perf_counter() - clock, 3))

            turn = Turn(
                choice,
                *going_on(agent, settings, reached),
                content,
                session,
                opened,
                self._mending,
                on_event,
                approve,
                self._allowed,
                Recorder(reached, on_progress, cost),
                reached.items,
            )
            result = await run(turn)
        spent = cost(result.context_wrapper.usage, result.raw_responses)
        return TurnOutcome(session.held, final_text(result.final_output, result.new_items), spent)

    def _prepare(self, choice: ModelChoice) -> _Ready:
        if choice.agent is None:
            return _Ready.of(Agent(name="convo"))
        self.load(choice.agent)
        return self._ready[choice.agent]


async def run_turn(
    choice: ModelChoice,
    history: list[dict[str, Any]],
    content: Content,
    on_event: OnEvent,
    approve: Approve = refuse,
    *,
    reached: Progress = NOTHING,
    on_progress: OnProgress = keep_nothing,
) -> TurnOutcome:
    """One turn of `AgentHost.run_turn`, after which nothing stays open."""
    async with AgentHost() as host:
        return await host.run_turn(
            choice, history, content, on_event, approve, reached=reached, on_progress=on_progress
        )
