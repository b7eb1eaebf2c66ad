"""The table of slash commands, with the help of each."""

from convo_cli.chat.slash.agents import choose_agent
from convo_cli.chat.slash.ask import ask_models, pick_branch
from convo_cli.chat.slash.branches import make_branch, rename_branch, switch_branch
from convo_cli.chat.slash.compact import compact
from convo_cli.chat.slash.copy import copy
from convo_cli.chat.slash.diff import COST, FORCE, HTML, TIME, WORDS, show_compared, show_diff
from convo_cli.chat.slash.marks import note_turn, star_turn, tag_turn
from convo_cli.chat.slash.mcp import choose_mcp
from convo_cli.chat.slash.merging import SUMMARY, TAKE, merge_branch
from convo_cli.chat.slash.parser import Call, SlashCommand, SlashCommands
from convo_cli.chat.slash.retry import DROP, FROM_START, LAST, edit, go_on, keep, retry
from convo_cli.chat.slash.search import go, search
from convo_cli.chat.slash.sessions import begin_session, show_or_switch_session
from convo_cli.chat.slash.settings import CLEAR, attach, choose_model, give_instructions
from convo_cli.chat.slash.show import (
    WAITING,
    export,
    show_branches,
    show_tools,
    show_turn,
    show_turns,
    show_usage,
)
from convo_cli.chat.slash.undo import delete_branches, restore_removed, undo_turns
from convo_cli.chat.state import Chat
from convo_cli.chat.typed import ESCAPE, SLASH

_KEYS = f"""
Enter sends, Alt-Enter begins a new line; a pasted text keeps its lines. One of
more than 20 is folded and sent whole; Ctrl-X Ctrl-O opens it.
Tab completes commands, and what they take: branches, turns, models, files.
Ctrl-R searches earlier input.
Ctrl-X Ctrl-E opens the message in $EDITOR. CONVO_KEYS=vi gives the keys of vi.
Ctrl-C stops an answer, or clears the line; Ctrl-D leaves.
{ESCAPE} at the start sends a message that begins with {SLASH}.
"""


_USAGE = 30
"""The width of the column in /help that shows how a command is typed."""


async def show_help(chat: Chat, _: Call) -> None:
    """List the commands, and the less obvious keys."""
    lines = []
    for command in COMMANDS.all:
        # A long usage gets a line of its own, so that everything fits into 80 columns.
        apart = "\n" + " " * _USAGE if len(command.usage) > _USAGE else ""
        lines.append(f"{command.usage:<{_USAGE}}{apart}  {command.help}\n")
    chat.terminal.write("".join(lines) + _KEYS + "\n")


async def leave(chat: Chat, _: Call) -> None:
    """End the chat."""
    chat.leaving = True


COMMANDS = SlashCommands(
    [
        SlashCommand("help", "this list", show_help),
        SlashCommand("turns", "what was asked on this branch", show_turns),
        SlashCommand(
            "show",
            "the last turn whole, or turn N; or what waits",
            show_turn,
            arguments="[N|A..B] [--waiting [N]]",
            most=1,
            options=(WAITING,),
            values="turns",
        ),
        SlashCommand(
            "ask",
            "ask several models, each on its own branch",
            ask_models,
            arguments="-m MODEL… PROMPT",
            least=1,
            most=None,
            values="models",
        ),
        SlashCommand(
            "pick",
            "go on with the branch of one of them",
            pick_branch,
            arguments="BRANCH",
            least=1,
            most=1,
            values="branches",
        ),
        SlashCommand(
            "branch",
            "branch off before turn N or TEXT, or from here",
            make_branch,
            arguments="[N|TEXT] [NAME]",
            most=2,
            values="turns",
        ),
        SlashCommand(
            "switch",
            "go to another branch, or - to the one before",
            switch_branch,
            arguments="BRANCH|-",
            least=1,
            most=1,
            values="branches",
        ),
        SlashCommand(
            "branches",
            "the branches of the session; with --tree drawn",
            show_branches,
            arguments="[--tree]",
            options=("--tree",),
        ),
        SlashCommand(
            "rename",
            "give this branch, or another, a new name",
            rename_branch,
            arguments="[OLD] NEW",
            least=1,
            most=2,
            values="branches",
        ),
        SlashCommand(
            "diff",
            "where this branch and its parent, or A, part",
            show_diff,
            arguments="[A] [B] [--words] [--cost] [--time] [--html]",
            most=2,
            options=(WORDS, COST, TIME, HTML, FORCE),
            values="branches",
        ),
        SlashCommand(
            "compare",
            "branches side by side, and what they took",
            show_compared,
            arguments="[BRANCH…] [--words] [--html]",
            most=None,
            options=(WORDS, HTML, FORCE),
            values="branches",
        ),
        SlashCommand(
            "delete",
            "delete branches; with --force this one too",
            delete_branches,
            arguments="BRANCH… [--force]",
            least=1,
            most=None,
            options=("--force",),
            values="branches",
        ),
        SlashCommand(
            "merge",
            "bring a side line back into this branch",
            merge_branch,
            arguments="BRANCH [A..B|--take|--summary]",
            least=1,
            most=2,
            options=(TAKE, SUMMARY),
            values="branches",
        ),
        SlashCommand(
            "note",
            "note TEXT on turn N, or show the note",
            note_turn,
            arguments="N [TEXT]",
            least=1,
            most=None,
            values="turns",
        ),
        SlashCommand(
            "tag",
            "name the last turn, or turn N; or list names",
            tag_turn,
            arguments="[NAME] [N]",
            most=2,
        ),
        SlashCommand(
            "star",
            "star the last turn, or turn N",
            star_turn,
            arguments="[N]",
            most=1,
            values="turns",
        ),
        SlashCommand(
            "undo", "take back the last turn, merge, or N", undo_turns, arguments="[N]", most=1
        ),
        SlashCommand(
            "restore",
            "bring back what undo or delete took",
            restore_removed,
            arguments="[BRANCH|--list]",
            most=1,
            options=("--list",),
            values="removed",
        ),
        SlashCommand(
            "retry",
            "ask again what waits, or the last turn",
            retry,
            arguments="[N] [MODEL] [--last|--from-start|--drop N|all]",
            most=None,
            options=(LAST, FROM_START, DROP),
            values="waiting",
        ),
        SlashCommand(
            "keep",
            "keep what came of an answer as a turn",
            keep,
            arguments="[N]",
            most=1,
            values="waiting",
        ),
        SlashCommand("continue", "go on with an answer that was cut", go_on),
        SlashCommand(
            "compact",
            "sum up the oldest turns, all but one, or N",
            compact,
            arguments="[TURNS]",
            most=1,
        ),
        SlashCommand(
            "edit",
            "reword turn N and ask it in a branch",
            edit,
            arguments="[N]",
            most=1,
            values="turns",
        ),
        SlashCommand(
            "usage",
            "the tokens that were spent",
            show_usage,
            arguments="[--by-turn|--by-branch]",
            options=("--by-turn", "--by-branch"),
        ),
        SlashCommand(
            "search",
            "where something was said, in any session",
            search,
            arguments="TEXT",
            least=1,
            most=None,
        ),
        SlashCommand(
            "go",
            "go to what was found last, the first or N",
            go,
            arguments="[N]",
            most=1,
            values="found",
        ),
        SlashCommand(
            "copy",
            "copy the last answer, that of turn N, or code",
            copy,
            arguments="[N] [code]",
            most=2,
            values="turns",
        ),
        SlashCommand("tools", "the tools that were called on this branch", show_tools),
        SlashCommand(
            "export",
            "write this branch: .md, .html, .json or .jsonl",
            export,
            arguments="FILE [--force]",
            least=1,
            most=1,
            options=("--force",),
            quotes="\"'",
        ),
        SlashCommand(
            "model",
            "the models, or another one from now on",
            choose_model,
            arguments="[NAME]",
            most=1,
            values="models",
        ),
        SlashCommand(
            "agent",
            "back to the first agent, or on with another",
            choose_agent,
            arguments="[NAME|FILE.py]",
            most=None,
            values="agents",
        ),
        SlashCommand(
            "mcp",
            "the MCP servers, or those to call tools of",
            choose_mcp,
            arguments="[NAME…]",
            most=None,
            options=(CLEAR,),
            values="mcp",
        ),
        SlashCommand(
            "instructions",
            "the instructions, or others; --clear: none",
            give_instructions,
            arguments="[TEXT|@FILE]",
            most=None,
            options=(CLEAR,),
        ),
        SlashCommand(
            "attach",
            "attach files to the next message, or --clear",
            attach,
            arguments="[FILE|URL…]",
            most=None,
            options=(CLEAR,),
            values="files",
            quotes="\"'",
        ),
        SlashCommand(
            "session",
            "the sessions, or go to another one",
            show_or_switch_session,
            arguments="[NAME]",
            most=1,
            values="sessions",
        ),
        SlashCommand(
            "new",
            "begin a new session with the next message",
            begin_session,
            arguments="[NAME]",
            most=1,
        ),
        SlashCommand("exit", "leave the chat", leave, aliases=("quit",)),
    ]
)
