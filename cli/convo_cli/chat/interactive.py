"""The loop of the interactive chat: reads a line, runs the command or asks the model, repeats."""

import asyncio
import shlex
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

from convo import __version__
from convo.errors import ConvoError
from convo.store import ConversationStore
from convo_cli.agent.tool_threads import ToolThreads
from convo_cli.ask.attachments import Attachment
from convo_cli.ask.configured import settled, with_environ, with_name
from convo_cli.ask.conversation import Destination, check_writable, locate
from convo_cli.ask.hosts import Hosts
from convo_cli.ask.leaving import leave, tools_ended
from convo_cli.ask.permission import permitted
from convo_cli.ask.signals import (
    StoppedError,
    ended_by_signals,
    ignore_interrupts,
    stoppable,
)
from convo_cli.ask.templates import missing_template
from convo_cli.ask.terminal_modes import typing_ahead
from convo_cli.chat.answer import ask
from convo_cli.chat.banner import answering
from convo_cli.chat.edit import Edit
from convo_cli.chat.line.plain import PlainLine
from convo_cli.chat.line.prompt import PromptLine
from convo_cli.chat.position import Position
from convo_cli.chat.recall import recall
from convo_cli.chat.slash.commands import COMMANDS
from convo_cli.chat.state import Chat
from convo_cli.chat.typed import is_command, message_of
from convo_cli.exits import ExitCode
from convo_cli.invocation import Invocation
from convo_cli.render.listings import number
from convo_cli.terminal import OutputError
from convo_cli.turn.choice import ModelChoice, check_choice

Find = Callable[[ConversationStore], Awaitable[tuple[Destination, Edit | None]]]
"""Finds where a chat begins, and the edit that it begins with."""


def run(
    invocation: Invocation,
    choice: ModelChoice,
    attached: Sequence[Attachment] = (),
    *,
    new: bool,
    raw: bool = False,
    turn: str | None = None,
    no_switch: bool = False,
) -> int:
    """Chat until the user leaves, and return the exit code. It begins with the edit of `turn`."""
    find = partial(_located, invocation, new=new, turn=turn, no_switch=no_switch)
    return asyncio.run(_run(invocation, choice, attached, raw, find))


async def _run(
    invocation: Invocation,
    choice: ModelChoice,
    attached: Sequence[Attachment],
    raw: bool,
    find: Find,
) -> int:
    threads = ToolThreads()
    asyncio.get_running_loop().set_default_executor(threads)
    with ended_by_signals() as ending:
        try:
            async with _opened(invocation, choice, attached, raw, find, threads) as loop:
                await loop.run()
        except (asyncio.CancelledError, OutputError):
            if ending.code is None:
                raise
            # The terminal may be gone.
            invocation.terminal.abandon()
            if threads.running:
                leave(invocation.terminal, ending.code)
            return ending.code
    await tools_ended(threads, invocation.terminal)
    return ExitCode.DONE


async def _located(
    invocation: Invocation,
    store: ConversationStore,
    *,
    new: bool,
    turn: str | None,
    no_switch: bool,
) -> tuple[Destination, Edit | None]:
    """Where the chat begins, and the edit that it begins with."""
    settings = invocation.settings._replace(no_switch=no_switch)
    destination = await locate(store, settings, new=new)
    return destination, None if turn is None else await Edit.of_turn(store, destination, turn)


@asynccontextmanager
async def _opened(
    invocation: Invocation,
    choice: ModelChoice,
    attached: Sequence[Attachment],
    raw: bool,
    find: Find,
    threads: ToolThreads,
) -> AsyncIterator["_Loop"]:
    """Open a chat. Everything that can prevent it fails here, before the first prompt."""
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        destination, edit = await find(store)
    config = invocation.config
    named = with_name(choice, config, destination.recorded)
    if (gone := missing_template(named, config, destination.recorded)) is not None:
        invocation.terminal.notice(gone)
    given = with_environ(named, invocation.environ, config)
    choice = settled(given, config, destination.recorded)
    check_writable(settings)
    choice = await permitted(invocation, choice)
    check_choice(choice, invocation.environ)
    hosts = Hosts(choice)
    async with ConversationStore(settings.db, create=True) as store:
        # A file is shared by the shells of one person, a server by several people.
        other = "somebody else" if settings.file is None else "another shell"
        position = Position(store, destination, other=other)
        chat = Chat(invocation, store, position, hosts, threads, raw, given, choice, list(attached))
        if choice.runs_code:
            chat.agent_output.begin()
            chat.line.begin()
        agent = choice.agent
        if agent is not None and agent.name is not None and not agent.is_recorded:
            chat.next_agent = ""
        if edit is not None:
            chat.editing, chat.draft = edit, edit.draft
        try:
            with typing_ahead(invocation.terminal.stdin_descriptor):
                yield _Loop(chat)
        finally:
            chat.line.finish()
            await hosts.close()


class _Loop:
    """Shows one prompt after another."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        line = PromptLine if chat.terminal.can_redraw else PlainLine
        self._prompt = line(chat, chat.hosts.start)
        self._interrupts = 0

    async def run(self) -> None:
        """Greet the user, chat, and say at the end how to resume."""
        terminal = self._chat.terminal
        terminal.notice(f"convo {__version__}; /help lists the commands, Ctrl-D leaves")
        for line in answering(self._chat):
            terminal.notice(line)
        await recall(self._chat)
        while not self._chat.leaving:
            line = await self._line()
            edit, self._chat.editing = self._chat.editing, None
            if line.strip():
                await self._take(line, edit)
            elif edit is not None and not self._chat.leaving:
                self._chat.terminal.notice(f"turn {edit.turn} stays as it is")
        await self._say_goodbye()

    async def _line(self) -> str:
        """The next line; "" if nothing was typed."""
        try:
            line = await self._prompt.read()
        except EOFError:
            self._chat.leaving = True
            return ""
        except KeyboardInterrupt:
            self._interrupts += self._chat.editing is None
            if self._interrupts > 1:
                self._chat.terminal.notice("Ctrl-D leaves the chat")
            return ""
        finally:
            ignore_interrupts()
        self._interrupts = 0
        return line

    async def _take(self, line: str, edit: Edit | None) -> None:
        chat = self._chat
        try:
            if is_command(line):
                call = COMMANDS.call(line)
                await stoppable(call.command.run(chat, call))
            else:
                await ask(chat, message_of(line).strip("\n").rstrip(), edit)
                chat.terminal.write("\n")
        except OutputError:
            raise
        except StoppedError:
            chat.terminal.notice("stopped")
        except ConvoError as error:
            moved = await chat.moved_by(error)
            chat.terminal.error(moved or str(error), None if moved else error.hint)

    async def _say_goodbye(self) -> None:
        position, invocation = self._chat.position, self._chat.invocation
        await position.settle()
        if not position.begun:
            return
        session = position.require_session()
        spent = (await self._chat.store.usage_with_total(session)).total
        total = number(spent.tokens.total_tokens, spent.tokens.estimated)
        counted = "tokens nobody counted" if spent.tokens.is_unknown else f"{total} tokens"
        again = ["convo", "chat", "-s", session]
        if (await self._chat.store.session_head(session)).branch_id != position.branch:
            again += ["-b", position.branch]
        if invocation.given.db is not None:
            again += ["--db", invocation.given.db]
        invocation.terminal.notice(f"{counted} in session '{session}'")
        invocation.terminal.notice(f"resume with: {shlex.join(again)}")
