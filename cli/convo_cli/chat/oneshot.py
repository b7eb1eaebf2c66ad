"""One turn, asked from the command line: the answer goes to stdout, the turn to the database."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

from convo.store import ConversationStore
from convo_cli.agent.choice import (
    Content,
    Event,
    ModelChoice,
    TurnOutcome,
    check_choice,
)
from convo_cli.chat.approving import asking_once
from convo_cli.chat.attachments import Attachment, content_of
from convo_cli.chat.conversation import (
    Conversation,
    check_writable,
    find_conversation,
    started_session,
    with_recorded,
)
from convo_cli.chat.raw_screen import HiddenAnswer, PipedAnswer, RawScreen
from convo_cli.chat.screen import AnswerScreen
from convo_cli.chat.turn_screen import TurnScreen
from convo_cli.commands.common import report
from convo_cli.invocation import Invocation
from convo_cli.render.rows import turn_row
from convo_cli.settings import Format
from convo_cli.terminal import OutputError, Terminal


def ask_once(
    invocation: Invocation,
    choice: ModelChoice,
    prompt: str,
    attached: Sequence[Attachment] = (),
    *,
    new: bool,
    raw: bool,
) -> None:
    """Ask for one answer, write it as it arrives, and store the turn whole when it is complete."""
    asyncio.run(_ask_once(invocation, choice, prompt, attached, new, raw))


async def _ask_once(
    invocation: Invocation,
    choice: ModelChoice,
    prompt: str,
    attached: Sequence[Attachment],
    new: bool,
    raw: bool,
) -> None:
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        there = await find_conversation(store, settings, new=new)
    choice = with_recorded(choice, there.recorded)
    check_choice(choice, invocation.environ)
    check_writable(settings.db)
    async with ConversationStore(settings.db, create=True) as store:
        answer = Answer(invocation.terminal, raw=raw, hidden=settings.format is not Format.TABLE)
        content = content_of(prompt, attached)
        outcome = await _answered(choice, there, content, answer, invocation.terminal)
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
    choice: ModelChoice,
    there: Conversation,
    content: Content,
    answer: "Answer",
    terminal: Terminal,
) -> TurnOutcome:
    # The Agents SDK takes seconds to import: whatever can be refused has been by now.
    from convo_cli.agent.host import run_turn

    answer.begin()
    try:
        with terminal.reserved() if choice.agent is not None else nullcontext():
            approve = asking_once(terminal, answer)
            return await run_turn(choice, there.history, content, answer.take, approve)
    finally:
        answer.close()


class Answer:
    """Shows an answer on stdout as it arrives: on a terminal as Markdown, else byte for byte.

    What tools do is said on stderr. Where stdout takes no more, the rest is not written, but the
    turn goes on: it is paid for, and is kept.
    """

    def __init__(self, terminal: Terminal, *, raw: bool, hidden: bool) -> None:
        self._terminal = terminal
        self._screen = _screen(terminal, raw=raw, hidden=hidden)
        self._lost: Exception | None = None

    def begin(self) -> None:
        """Be ready to show something, at first and after `end`."""
        self._screen.begin()

    def take(self, event: Event) -> None:
        """Show what happens in the running turn."""
        with self._as_long_as_possible():
            self._screen.take(event)

    def end(self) -> None:
        """Finish what is shown, so that others can write."""
        with self._as_long_as_possible():
            self._screen.end()

    def close(self) -> None:
        """Finish the last line."""
        with self._as_long_as_possible():
            self._screen.close()

    def raise_if_lost(self) -> None:
        """Raise what kept a part of the answer from being written, if anything did."""
        if self._lost is not None:
            raise self._lost

    @contextmanager
    def _as_long_as_possible(self) -> Iterator[None]:
        try:
            yield
        except (BrokenPipeError, OutputError) as error:
            if self._lost is None:
                self._lost = error
                self._terminal.abandon()


def _screen(terminal: Terminal, *, raw: bool, hidden: bool) -> TurnScreen:
    if hidden:
        return HiddenAnswer(terminal, terminal.aside)
    if not terminal.stdout_is_terminal:
        return PipedAnswer(terminal, terminal.aside)
    return (RawScreen if raw else AnswerScreen)(terminal, terminal.aside)
