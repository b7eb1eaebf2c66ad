"""Slash commands that compare branches."""

from collections.abc import Sequence
from pathlib import Path

from convo_cli.chat.slash.parser import Call
from convo_cli.chat.state import Chat
from convo_cli.output.comparing import branches_to_compare, compared_several, compared_two
from convo_cli.output.diff import Wanted, chosen_format, needs_usage, write_compared, write_diff

WORDS, COST, TIME, HTML, FORCE = "--words", "--cost", "--time", "--html", "--force"


async def show_diff(chat: Chat, call: Call) -> None:
    """Like `convo diff`; without names, compares the branch of the chat with its parent."""
    position = chat.position
    session = position.require_session()
    first = call.argument(0) or await _origin(chat, session)
    if first is None:
        raise call.misused(f"'{position.branch}' came from no other branch: name one")
    branches = [await chat.store.branch_called(session, first), position.branch]
    if (second := call.argument(1)) is not None:
        branches[1] = await chat.store.branch_called(session, second)
    wanted = _wanted(call, session, branches)
    chosen = chosen_format(chat.invocation, wanted)
    spent = needs_usage(wanted, chosen)
    found, compared = await compared_two(
        chat.invocation, chat.store, session, branches, spent=spent
    )
    write_diff(chat.invocation, found, compared, wanted, chosen)
    chat.terminal.write("\n")


async def show_compared(chat: Chat, call: Call) -> None:
    """Like `convo compare`."""
    position = chat.position
    session = position.require_session()
    branches = await branches_to_compare(chat.store, session, position.branch, call.arguments)
    wanted = _wanted(call, session, branches)._replace(cost=True, time=True)
    chosen = chosen_format(chat.invocation, wanted)
    compared, with_first = await compared_several(
        chat.invocation, chat.store, session, branches, words=wanted.words
    )
    write_compared(chat.invocation, compared, with_first, wanted, chosen)
    chat.terminal.write("\n")


def _wanted(call: Call, session: str, branches: Sequence[str]) -> Wanted:
    """What the options of a call say; a page is written to a file in the current folder."""
    output = None
    if HTML in call.options:
        from convo_cli.render.file_names import safe_stem

        output = Path(safe_stem("-".join([session, *branches])) + ".html")
    return Wanted(
        html=HTML in call.options,
        words=WORDS in call.options,
        cost=COST in call.options,
        time=TIME in call.options,
        output=output,
        force=FORCE in call.options,
        paged=False,
    )


async def _origin(chat: Chat, session: str) -> str | None:
    """The parent of the chat's branch, or else the previous branch; None if there is neither."""
    parent = await chat.store.parent_of(session, chat.position.branch)
    return parent or await chat.position.before()
