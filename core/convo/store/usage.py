"""The store's methods for usage."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from convo.branches import branches
from convo.pending import pending
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER
from convo.store import catalog
from convo.store.base import OpenedStore
from convo.usage import ledger
from convo.usage.totals import tokens_of_last_request
from convo.usage_records import COMPLETED, UsageReport, UsageRow

if TYPE_CHECKING:
    from convo.usage.groups import Key
    from convo.usage.prices import Model, Prices
    from convo.usage.spending import Where

By = Literal["total", "turn", "branch"]


class Usage(OpenedStore):
    """Report the tokens that were spent, and what they cost.

    What sums and prices them is imported when it is needed: most commands do without.
    """

    async def usage(
        self,
        session_id: str,
        *,
        branch_id: str | None = None,
        by: By = "total",
    ) -> list[UsageRow]:
        """The usage of a session, or of one of its branches, including deleted turns and branches.

        Failed and interrupted runs, and deleted turns, have rows of their own.
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
        since: str | None = None,
        until: str | None = None,
        prices: "Prices | None" = None,
    ) -> UsageReport:
        """Like `usage`, with the total, whose rows are those of each status.

        By turn, `newest` limits the rows to that many of the last turns. A session that has not
        begun, because its first turn failed, has a report too. `since` and `until` are UTC times,
        "2026-11-22 16:50:36"; runs are counted from the first to before the second. With `prices`,
        the report says what the runs cost.
        """
        from convo.usage.spending import Where

        where = Where(session_id, branch_id, since, until)

        def collect(tx: Transaction) -> UsageReport:
            if not pending.is_asked(tx, session_id):
                catalog.require(tx, session_id)
            return _report(tx, where, by, newest, prices, branches.names(tx, session_id))

        return await self._read(collect, session_id)

    async def spending(
        self,
        by: "Sequence[Key]" = (),
        *,
        session_id: str | None = None,
        branch_id: str | None = None,
        since: str | None = None,
        until: str | None = None,
        prices: "Prices | None" = None,
    ) -> UsageReport:
        """The usage of all sessions, or of one, grouped by keys: ("day", "model").

        A row has the values of the keys in `keys`. Failed and interrupted runs, and deleted turns,
        have rows of their own. A turn that called several tools is in the rows of each, and in the
        total once.
        """
        from convo.usage.spending import Spending, Where

        where = Where(session_id, branch_id, since, until)
        return await self._look(lambda tx: Spending(tx, where, prices).report(by))

    async def costs_of_turns(
        self, session_id: str, prices: "Prices"
    ) -> dict[tuple[str, int], float]:
        """What the turns of a session cost as far as it is known, in US dollars.

        The keys are the branch where a turn was asked, and its number there. The cost of a turn
        that has no price is the one that was recorded, if it was imported with one.
        """
        from convo.usage.spending import Spending, Where

        where = Where(session_id)
        return await self._look(lambda tx: Spending(tx, where, prices).costs_of_turns())

    async def usage_of_turn(
        self, session_id: str, branch_id: str, turn: int, *, prices: "Prices | None" = None
    ) -> UsageRow | None:
        """The usage of one turn of a branch, which may share it; None if there is none."""
        found = await self.usage_of_turns(session_id, branch_id, turn, turn, prices=prices)
        return found.get(turn)

    async def usage_of_turns(
        self,
        session_id: str,
        branch_id: str,
        first: int | None = None,
        last: int | None = None,
        *,
        prices: "Prices | None" = None,
    ) -> dict[int, UsageRow]:
        """The usage of turns of a branch, which may share them, by their numbers there.

        Turns without usage, or for which only the SDK stored some, are left out.
        """
        from convo.usage.by_turn import UsageByTurn
        from convo.usage.pricing import Pricing
        from convo.usage.spending import Where, total_of

        where = Where(session_id, branch_id)

        def collect(tx: Transaction) -> dict[int, UsageRow]:
            # The branch shows turns that were asked on others too.
            pricing = Pricing(tx, Where(session_id)._asdict(), prices)
            by_turn: dict[int, list[UsageRow]] = {}
            for row in UsageByTurn(tx, where, pricing).of_turns(
                -MAX_INTEGER if first is None else first, MAX_INTEGER if last is None else last
            ):
                if row.turn is not None:
                    by_turn.setdefault(row.turn, []).append(row)
            return {turn: total_of(rows, session_id, branch_id) for turn, rows in by_turn.items()}

        return await self._read(collect, session_id)

    async def models_asked(self, session_id: str | None) -> "list[Model]":
        """The models that the runs of a session, or of all, asked, with the URLs of their servers.

        A URL is None if it is not known, or if the model was asked at OpenAI.
        """
        from convo.usage.pricing import models_asked
        from convo.usage.spending import Where

        where = Where(session_id)._asdict()
        return await self._look(lambda tx: models_asked(tx, where))

    async def last_request(self, session_id: str, branch_id: str, turn: int) -> int | None:
        """The input and output tokens of a turn's last request; None if they are not known."""

        def find(tx: Transaction) -> int | None:
            data = tx.value(
                "last_request_of_turn", session_id=session_id, branch_id=branch_id, turn=turn
            )
            return tokens_of_last_request(data)

        return await self._read(find, session_id)

    async def usage_without_session(
        self,
        *,
        by: By = "total",
        newest: int | None = None,
        since: str | None = None,
        until: str | None = None,
        prices: "Prices | None" = None,
    ) -> UsageReport:
        """The usage of pending turns that are to begin a session; often empty."""
        from convo.usage.spending import Where

        where = Where(ledger.NO_SESSION, None, since, until)

        def collect(tx: Transaction) -> UsageReport:
            report = _report(tx, where, by, newest, prices)
            return report._replace(rows=[row for row in report.rows if row.tokens.requests])

        return await self._look(collect)


def _report(
    tx: Transaction,
    where: "Where",
    by: By,
    newest: int | None,
    prices: "Prices | None",
    branch_names: Sequence[str] = (),
) -> UsageReport:
    from convo.usage.spending import Spending, total_of

    spending = Spending(tx, where, prices)
    if by == "branch":
        return spending.report(["branch"])
    report = spending.report([])
    if by == "turn":
        from convo.usage.by_turn import UsageByTurn

        by_turn = UsageByTurn(tx, where, spending.pricing, branch_names)
        return report._replace(rows=by_turn.rows(newest, has_foreign=spending.has_foreign))
    if not any(row.status == COMPLETED for row in report.rows):
        nothing = total_of([], where.session_id or "", where.branch_id)
        return report._replace(rows=[nothing, *report.rows])
    return report
