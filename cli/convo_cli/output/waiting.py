"""Lists, shows, drops and counts pending turns, which the user sees as waiting prompts."""

from collections.abc import Sequence

from convo.pending.pending import PendingTurn
from convo.store import ConversationStore
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.report import report, show, write_rows
from convo_cli.output.turns import write_turns
from convo_cli.render.pending import ended, quoted, waiting_turn
from convo_cli.render.terminal.text import counted
from convo_cli.render.waiting import (
    RETRY,
    SHOW,
    WAITING_KEYS,
    how_many,
    question_of,
    standing,
    wait,
    waiting_list,
    waiting_row,
)
from convo_cli.settings import Format, Given

ALL = "all"


def number_of(text: str) -> int:
    """Parse the number of a pending turn. Raises `UsageError`."""
    try:
        return int(text)
    except ValueError:
        raise UsageError(
            f"'{text}' is not the number of a waiting prompt",
            hint="`convo show --waiting` lists them",
        ) from None


async def show_waiting(
    invocation: Invocation,
    store: ConversationStore,
    number: str | None,
    *,
    again: str,
    of: Given | None = None,
    raw: bool = False,
    paged: bool = False,
) -> None:
    """Write the list of pending turns, or one of them in full.

    `of` limits the list to a session and branch. `again` is the command that retries one. Raises
    `NotWaitingError`.
    """
    as_table = invocation.settings.format is Format.TABLE
    if number is not None:
        pending = await store.waiting_turn(number_of(number))
        if as_table:
            write_turns(invocation, [waiting_turn(pending)], raw=raw, paged=paged)
            invocation.terminal.notice(f"{ended(pending)}; {again} {pending.number} asks it again")
        else:
            write_rows(invocation, WAITING_KEYS, [waiting_row(pending)])
        return
    of = of or Given()
    turns = [
        pending
        for pending in await store.waiting_turns()
        if of.session in {None, pending.asked.session_id}
        and of.branch in {None, pending.asked.branch_id}
    ]
    if turns or not as_table:
        show(invocation, waiting_list(turns))
    else:
        invocation.terminal.notice("no prompt waits to be asked again")


async def drop_waiting(
    invocation: Invocation, store: ConversationStore, given: Sequence[str]
) -> None:
    """Drop the pending turns with these numbers, or all. Raises the errors of `drop_pending`."""
    if not given:
        raise UsageError("--drop needs the number of a prompt that waits, or all")
    numbers = None if list(given) == [ALL] else [number_of(text) for text in given]
    dropped = await store.drop_pending(numbers)
    row = {"dropped": [pending.number for pending in dropped]}
    report(invocation, _dropped(dropped), row)


async def standing_of(store: ConversationStore, newest: PendingTurn | None) -> str | None:
    """A sentence on how many turns are pending, and how the newest here ended; None without any."""
    return standing(await store.count_waiting(), newest, RETRY, SHOW)


async def waiting_in(store: ConversationStore, session: str, branches: Sequence[str] = ()) -> int:
    """The number of pending turns of a session, or of some of its branches."""
    return sum(
        pending.asked.session_id == session
        and pending.state != "running"
        and (not branches or pending.asked.branch_id in branches)
        for pending in await store.waiting_turns()
    )


async def still_waiting(store: ConversationStore, session: str, branches: Sequence[str]) -> str:
    """The end of the report on deleted branches: how many of their turns stay pending, if any."""
    count = await waiting_in(store, session, branches)
    return f"; {wait(count)} on" if count else ""


async def count_of(store: ConversationStore) -> str | None:
    """A sentence on how many turns are pending; None without any."""
    count = await store.count_waiting()
    return how_many(count, SHOW) if count else None


def _dropped(turns: Sequence[PendingTurn]) -> str:
    if len(turns) == 1:
        return f"dropped {quoted(question_of(turns[0]))}"
    return f"dropped {counted(len(turns), 'prompt')}"
