"""Completes slash commands, their options, and their arguments such as branches and turns."""

import asyncio
import re
from asyncio import get_running_loop
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from pathlib import Path

from prompt_toolkit.application import get_app
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from convo.errors import ConvoError
from convo.records import Found
from convo_cli.chat.slash.commands import COMMANDS
from convo_cli.chat.slash.mcp import servers_there
from convo_cli.chat.slash.parser import SlashCommand
from convo_cli.chat.state import Chat
from convo_cli.chat.typed import SLASH, is_command, quoted
from convo_cli.render.listings import preview
from convo_cli.render.terminal.text import counted, one_line
from convo_cli.render.waiting import question_of
from convo_cli.turn.choice import ECHO, named_by_database

_LAST_WORD = re.compile(r'"[^"]*"?$|[^\s"]*$')
_PATIENCE = 3.0
"""Seconds that a server may take to list its models for a completion."""

_MOST_TURNS = 100
"""The number of turns that are offered, newest first: a menu of thousands would be useless."""


class SlashCompleter(Completer):
    """Completes lines that begin with a slash, and leaves messages alone."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._models_at: dict[str | None, list[str]] = {}

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """No completions: values come from the database, and are read by the async method."""
        return ()

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        """The commands, options and values that complete the line before the cursor."""
        line = document.text_before_cursor
        try:
            async for completion in self._completions(line):
                yield completion
        finally:
            buffer = get_app().current_buffer
            if is_command(buffer.text) and not buffer.document.text_before_cursor.startswith(line):
                # prompt_toolkit completes one line at a time, and restarts only for longer ones.
                get_running_loop().call_soon(buffer.start_completion)

    async def _completions(self, line: str) -> AsyncGenerator[Completion, None]:
        if not is_command(line) or "\n" in line:
            return
        name, space, rest = line.removeprefix(SLASH).partition(" ")
        if not space:
            for completion in _names(name):
                yield completion
            return
        command = COMMANDS.named(name)
        found = _LAST_WORD.search(rest)
        if command is None or found is None:
            return
        word = found[0]
        for value, meaning in await self._values(command, rest[: found.start()].split(), word):
            text = quoted(value)
            if text.startswith(word) or value.startswith(word.strip('"')):
                yield _completion(text, word, one_line(value), meaning)

    async def _values(
        self, command: SlashCommand, before: list[str], word: str
    ) -> list[tuple[str, str]]:
        values = [(option, "") for option in command.options if option not in before]
        single = {
            "sessions": self._sessions,
            "removed": self._removed,
            "turns": self._turns,
            "models": self._models,
            "agents": self._agents,
        }
        try:
            if command.values == "branches" and (command.most is None or not before):
                values = [*await self._branches(before), *values]
            elif command.values == "waiting" or "--waiting" in before:
                values = [*await self._waiting(before), *values]
            elif command.values in single and not before:
                values = [*await single[command.values](), *values]
            elif command.values == "mcp":
                found = servers_there(self._chat)
                values = [*((name, one.shown) for name, one in found.items()), *values]
            elif command.values == "found" and not before:
                values = [*_found(self._chat.found), *values]
            elif command.values == "files":
                values = [*_files(word.strip('"')), *values]
        except ConvoError:
            # Completion shows no errors: the command itself reports them.
            return values
        return values

    async def _branches(self, before: list[str]) -> list[tuple[str, str]]:
        position = self._chat.position
        if not position.begun:
            return []
        branches = await self._chat.store.branches(position.require_session())
        return [
            (info.branch_id, counted(info.user_turns, "turn"))
            for info in branches
            if info.branch_id not in before
        ]

    async def _sessions(self) -> list[tuple[str, str]]:
        return [
            (info.session_id, counted(info.turns, "turn"))
            for info in await self._chat.store.sessions()
        ]

    async def _removed(self) -> list[tuple[str, str]]:
        position = self._chat.position
        if not position.begun:
            return []
        entries = await self._chat.store.removed(position.require_session())
        # For a name that was removed several times, `restore` brings back the last removal.
        return list({e.branch_id: preview(e.text) for e in reversed(entries)}.items())[::-1]

    async def _waiting(self, before: list[str]) -> list[tuple[str, str]]:
        """The numbers of the pending turns, newest first."""
        turns = await self._chat.store.waiting_turns()
        return [
            (str(pending.number), preview(question_of(pending)))
            for pending in reversed(turns)
            if str(pending.number) not in before
        ]

    async def _models(self) -> list[tuple[str, str]]:
        """The aliases, the server's models, the last one of each session, and the built-in one."""
        recorded = [info.model for info in await self._chat.store.sessions() if info.model]
        names = dict.fromkeys([*await self._served(), *recorded, ECHO], "")
        return list({**self._chat.invocation.config.named("aliases"), **names}.items())

    async def _served(self) -> list[str]:
        """The models of the server, asked for once; empty if only the database names the server."""
        choice = self._chat.choice
        if named_by_database(choice):
            return []
        place = choice.base_url
        if place not in self._models_at:
            try:
                listed = self._chat.hosts.models(choice)
                self._models_at[place] = await asyncio.wait_for(listed, _PATIENCE)
            except (ConvoError, TimeoutError):
                self._models_at[place] = []
        return self._models_at[place]

    async def _agents(self) -> list[tuple[str, str]]:
        """The agents that the chosen agent works with."""
        if self._chat.choice.agent is None:
            return []
        host = await self._chat.hosts.sdk()
        return [(name, "") for name in await host.names(self._chat.choice)]

    async def _turns(self) -> list[tuple[str, str]]:
        position = self._chat.position
        if not position.begun:
            return []
        turns = await self._chat.store.turns(position.require_session(), position.branch)
        return [(str(info.turn), preview(info.text)) for info in turns[: -_MOST_TURNS - 1 : -1]]


def _found(hits: Sequence[Found]) -> list[tuple[str, str]]:
    """What was found last, by its number."""
    return [
        (str(number), f"{hit.session_id}:{hit.branch_id} {hit.turn}  {preview(hit.text)}")
        for number, hit in enumerate(hits, 1)
    ]


def _files(begun: str) -> list[tuple[str, str]]:
    """The files and folders whose path begins with what was typed."""
    folder, _, name = begun.rpartition("/")
    typed = begun.removesuffix(name)
    place = Path(typed or ".").expanduser() if folder or not typed else Path("/")
    try:
        entries = sorted(place.iterdir())
    except OSError:
        return []
    shown = [entry for entry in entries if entry.name.startswith(name)]
    return [
        (f"{typed}{entry.name}{'/' if entry.is_dir() else ''}", "")
        for entry in shown
        if name.startswith(".") or not entry.name.startswith(".")
    ]


def _names(begun: str) -> Iterator[Completion]:
    for command in COMMANDS.all:
        if command.name.startswith(begun):
            text = f"{command.name} " if command.most != 0 or command.options else command.name
            yield _completion(text, begun, command.usage, command.help)


def _completion(text: str, word: str, shown: str, meaning: str) -> Completion:
    # Passed as fragments so that names and texts are not parsed as markup.
    return Completion(
        text,
        start_position=-len(word),
        display=[("", shown)],
        display_meta=[("", meaning)],
    )
