"""The store's methods for usage."""

from typing import Literal

from convo.branches import branches
from convo.pending import pending
from convo.storage import values
from convo.storage.transaction import Transaction
from convo.store import catalog
from convo.store.base import OpenedStore
from convo.usage import ledger
from convo.usage.totals import UsageTotals, tokens_of_last_request
from convo.usage_records import Tokens, UsageReport, UsageRow

By = Literal["total", "turn", "branch"]


class Usage(OpenedStore):
    """Report the tokens that were spent."""

    async def usage(
        self,
        session_id: str,
        *,
        branch_id: str | None = None,
        by: By = "total",
    ) -> list[UsageRow]:
        """The usage of a session, or of one of its branches, including deleted turns and branches.

        By turn and by branch, failed and interrupted runs have rows of their own.
        """
        report = await self.usage_with_total(session_id, branch_id=branch_id, by=by)
        return [report.total] if by == "total" else report.rows

    async def usage_with_total(
        self,
        session_id: str,
        *,
        branch_id: str | None = None,
        by: By = "total",
        newest: int | None = None,
    ) -> UsageReport:
        """Like `usage`, with the total, whose rows are those of each status.

        By turn, `newest` limits the rows to that many of the last turns. A session that has not
        begun, because its first turn failed, has a report too.
        """

        def collect(tx: Transaction) -> UsageReport:
            if not pending.is_asked(tx, session_id):
                catalog.require(tx, session_id)
            names = branches.names(tx, session_id)
            return _report(UsageTotals(tx, session_id, names, branch_id), by, newest)

        return await self._read(collect, session_id)

    async def usage_by_model(self, session_id: str) -> list[tuple[str | None, Tokens]]:
        """The usage of a session by model, including failed runs; None is an unknown model."""

        def collect(tx: Transaction) -> list[tuple[str | None, Tokens]]:
            rows = tx.rows("spent_by_model", session_id=session_id)
            return [
                (values.text(model), Tokens.from_row(counts, estimated))
                for model, estimated, *counts in rows
            ]

        return await self._read(collect, session_id)

    async def last_request(self, session_id: str, branch_id: str, turn: int) -> int | None:
        """The input and output tokens of a turn's last request; None if they are not known."""

        def find(tx: Transaction) -> int | None:
            data = tx.value(
                "last_request_of_turn", session_id=session_id, branch_id=branch_id, turn=turn
            )
            return tokens_of_last_request(data)

        return await self._read(find, session_id)

    async def usage_without_session(
        self, *, by: By = "total", newest: int | None = None
    ) -> UsageReport:
        """The usage of pending turns that are to begin a session; often empty."""

        def collect(tx: Transaction) -> UsageReport:
            report = _report(UsageTotals(tx, ledger.NO_SESSION, branch_names=()), by, newest)
            return report._replace(rows=[row for row in report.rows if row.tokens.requests])

        return await self._look(collect)


def _report(totals: UsageTotals, by: By, newest: int | None) -> UsageReport:
    total = totals.in_total()
    if by == "turn":
        return UsageReport(totals.by_turn(newest), total)
    return UsageReport(totals.by_branch() if by == "branch" else totals.by_status(), total)
