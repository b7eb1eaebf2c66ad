"""Shows turns in full."""

from convo.history.transcript import WholeTurns
from convo.store import ConversationStore
from convo_cli.invocation import Invocation
from convo_cli.location import find_location, location_to_list
from convo_cli.output.turns import Turns, parsed_turns, write_turns
from convo_cli.running import run
from convo_cli.settings import Format


def show_turns(invocation: Invocation, turns: str | None, *, raw: bool, paged: bool) -> None:
    """Write a range of turns such as `3`, `2..4` or `-1`, or all of them."""
    shown = run(_read(invocation, parsed_turns(turns)))
    if shown is None:
        if invocation.settings.format is not Format.TABLE:
            write_turns(invocation, [], paged=False)
        return
    write_turns(invocation, shown, raw=raw, paged=paged)


def show_waiting(invocation: Invocation, number: str | None, *, raw: bool, paged: bool) -> None:
    """Write the list of pending turns, or one of them in full."""
    run(_show_waiting(invocation, number, raw=raw, paged=paged))


async def _read(invocation: Invocation, turns: Turns) -> WholeTurns | None:
    """The turns; None if all are wanted and there is no conversation yet."""
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        if turns == Turns():
            location = await location_to_list(store, settings, invocation.terminal.notice)
            if location is None:
                return None
        else:
            location = await find_location(store, settings)
        return await store.whole_turns(location.session, location.branch, turns.first, turns.last)


async def _show_waiting(
    invocation: Invocation, number: str | None, *, raw: bool, paged: bool
) -> None:
    # Imported here because it is rarely needed.
    from convo_cli.output.waiting import show_waiting

    async with ConversationStore(invocation.settings.db) as store:
        await show_waiting(
            invocation,
            store,
            number,
            again="convo retry",
            of=invocation.given,
            raw=raw,
            paged=paged,
        )
