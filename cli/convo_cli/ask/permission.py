"""Asks the user before using a server or an agent that only the database names.

A database may come from somebody else. Before a question or a key is sent to a server that it
names, or its agent's code is run, the user has to have named it on this machine: by an option, by
the environment, or by a yes here.
"""

import shlex
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from convo.errors import ConvoError, ModelError
from convo_cli.ask.confirming import confirmed
from convo_cli.config.addresses import address, host_of, recorded_address
from convo_cli.config.agent_files import agent_file, folder_open_to_others, open_to_others
from convo_cli.config.mcp import McpServer, chosen, configured
from convo_cli.config.servers import is_configured
from convo_cli.config.trust import Kind
from convo_cli.invocation import Invocation
from convo_cli.render.terminal.text import exactly, one_line
from convo_cli.turn.choice import ECHO, ROUTED_ELSEWHERE, ModelChoice, named_by_database
from convo_cli.turn.context_reference import ContextReference
from convo_cli.turn.errors import ChoiceError
from convo_cli.turn.reference import AgentReference, agent_reference

_OPENAI = "api.openai.com"
_IN_OTHER_LETTERS = "xn--"
_UNNAMED = "which you have not named on this machine"
_SHOWN = 200
_ONE: dict[Kind, str] = {
    "servers": "a server",
    "agents": "an agent",
    "contexts": "a context",
    "models": "a model",
    "mcp": "an MCP server",
}


async def permitted(invocation: Invocation, choice: ModelChoice) -> ModelChoice:
    """Return the choice once the user has named everything in it; what they name is remembered.

    The user is asked on a terminal. If they refuse, or nobody can be asked, raises ChoiceError for
    an agent or an MCP server, and ModelError for a server or a model.
    """
    asking = _Asking(invocation)
    unnamed = named_by_database(choice)
    if choice.agent is not None:
        agent = await asking.agent(
            choice.agent, named="agent" not in unnamed, here=not choice.agent_is_of_template
        )
        context = await asking.context(choice.context, named="context" not in unnamed)
        choice = replace(choice, agent=agent, context=context)
    if choice.mcp:
        servers = await asking.mcp(choice, named="mcp" not in unnamed)
        choice = replace(choice, mcp_servers=servers)
    if choice.model == ECHO:
        return replace(choice, recorded=choice.recorded - unnamed)
    if choice.base_url is not None:
        url = await asking.server(choice.base_url, named="base_url" not in unnamed)
        choice = replace(choice, base_url=url)
    elif choice.model is not None and choice.model.startswith(ROUTED_ELSEWHERE):
        await asking.model(choice.model, named="model" not in unnamed)
    return replace(choice, recorded=choice.recorded - unnamed)


def remember_chosen(invocation: Invocation, choice: ModelChoice, ran: str | None) -> None:
    """Remember the agent that ran if the user chose it among several in a file."""
    if choice.agent is None or ran is None or ran == choice.agent.recorded_as:
        return
    agent = agent_reference(ran)
    if agent.code == choice.agent.code and (thing := _known_as(agent)) is not None:
        invocation.trust.remember("agents", thing)


def _known_as(agent: AgentReference) -> dict[str, Any] | None:
    """The record by which an agent is remembered; None for an agent that is not in a file."""
    return None if agent.code is None else agent_file(agent.code, agent.name, agent.module)


def _typed(word: str, other: str) -> str:
    """The word quoted for a shell, or `other` if it does not fit into a one-line error."""
    is_shown = word.isprintable() and " ".join(word.split()) == word
    return shlex.quote(word) if is_shown else other


class _Asking:
    """Looks up what the user has named, and asks about the rest."""

    def __init__(self, invocation: Invocation) -> None:
        self._terminal, self._trust = invocation.terminal, invocation.trust
        self._config, self._environ = invocation.config, invocation.environ
        self._has_key = bool(invocation.environ.get("OPENAI_API_KEY", "").strip())

    async def server(self, url: str, *, named: bool) -> str:
        """The URL to ask; a recorded URL is reduced to the form that was compared."""
        where = address(url) if named else recorded_address(url)
        if where is None:
            if named:
                # The request itself reports what is wrong with the URL.
                return url
            raise ModelError(
                f"the database names the server {one_line(url)[:200]!r}, "
                "which is not a web address",
                hint="name the server with --base-url URL",
            )
        if host_of(where) == _OPENAI or is_configured(self._config, where):
            return url if named else where
        letters = " (a name in letters that may look like others)"
        shown = where + (letters if _IN_OTHER_LETTERS in host_of(where) else "")
        key = " and OPENAI_API_KEY" if self._has_key else ""
        refusal = ModelError(
            f"the database names the server {where}, {_UNNAMED}",
            hint=f"--base-url {shlex.quote(where)} asks it, another --base-url another server",
        )
        await self._settle("servers", where, named, shown, f"Send it this chat{key}?", refusal)
        return url if named else where

    async def model(self, name: str, *, named: bool) -> None:
        """Check a model of another library, whose name decides which server gets which key."""
        refusal = ModelError(
            f"the database names the model {exactly(name)}, {_UNNAMED}",
            hint=f"-m {_typed(name, 'MODEL')} asks it, another -m another model",
        )
        await self._settle("models", name, named, name, "Send it this chat and its key?", refusal)

    async def agent(
        self, agent: AgentReference, *, named: bool, here: bool = True
    ) -> AgentReference:
        """Check an agent, whose code can do whatever the user can, and set where it imports from.

        An agent that was not named `here` may import from the current folder only if agents were
        named in that folder.
        """
        code = agent.code
        place = f"{agent} in {agent.source}" if agent.source else str(agent)
        exposed = None if code is None else open_to_others(code, agent.root or code.parent)
        why = _UNNAMED
        if exposed is not None:
            why = f"and other users of this machine can change {exposed}"
        refusal = ChoiceError(
            f"the database names the agent {exactly(place)}, {why}",
            hint=f"-a {_typed(agent.recorded_as, 'FILE.py')} runs it, "
            "--no-agent goes on without it",
        )
        thing = None if exposed and not named else _known_as(agent)
        shown = place if exposed is None else f"{place} (other users can change {exposed})"
        await self._settle("agents", thing, named, shown, "Run this code?", refusal)
        return self._from_here(agent, named=named and here)

    def _from_here(self, agent: AgentReference, *, named: bool) -> AgentReference:
        """The agent, allowed to import from the current folder if agents were named there."""
        here = Path.cwd()
        if named:
            self._remember("folders", str(here))
        elif self._trust.knows("folders", str(here)) and not folder_open_to_others(here):
            return replace(agent, here=here)
        return agent

    async def context(
        self, context: ContextReference | None, *, named: bool
    ) -> ContextReference | None:
        """Check a context: an object in a file is code, and tools act on values."""
        if isinstance(context, AgentReference):
            return await self.agent(context, named=named)
        if context is not None:
            shown = one_line(context.text)[:_SHOWN]
            refusal = ChoiceError(
                f"the database names the context {shown}, {_UNNAMED}",
                hint="name it, or another one, with --context",
            )
            # A context may contain secrets, so only its digest is remembered.
            thing = sha256(context.text.encode(errors="surrogatepass")).hexdigest()
            question = "Give it to the tools of the agent?"
            await self._settle("contexts", thing, named, context.text, question, refusal)
        return context

    async def mcp(self, choice: ModelChoice, *, named: bool) -> dict[str, McpServer]:
        """The MCP servers as the user has configured them: a database holds only their names."""
        there = {**configured(self._config), **choice.mcp_servers}
        found: dict[str, McpServer] = {}
        for name in choice.mcp or ():
            if not named and name not in there:
                raise ChoiceError(
                    f"the database names the MCP server '{name}', which is not set up here",
                    hint="--mcp-config FILE has it set up, --no-mcp goes on without it",
                )
            server = chosen(name, there)
            refusal = ChoiceError(
                f"the database names the MCP server '{name}', {_UNNAMED}",
                hint=f"--mcp {name} has its tools called, --no-mcp goes on without it",
            )
            shown = f"{name}: {server.shown}"
            question = "Give its tools to the model?"
            server.check_variables(self._environ)
            await self._settle("mcp", server.identity, named, shown, question, refusal)
            found[name] = server
        return found

    async def _settle(
        self, kind: Kind, thing: Any, named: bool, shown: str, question: str, refusal: ConvoError
    ) -> None:
        """Remember what is named, and ask about the rest. None is never remembered."""
        if not named and not (thing is not None and self._trust.knows(kind, thing)):
            text = (
                f"The database names {_ONE[kind]} that you have not named on this machine:\n"
                f"  {exactly(shown)}\n{question} [y/N] "
            )
            if not await confirmed(self._terminal, text):
                raise refusal
        if thing is not None:
            self._remember(kind, thing)

    def _remember(self, kind: Kind, thing: Any) -> None:
        said = self._trust.remember(kind, thing)
        if said is not None:
            self._terminal.notice(said)
