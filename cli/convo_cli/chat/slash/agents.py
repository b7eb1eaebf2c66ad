"""The slash command that chooses the agent for the next message."""

from collections.abc import Sequence
from dataclasses import replace

from convo.errors import NotFoundError
from convo.names import nearest
from convo_cli.chat.slash.parser import Call
from convo_cli.chat.state import Chat
from convo_cli.turn.reference import agent_reference, names_place


class NoSuchAgentError(NotFoundError):
    """The chosen agent works with no agent of that name."""


async def choose_agent(chat: Chat, call: Call) -> None:
    """Choose the first agent, one that works with it, or an agent in another file."""
    name = " ".join(call.arguments)
    if names_place(name):
        chat.choice = replace(chat.choice, agent=agent_reference(name), context=None)
        chat.next_agent, name = "", ""
    if chat.choice.agent is None:
        raise call.misused("the next message asks a model, and no agent")
    chat.agent_output.begin()
    host = await chat.hosts.sdk()
    names = await host.names(chat.choice)
    chosen = _named(name, names) if name else names[0]
    chat.next_agent = "" if chosen == names[0] else chosen
    others = ", ".join(one for one in names if one != chosen)
    more = f"; it works with {others}" if others else ""
    chat.terminal.notice(f"the next message goes to {chosen}{more}")


def _named(name: str, names: Sequence[str]) -> str:
    """The agent with that name, or the only one whose name begins so, ignoring case."""
    alike = [one for one in names if one.casefold() == name.casefold()]
    begun = [one for one in names if one.casefold().startswith(name.casefold())]
    for found in ([name] if name in names else [], alike, begun):
        if len(found) == 1:
            return found[0]
    raise NoSuchAgentError(
        f"no agent '{name}'", hint=nearest(name, names) or f"there are {', '.join(names)}"
    )
