"""What conversations cost."""

from typing import Literal

from convo import catalog, ledger
from convo.records import UsageRow
from convo.store.opened import OpenedStore
from convo.transaction import Transaction


class Usage(OpenedStore):
    """What a store says of the tokens that were spent."""

    async def usage(
        self,
        session_id: str,
        *,
        branch_id: str | None = None,
        by: Literal["total", "turn", "branch"] = "total",
    ) -> list[UsageRow]:
        """What a session cost, or one of its branches, what was deleted included."""

        def collect(tx: Transaction) -> list[UsageRow]:
            catalog.require(tx, session_id)
            rows = ledger.turn_rows(tx, session_id, branch_id)
            if by == "total":
                return [ledger.summed(rows, session_id, branch_id)]
            return rows if by == "turn" else ledger.by_branch(rows, session_id)

        return await self._read(collect, session_id)
