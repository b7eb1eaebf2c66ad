"""The slash command that chooses the MCP servers for the next message."""

from dataclasses import replace

from convo_cli.chat.slash.parser import Call
from convo_cli.chat.slash.settings import CLEAR
from convo_cli.chat.state import Chat
from convo_cli.config.mcp import McpServer, chosen, configured
from convo_cli.render.terminal.text import one_line


def servers_there(chat: Chat) -> dict[str, McpServer]:
    """The MCP servers that can be named: those of the configuration and of --mcp-config."""
    return {**configured(chat.invocation.config), **chat.choice.mcp_servers}


async def choose_mcp(chat: Chat, call: Call) -> None:
    """Use the tools of these MCP servers from now on; without a name, list the servers."""
    if CLEAR in call.options and call.arguments:
        raise call.misused(f"{CLEAR} takes no name")
    there = servers_there(chat)
    if CLEAR in call.options or call.arguments:
        names = tuple(dict.fromkeys(call.arguments))
        for name in names:
            chosen(name, there)
        recorded = chat.choice.recorded - {"mcp"}
        chat.choice = replace(chat.choice, mcp=names, mcp_servers=there, recorded=recorded)
    else:
        marked = chat.choice.mcp or ()
        lines = (
            f"{'*' if name in marked else ' '} {name}  {one_line(server.shown)}\n"
            for name, server in there.items()
        )
        chat.terminal.write("".join(lines))
    named = ", ".join(chat.choice.mcp or ())
    chat.terminal.notice(
        f"the next message can call the tools of {named}"
        if named
        else "the next message goes without MCP servers"
    )
