"""`UsageHooks`: store the usage of a run automatically while it runs."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from agents import Agent, AgentHookContext, ModelResponse, RunContextWrapper, RunHooks

from convo.sdk import AdvancedSQLiteSession
from convo.sdk.runs import ByRun, model_name, usage_record


@dataclass(slots=True)
class _Progress:
    """A run in progress: when it began, and the ids of its responses so far."""

    began: float = field(default_factory=time.monotonic)
    started_at: str = field(default_factory=lambda: datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"))
    response_ids: list[str | None] = field(default_factory=list)


class UsageHooks(RunHooks[Any]):
    """Stores the usage of every run that has these hooks, for the turn that the run wrote.

        await Runner.run(agent, text, session=session, hooks=UsageHooks(session))

    The usage is stored after each response of the model, so that the ledger also has the tokens of
    runs that fail or are cancelled; such a run stays `unfinished` there. `store_run_usage` may be
    called as well: nothing is counted twice.
    """

    def __init__(self, session: AdvancedSQLiteSession) -> None:
        self._session = session
        self._progress = ByRun(_Progress)

    async def on_llm_start(
        self,
        context: RunContextWrapper[Any],
        agent: Agent[Any],
        system_prompt: str | None,
        input_items: list[Any],
    ) -> None:
        """Note when the run began."""
        self._progress.of(context)

    async def on_llm_end(
        self, context: RunContextWrapper[Any], agent: Agent[Any], response: ModelResponse
    ) -> None:
        """Store the usage of the run so far."""
        self._progress.of(context).response_ids.append(response.response_id)
        await self._store(context, agent, "unfinished")

    async def on_agent_end(
        self, context: AgentHookContext[Any], agent: Agent[Any], output: Any
    ) -> None:
        """Store the final usage of the run."""
        await self._store(context, agent, "completed")

    async def _store(self, context: Any, agent: Agent[Any], status: str) -> None:
        progress = self._progress.of(context)
        record = usage_record(
            context.usage,
            progress.response_ids,
            model=model_name(agent),
            status=status,
            started_at=progress.started_at,
            duration_s=time.monotonic() - progress.began,
        )
        await self._session.store_usage(context, record)
