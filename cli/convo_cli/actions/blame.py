"""Says what the input tokens of a turn are."""

from typing import Literal

from convo.store import ConversationStore
from convo_cli.invocation import Invocation
from convo_cli.location import find_location
from convo_cli.output.report import show
from convo_cli.render.blame import Blame, blame


async def show_blame(
    invocation: Invocation, turn: str, by: Literal["turn", "kind"] | None, largest: int | None
) -> None:
    """Write the parts of the input of a turn. Raises `TurnNotFoundError`."""
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        location = await find_location(store, settings)
        session, branch = location.session, location.branch
        number = await store.turn_called(session, branch, turn)
        shares = await store.shares(session, branch, number)
        usage = await store.usage_of_turn(session, branch, number)
    counted = None
    requests = 0 if usage is None else usage.tokens.requests
    if usage is not None and not usage.tokens.estimated and usage.tokens.input_tokens:
        counted = usage.tokens.input_tokens
    found = Blame(number, tuple(shares), counted, requests)
    show(invocation, blame(found, by, largest))
    invocation.terminal.notice(found.in_words())
    if largest is not None and len(found.summed(by)) > largest:
        invocation.terminal.notice(
            f"these are the largest {largest:,} of {len(found.summed(by)):,} parts; -n 0 shows all"
        )
