"""What conversations cost."""

from typing import Literal

from convo import catalog
from convo.records import UsageReport, UsageRow
from convo.spending import Spending
from convo.store.opened import OpenedStore
from convo.transaction import Transaction

By = Literal["total", "turn", "branch"]


class Usage(OpenedStore):
    """What a store says of the tokens that were spent."""

    async def usage(
        self,
        session_id: str,
        *,
        branch_id: str | None = None,
        by: By = "total",
    ) -> list[UsageRow]:
        """What a session cost, or one of its branches, what was deleted included."""
        return (await self.usage_with_total(session_id, branch_id=branch_id, by=by)).rows

    async def usage_with_total(
        self,
        session_id: str,
        *,
        branch_id: str | None = None,
        by: By = "total",
        newest: int | None = None,
    ) -> UsageReport:
        """As `usage`, with the sum of all; by turn, `newest` is how many of the last are wanted."""

        def collect(tx: Transaction) -> UsageReport:
            catalog.require(tx, session_id)
            spending = Spending(tx, session_id, branch_id)
            total = spending.in_total()
            if by == "turn":
                return UsageReport(spending.by_turn(newest), total)
            return UsageReport(spending.by_branch() if by == "branch" else [total], total)

        return await self._read(collect, session_id)
