"""One turn, asked from the command line: the answer goes to stdout, the turn to the database."""

import asyncio

from convo.store import ConversationStore
from convo_cli.agent.choice import (
    Event,
    ModelChoice,
    TextDelta,
    ToolCalled,
    TurnOutcome,
    check_choice,
)
from convo_cli.chat.conversation import (
    Conversation,
    check_writable,
    find_conversation,
    started_session,
    with_recorded,
)
from convo_cli.commands.common import report
from convo_cli.invocation import Invocation
from convo_cli.render.rows import turn_row
from convo_cli.render.text import SafeStream
from convo_cli.settings import Format
from convo_cli.terminal import OutputError, Terminal


def ask_once(
    invocation: Invocation, choice: ModelChoice, prompt: str, *, new: bool, raw: bool
) -> None:
    """Ask for one answer, write it as it arrives, and store the turn whole when it is complete."""
    asyncio.run(_ask_once(invocation, choice, prompt, new, raw))


async def _ask_once(
    invocation: Invocation, choice: ModelChoice, prompt: str, new: bool, raw: bool
) -> None:
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        there = await find_conversation(store, settings, new=new)
    choice = with_recorded(choice, there.recorded)
    check_choice(choice, invocation.environ)
    check_writable(settings.db)
    async with ConversationStore(settings.db, create=True) as store:
        answer = Answer(invocation.terminal, raw=raw, hidden=settings.format is not Format.TABLE)
        outcome = await _answered(choice, there, prompt, answer)
        session = await started_session(store, there, prompt)
        turn = await store.record_turn(session, there.branch, outcome.items, outcome.run)
        if not there.exists:
            invocation.terminal.notice(f"started session '{session}'")
        if settings.format is not Format.TABLE:
            infos = await store.turns(session, there.branch)
            info = next(info for info in infos if info.turn == turn)
            row = {"session": session, "branch": there.branch, **turn_row(info)}
            report(invocation, "", {**row, "answer": outcome.text})
    answer.raise_if_lost()


async def _answered(
    choice: ModelChoice, there: Conversation, prompt: str, answer: "Answer"
) -> TurnOutcome:
    # The Agents SDK takes seconds to import: whatever can be refused has been by now.
    from convo_cli.agent.runner import run_turn

    try:
        return await run_turn(choice, there.history, prompt, answer.take)
    finally:
        answer.end()


class Answer:
    """Writes an answer to stdout as it arrives, with a newline at its end.

    Control characters are made visible, unless `raw` and nobody looks at a terminal. Where stdout
    takes no more, the rest is not written, but the turn goes on: it is paid for, and is kept.
    """

    def __init__(self, terminal: Terminal, *, raw: bool, hidden: bool) -> None:
        self._terminal = terminal
        self._safe = None if raw and not terminal.stdout_is_terminal else SafeStream()
        self._hidden = hidden
        self._last = ""
        self._lost: Exception | None = None

    def take(self, event: Event) -> None:
        """Show what happens in the running turn."""
        if isinstance(event, TextDelta):
            self._write(self._safe.feed(event.text) if self._safe else event.text)
        elif isinstance(event, ToolCalled):
            self._terminal.notice(f"calls {event.name}({event.arguments})")

    def end(self) -> None:
        """Finish the last line."""
        if self._safe:
            self._write(self._safe.end())
        if self._last and not self._last.endswith("\n"):
            self._write("\n")

    def raise_if_lost(self) -> None:
        """Raise what kept a part of the answer from being written, if anything did."""
        if self._lost is not None:
            raise self._lost

    def _write(self, text: str) -> None:
        if not text or self._hidden or self._lost is not None:
            return
        try:
            self._terminal.write(text)
            self._terminal.flush()
        except (BrokenPipeError, OutputError) as error:
            self._lost = error
            self._terminal.abandon()
        self._last = text
