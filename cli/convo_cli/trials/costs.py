"""Says what a trial will probably cost, and asks before it asks a model more than a few times."""

from collections.abc import Sequence
from typing import NamedTuple

from convo.trials.estimate import Estimate, estimated
from convo.usage_records import Tokens
from convo_cli.ask.confirming import confirmed
from convo_cli.exits import DeclinedError, UsageError
from convo_cli.invocation import Invocation
from convo_cli.render.terminal.messages import in_words
from convo_cli.render.trials import planned
from convo_cli.trials.choices import Tried

FREE = 3
"""How many requests are made without a question."""


class Planned(NamedTuple):
    """What will be asked with one choice, and what that will probably cost."""

    name: str
    estimate: Estimate


def plan(invocation: Invocation, tried: Tried, turns: Sequence[Tokens], times: int = 1) -> Planned:
    """What asking turns like these so many times with a choice will probably cost."""
    priced = None
    if tried.model is not None:
        url = tried.choice.base_url or invocation.environ.get("OPENAI_BASE_URL") or None
        (priced,) = invocation.prices.priced([(tried.model, url)])
    return Planned(tried.name, estimated(turns, priced).times(times))


async def confirm_costs(
    invocation: Invocation,
    plans: Sequence[Planned],
    *,
    yes: bool,
    always: bool = False,
) -> None:
    """Say what is about to be asked if it is more than a few requests, and ask if that is wanted.

    With `yes` it is only said, and with `always` a few requests are said, too. Raises `UsageError`
    without a terminal, and `DeclinedError` if the user does not want it.
    """
    requests = sum(one.estimate.requests for one in plans)
    if requests <= FREE and not always:
        return
    said = planned([(one.name, one.estimate) for one in plans if one.estimate.requests])
    terminal = invocation.terminal
    if yes or requests <= FREE:
        terminal.notice(said)
        return
    if not (terminal.stdin_is_terminal and terminal.stderr_is_terminal):
        raise UsageError(f"this needs a yes: {said}", hint="--yes goes ahead")
    question = f"{in_words(said, terminal.stderr_width)}\nGo ahead? [y/N] "
    if not await confirmed(terminal, question):
        raise DeclinedError("nothing was asked")
