"""What the slash commands do: the commands of the command line, from where the chat stands."""

from convo_cli.chat.slash import ESCAPE, SLASH, Call, SlashCommand, SlashCommands
from convo_cli.chat.state import Chat
from convo_cli.commands.branches import BEFORE
from convo_cli.commands.common import report, show
from convo_cli.render import listings
from convo_cli.render.usage import By
from convo_cli.render.usage import usage as usage_listing

_KEYS = f"""
Enter sends, Alt-Enter begins a new line; a pasted text keeps its lines.
Tab completes commands, branches and turns; Ctrl-R searches earlier input.
Ctrl-X Ctrl-E opens the message in $EDITOR. CONVO_KEYS=vi gives the keys of vi.
Ctrl-C stops an answer, or clears the line; Ctrl-D leaves.
{ESCAPE} at the start sends a message that begins with {SLASH}.
"""


async def show_help(chat: Chat, _: Call) -> None:
    """List the commands, and the keys that one would not guess."""
    width = max(len(command.usage) for command in COMMANDS.all)
    lines = [f"{command.usage:<{width}}  {command.help}\n" for command in COMMANDS.all]
    chat.terminal.write("".join(lines) + _KEYS + "\n")


async def show_turns(chat: Chat, _: Call) -> None:
    """Like `convo turns`."""
    session = chat.position.require_session()
    turns = await chat.store.turns(session, chat.position.branch)
    _show(chat, listings.turns(turns))


async def show_branches(chat: Chat, _: Call) -> None:
    """Like `convo branches`; marked is the branch of the chat."""
    session = chat.position.require_session()
    branches = await chat.store.branches(session, chat.position.branch)
    _show(chat, listings.branches(branches))


async def show_usage(chat: Chat, call: Call) -> None:
    """Like `convo usage`."""
    if len(call.options) > 1:
        raise call.misused("--by-turn and --by-branch exclude each other")
    by: By = "total"
    if call.options:
        by = "turn" if "--by-turn" in call.options else "branch"
    usages = await chat.store.usage(chat.position.require_session(), by=by)
    _show(chat, usage_listing(usages, by))


async def make_branch(chat: Chat, call: Call) -> None:
    """Like `convo branch`; without a turn or a text, from here."""
    position = chat.position
    session = position.require_session()
    start = call.argument(0)
    turn, match = _beginning(start)
    if start is None:
        await position.look()
        turn = position.turn
    new, head = await position.fork(call.argument(1), turn=turn, match=match)
    row = {"branch": new, "session": session}
    report(chat.invocation, f"switched to new branch '{new}'{_left_behind(head)}", row)


def _beginning(start: str | None) -> tuple[int | None, str | None]:
    """Where a branch is to begin: the number of a turn, or the text of one."""
    try:
        return None if start is None else int(start), None
    except ValueError:
        return None, start


async def switch_branch(chat: Chat, call: Call) -> None:
    """Like `convo switch`."""
    position = chat.position
    session = position.require_session()
    target: str | None = call.arguments[0]
    if target == BEFORE:
        target = await position.before()
    if target is None:
        raise call.misused(f"there is no branch to go back to from '{position.branch}'")
    already = target == position.branch
    head = await position.switch(target)
    done = f"already on branch '{target}'" if already else f"switched to '{target}'"
    row = {"branch": target, "session": session}
    report(chat.invocation, done + _left_behind(head), row)


async def delete_branches(chat: Chat, call: Call) -> None:
    """Like `convo delete`."""
    position = chat.position
    names = list(dict.fromkeys(call.arguments))
    left = await position.delete(names, force="--force" in call.options)
    listed = ", ".join(f"'{name}'" for name in names)
    moved = f"; you are on '{position.branch}' now" if left else ""
    done = f"deleted {'branch' if len(names) == 1 else 'branches'} {listed}{moved}"
    row = {"branch": position.branch, "session": position.session, "deleted": names}
    report(chat.invocation, done, row)


async def leave(chat: Chat, _: Call) -> None:
    """End the chat."""
    chat.leaving = True


def _show(chat: Chat, listing: listings.Listing) -> None:
    show(chat.invocation, listing)
    chat.terminal.write("\n")


def _left_behind(head: str | None) -> str:
    return "" if head is None else f"; other shells stay on '{head}'"


COMMANDS = SlashCommands(
    [
        SlashCommand("help", "this list", show_help),
        SlashCommand("turns", "what was asked on this branch", show_turns),
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
        SlashCommand("branches", "the branches of the session", show_branches),
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
            "usage",
            "the tokens that were spent",
            show_usage,
            arguments="[--by-turn|--by-branch]",
            options=("--by-turn", "--by-branch"),
        ),
        SlashCommand("exit", "leave the chat", leave, aliases=("quit",)),
    ]
)
