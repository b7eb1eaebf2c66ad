"""Runs a trial from a command: its askers, their tools, and what they ask the user."""

import asyncio
import termios
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, Protocol

from convo.store import ConversationStore
from convo.trials.recorded import Tools
from convo_cli.ask.approval import ask_agent, ask_approval
from convo_cli.ask.leaving import until_tools_end
from convo_cli.ask.screens.agent_output import AgentOutput, Take
from convo_cli.invocation import Invocation
from convo_cli.render.live import printed, tool_call
from convo_cli.terminal import Terminal
from convo_cli.trials.asker import TurnAsker
from convo_cli.trials.choices import Tried
from convo_cli.turn.choice import Approval, ApprovalRequest
from convo_cli.turn.events import Event
from convo_cli.turn.tool_policy import ToolPolicy


def run_trial(invocation: Invocation, work: Coroutine[Any, Any, None]) -> None:
    """Run the work of a command in an event loop of its own, until the tools that it ran end."""
    asyncio.run(until_tools_end(work, invocation.terminal))


class Shown(Protocol):
    """What is on the terminal while a trial runs, and makes room for other lines."""

    alone: asyncio.Lock
    """Held while the user is asked something."""

    def pause(self) -> None:
        """Take away what is drawn, while somebody is asked a question."""

    def resume(self) -> None:
        """Draw it again."""

    def say(self, text: str) -> None:
        """Write a notice."""

    def write(self, text: Sequence[str]) -> None:
        """Write lines that are safe."""


class User:
    """The person at the terminal, who is asked one question at a time, without the table."""

    def __init__(self, terminal: Terminal, progress: Shown, label: str) -> None:
        self._terminal = terminal
        self._progress = progress
        self._label = label
        self._always: set[str] = set()

    async def approve(self, request: ApprovalRequest) -> Approval:
        """Ask whether a tool may be called; without a terminal it may not, which is said."""
        terminal = self._terminal
        if request.tool in self._always:
            return "yes"
        if not (terminal.stdin_is_terminal and terminal.stderr_is_terminal):
            call = tool_call(request.tool, request.arguments)
            self._progress.say(f"refused {call} of {self._label}: nobody can be asked")
            return "no"
        async with self._asking():
            if request.tool in self._always:
                return "yes"
            shown = ApprovalRequest(request.tool, request.arguments, self._label)
            answer = await ask_approval(shown, terminal, terminal.prompt, always="for this model")
        if answer == "always":
            self._always.add(request.tool)
        return answer

    async def allow(self, tool: str, arguments: str) -> bool:
        """Ask whether a call may be run for which nothing is recorded."""
        return await self.approve(ApprovalRequest(tool, arguments, self._label)) != "no"

    async def choose(self, place: str, names: Sequence[str]) -> str | None:
        """Ask which of several agents is meant; None if nobody can be asked."""
        if not (self._terminal.stdin_is_terminal and self._terminal.stderr_is_terminal):
            return None
        async with self._asking():
            return await ask_agent(place, names, self._terminal, self._terminal.prompt)

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        async with self._progress.alone:
            self._progress.pause()
            # Keys that were typed before the question was shown are no answer to it.
            termios.tcflush(self._terminal.stdin_descriptor, termios.TCIFLUSH)
            try:
                yield
            finally:
                self._terminal.prompt("\n")
                self._progress.resume()


@asynccontextmanager
async def opened_askers(
    invocation: Invocation,
    store: ConversationStore,
    tried: Sequence[Tried],
    progress: Shown,
    *,
    tools: Tools,
    on_event: Callable[[str, Event], None] = lambda name, event: None,
    agent_output: AgentOutput | None = None,
    slots: asyncio.Semaphore | None = None,
) -> AsyncIterator[dict[str, TurnAsker]]:
    """The askers of the choices, by their names; they are closed at the end of the block.

    `on_event` is called with the name of a choice and what happens in its turns. What agents print
    goes to stderr, above the table; `agent_output` is what captures it in a chat.
    """
    terminal = invocation.terminal
    async with AsyncExitStack() as stack:
        if any(one.choice.runs_code for one in tried):
            _keep_prints_apart(stack, terminal, progress, agent_output)
        askers = {}
        for name, choice in tried:
            user = User(terminal, progress, name)
            asker = TurnAsker(
                store,
                choice,
                invocation.environ,
                say=progress.say,
                prices=invocation.prices,
                tools=ToolPolicy(tools, user.allow),
                approve=user.approve,
                choose=user.choose,
                on_event=partial(on_event, name),
                slots=slots,
            )
            stack.push_async_callback(asker.close)
            askers[name] = asker
        yield askers


def _keep_prints_apart(
    stack: AsyncExitStack, terminal: Terminal, progress: Shown, output: AgentOutput | None
) -> None:
    if not terminal.stderr_is_terminal:
        stack.enter_context(terminal.reserved())
        return
    output = output or AgentOutput(terminal)
    output.begin()
    look = terminal.look._replace(colour=terminal.stderr_colour)

    def show(take: Take) -> None:
        progress.write([printed(line, look) for line in take()])

    stack.enter_context(output.shown_by(show))
