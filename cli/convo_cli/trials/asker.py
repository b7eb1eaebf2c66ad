"""Asks the prompts of a trial, each as `convo chat` asks a turn, but without a screen."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from convo.records import Location, StoredTurn
from convo.sdk import AdvancedSession
from convo.store import ConversationStore
from convo.trials.asking import Outcome, Prompt, tokens_of
from convo.trials.estimate import cost_of_run
from convo.trials.recorded import RecordedOutputs
from convo.usage.prices import Prices
from convo_cli.ask.conversation import Destination
from convo_cli.ask.hosts import Host, host_for
from convo_cli.ask.pending import Pending
from convo_cli.ask.question import Question
from convo_cli.ask.schema import check_form, recorded_schema
from convo_cli.ask.templates import noted
from convo_cli.plain.needs import needs_sdk
from convo_cli.turn.choice import (
    Approve,
    Choose,
    ModelChoice,
    TurnOutcome,
)
from convo_cli.turn.events import OnEvent
from convo_cli.turn.nobody import choose_none, refuse
from convo_cli.turn.tool_policy import ToolPolicy


class TurnAsker:
    """Asks prompts with one choice, and stores their turns whole; has to be closed.

    It is an `Asker` of the library. The choice has to be complete and permitted (see `choices`).
    Several prompts may be asked at the same time, each on its own branch. `tools` says what becomes
    of tool calls. One of `slots` is taken while a model is asked, and not while a turn is stored. A
    prompt that failed waits for a retry on its branch if a part of its answer has arrived, or a
    tool has run.
    """

    def __init__(
        self,
        store: ConversationStore,
        choice: ModelChoice,
        environ: Mapping[str, str],
        *,
        say: Callable[[str], None],
        prices: Prices | None = None,
        tools: ToolPolicy | None = None,
        approve: Approve = refuse,
        choose: Choose = choose_none,
        on_event: OnEvent = lambda event: None,
        slots: asyncio.Semaphore | None = None,
    ) -> None:
        self._store = store
        self._choice = choice
        self._environ = environ
        self._say = say
        self._prices = prices
        self._tools = tools
        self._approve = approve
        self._choose = choose
        self._on_event = on_event
        self._slots = nullcontext() if slots is None else slots
        self._free: dict[bool, list[Host]] = {False: [], True: []}

    async def __call__(self, session: AdvancedSession, prompt: Prompt) -> Outcome:
        """Ask a prompt at the end of the session's branch. Raises `ConvoError`."""
        location = Location(session.session_id, session.branch_id)
        question, choice = await self._question(location, prompt)
        history = await question.history(self._store)
        choice = await question.going_on(self._store, choice)
        pending = Pending(self._store, self._say)
        await pending.begin(question.asked(choice), question.reached)
        try:
            outcome = await self._answered(choice, history, question, pending)
            outcome = noted(choice, outcome, None)
            stored = await pending.store_beside(question.place(), outcome)
        except BaseException:
            await self._forget_unless_begun(pending)
            raise
        return self._outcome(outcome, stored)

    async def close(self) -> None:
        """Close what stays open between turns, such as MCP servers."""
        for hosts in self._free.values():
            while hosts:
                await hosts.pop().close()

    async def _question(self, location: Location, prompt: Prompt) -> tuple[Question, ModelChoice]:
        """The question, which continues what an earlier run of it has done, and its choice."""
        head = (await self._store.session_head(location.session_id)).branch_id
        destination = Destination(
            location.session_id, True, location.branch_id, head=head, keep_session=True
        )
        question = Question(destination, prompt.content)
        waits = await self._store.failed_turn(location.session_id, location.branch_id)
        if waits is not None and waits.asked.items[0].get("content") == prompt.content:
            from convo_cli.ask.again import pending_question

            question = await pending_question(self._store, waits, destination)
        choice = self._choice
        if prompt.instructions is not None:
            choice = replace(choice, instructions=prompt.instructions)
        if choice.schema is None and prompt.schema is not None:
            choice = replace(choice, schema=recorded_schema(prompt.schema))
        if self._tools is not None:
            outputs = prompt.outputs or RecordedOutputs()
            choice = replace(choice, tools=replace(self._tools, outputs=outputs))
        return question, choice

    async def _answered(
        self,
        choice: ModelChoice,
        history: list[dict[str, Any]],
        question: Question,
        pending: Pending,
    ) -> TurnOutcome:
        def take(event: Any) -> None:
            pending.take(event)
            self._on_event(event)

        async with pending.until_answered():
            host, uses_sdk = await self._host(choice, history, question)
            try:
                async with self._slots:
                    outcome = await host.run_turn(
                        choice,
                        history,
                        question.content,
                        take,
                        self._approve,
                        self._choose,
                        reached=question.reached,
                        on_progress=pending.keep,
                    )
            except BaseException:
                await host.close()
                raise
            self._free[uses_sdk].append(host)
            return check_form(choice, outcome)

    async def _host(
        self, choice: ModelChoice, history: list[dict[str, Any]], question: Question
    ) -> tuple[Host, bool]:
        """A host that runs no other turn now, and whether it is that of the Agents SDK."""
        goes_on = bool(question.reached.items)
        uses_sdk = needs_sdk(choice, history, self._environ, goes_on=goes_on)
        free = self._free[uses_sdk]
        if free:
            return free.pop(), uses_sdk
        return host_for(choice, history, question.reached, stays_connected=True), uses_sdk

    def _outcome(self, outcome: TurnOutcome, stored: StoredTurn) -> Outcome:
        run = outcome.run
        cost = None if self._prices is None else cost_of_run(run, self._prices)
        return Outcome(
            outcome.text,
            tokens_of(run),
            cost,
            run.duration_s or 0.0,
            branch=stored.branch_id,
            turn=stored.turn,
        )

    async def _forget_unless_begun(self, pending: Pending) -> None:
        """Drop a failed prompt that has nothing to go on from: it is asked again by the trial."""
        if pending.pending_id is not None and not pending.has_arrived:
            await self._store.drop_pending([pending.pending_id])
