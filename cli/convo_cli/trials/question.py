"""Asks one question with several choices at once, each on a branch of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from convo.names import slug
from convo.records import Location
from convo.store import ConversationStore
from convo.trials.asking import Asker, Outcome, Prompt
from convo.trials.branches import stem_of, whole
from convo.trials.estimate import guessed
from convo.trials.jobs import Job, Report, Running, run_jobs
from convo.usage_records import Tokens
from convo_cli.ask.screens.agent_output import AgentOutput
from convo_cli.invocation import Invocation
from convo_cli.trials.answers import answers_on
from convo_cli.trials.choices import Tried, server_key
from convo_cli.trials.costs import FREE, confirm_costs, plan
from convo_cli.trials.running import opened_askers
from convo_cli.trials.stopping import stoppable_trial
from convo_cli.turn.choice import Content

STEM = "ask"


@dataclass
class Answered:
    """One choice, the branch that its answer is on, and what came of it."""

    tried: Tried
    session: str
    branch: str
    outcome: Outcome | None = None
    error: str | None = None


@dataclass
class Asking:
    """A question for several choices; `place` is where it is asked, None for a new session.

    `agent_output` is that of the chat in which it is asked, if it is.
    """

    invocation: Invocation
    store: ConversationStore
    content: Content
    place: Location | None
    tried: Sequence[Tried]
    answered: list[Answered] = field(default_factory=list)
    agent_output: AgentOutput | None = None

    @property
    def prompt(self) -> Prompt:
        """The question."""
        content = self.content
        is_text = isinstance(content, str)
        return Prompt(content if is_text else [{"role": "user", "content": content}])

    async def confirm(self, *, yes: bool) -> None:
        """Say what it will cost, and ask, if more than a few models are asked."""
        if len(self.tried) <= FREE:
            return
        before = None
        if self.place is not None:
            last = await self.store.last_turn(*self.place)
            if last:
                turns = await self.store.whole_turns(*self.place, last)
                before = next((one.tokens for one in turns.usage()), None)
        tokens: Tokens = guessed(self.prompt.text, before)
        plans = [plan(self.invocation, one, [tokens]) for one in self.tried]
        await confirm_costs(self.invocation, plans, yes=yes)

    async def ask(self, *, jobs: int, raw: bool, hidden: bool) -> None:
        """Ask, and show the answers as they come. Raises `EndedError` if a signal ended it."""
        place = self.place or await self._new_session()
        for tried in self.tried:
            made = await self.store.branch_at_end(*place, stem=stem_of(tried.name, STEM))
            self.answered.append(Answered(tried, place.session_id, made))
        first = await self.store.last_turn(*place) + 1
        names = [one.tried.name for one in self.answered]
        shown = answers_on(self.invocation.terminal, names, raw=raw, hidden=hidden)

        def on_report(report: Report) -> None:
            if report.state in {"ended", "failed"}:
                shown.end(report.job, report.error)
                self.answered[report.job].error = report.error
            elif report.state == "waiting":
                shown.say(f"{report.name}: the server limits the rate of requests")

        opened = opened_askers(
            self.invocation,
            self.store,
            self.tried,
            shown,
            tools="run",
            on_event=lambda name, event: shown.take(names.index(name), event),
            agent_output=self.agent_output,
        )
        async with opened as askers:
            work = [
                Job(
                    one.tried.name,
                    partial(self._answer, one, askers[one.tried.name]),
                    server=server_key(self.invocation, one.tried),
                    model=one.tried.name,
                )
                for one in self.answered
            ]
            try:
                async with shown:
                    await stoppable_trial(
                        run_jobs(work, at_once=jobs, on_report=on_report),
                        self.invocation.terminal,
                        shown.pause,
                        in_chat=self.agent_output is not None,
                        hint="`convo show --waiting` shows what was not answered",
                    )
            finally:
                for one in self.answered:
                    if one.outcome is None:
                        await self.store.drop_empty_branch(one.session, one.branch, first)

    async def _answer(self, one: Answered, asker: Asker, running: Running) -> None:
        session = self.store.session(one.session, one.branch)
        try:
            one.outcome = await running.ask(whole(self.store, asker), session, self.prompt)
        finally:
            await session.close()

    async def _new_session(self) -> Location:
        name = self.invocation.settings.session
        if name is not None:
            return Location(await self.store.start_session(name, switch=False))
        unique = slug(self.prompt.text)
        return Location(await self.store.start_session(unique, unique=True))
