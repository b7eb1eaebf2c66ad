"""Compares what this month has cost with the budget of `config.toml`."""

from typing import NamedTuple

from convo.store import ConversationStore
from convo_cli.invocation import Invocation
from convo_cli.render.money import dollars
from convo_cli.render.terminal.text import counted

_NEAR = 0.8
"""The share of the budget from which on the user is warned."""


class Budget(NamedTuple):
    """The budget of a month and what the month has cost, in US dollars.

    `unpriced` counts runs without a known price, which are not in `spent`.
    """

    limit: float
    spent: float
    unpriced: int = 0

    @property
    def level(self) -> int:
        """0 if there is enough, 1 if little is left, 2 if the budget is used up."""
        if self.spent >= self.limit:
            return 2
        return 1 if self.spent >= _NEAR * self.limit else 0

    def in_words(self) -> str:
        """The amount spent, and the limit."""
        return f"{dollars(self.spent)} of {dollars(self.limit)}"

    def in_full(self) -> str:
        """The same, with the runs that are not in it."""
        more = f", and {counted(self.unpriced, 'run')} without a price" if self.unpriced else ""
        return f"{self.in_words()}{more}"

    def warning(self) -> str | None:
        """A warning that little or nothing is left; None while there is enough."""
        if not self.level:
            return None
        end = "the budget is used up" if self.level == 2 else "little of the budget is left"
        return f"{end}: this month has cost {self.in_full()}"


async def budget_of(invocation: Invocation, store: ConversationStore) -> Budget | None:
    """The budget of this month, of all sessions of the database; None if there is none.

    What imported conversations cost by the prices counts too, what was recorded for them does not.
    """
    limit = invocation.config.value("budget.month")
    if limit is None:
        return None
    # Imported here because few users have a budget.
    from convo import periods

    since = periods.beginning("this month")
    total = (await store.spending(since=since, prices=invocation.prices)).total
    return Budget(float(limit), total.money.cost or 0, total.money.unpriced)
