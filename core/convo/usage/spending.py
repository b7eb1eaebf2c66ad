"""The usage of a session, or of all sessions, in groups: by day, by model, by tool and so on."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from convo.storage import values
from convo.storage.transaction import Transaction
from convo.usage.groups import DELETED, PERIODS, Group, Key
from convo.usage.prices import Prices
from convo.usage.pricing import Pricing
from convo.usage_records import COMPLETED, Money, Tokens, UsageReport, UsageRow

_AS_IT_IS = ("failed", "interrupted")

_AT_ONCE = 500
"""Groups that are priced together."""

_PLACE = 3
"""The parts of a row's key that are not its status and deletion."""


class Where(NamedTuple):
    """What a report is about: a session, or all for None, and a span of UTC times, as texts."""

    session_id: str | None
    branch_id: str | None = None
    since: str | None = None
    until: str | None = None


class Spending:
    """The usage of a session, or of all, in groups, in one transaction."""

    def __init__(self, tx: Transaction, where: Where, prices: Prices | None = None) -> None:
        self._tx = tx
        self._where = where._asdict()
        self._session_id = where.session_id or ""
        self._branch_id = where.branch_id
        self._is_of_all = where.session_id is None
        self.pricing = Pricing(tx, self._where, prices)

    def report(self, by: Sequence[Key]) -> UsageReport:
        """Rows by these keys, and by status and deletion; with the total, and what has no price."""
        groups = self._groups(by)
        costs = self.pricing.costs(group.spent(self.pricing) for group in groups)
        rows = self._rows(by, groups, costs)
        without: Sequence[tuple[str | None, int]] = ()
        if self._priced:
            without = _without_price(groups, costs)
        if not by or set(by) <= {"branch", "session", "source"}:
            total = total_of(rows, self._session_id, self._branch_id)
        elif "tool" in by:
            # A run may be in the rows of several tools.
            _, total, without = self.report(())
        else:
            total = total_of(rows, self._session_id, self._branch_id)
            # A turn of several runs may be in the rows of several days or models.
            whole = [self._row((), group, None) for group in self._groups((), priced=False)]
            turns = sum(row.turns for row in whole if row.status == COMPLETED)
            total = total._replace(turns=turns)
        return UsageReport(_in_order(rows, by), total, without)

    def costs_of_turns(self) -> dict[tuple[str, int], float]:
        """What each existing turn cost as far as it is known, by the branch where it was asked.

        That is the cost computed from prices or, if a run has no price, the one recorded for it.
        """
        found: dict[tuple[str, int], float] = {}
        rows = iter(self._tx.each("spent_by_group", **self._asked(("branch", "turn"), priced=True)))
        while some := [Group._make(row) for row in islice(rows, _AT_ONCE)]:
            costs = self.pricing.costs(group.spent(self.pricing) for group in some)
            for group, cost in zip(some, costs, strict=True):
                known = values.real(group.recorded) if cost is None else cost
                if known is not None and not group.marks & DELETED:
                    place = values.shown(group.branch), values.whole(group.turn) or 0
                    found[place] = found.get(place, 0.0) + known
        return found

    @cached_property
    def has_foreign(self) -> bool:
        """Whether the session has usage that only the SDK stored."""
        return bool(self._tx.value("has_foreign", session_id=self._where["session_id"]))

    @property
    def _priced(self) -> bool:
        return self.pricing.is_known

    def _rows(
        self, by: Sequence[Key], groups: Sequence[Group], costs: Sequence[float | None]
    ) -> list[UsageRow]:
        """One row for each value of the keys, status and deletion, of groups by model and rate."""
        merged: dict[tuple[Any, ...], UsageRow] = {}
        for group, cost in zip(groups, costs, strict=True):
            row = self._row(by, group, cost)
            key = _key(row)
            before = merged.get(key)
            merged[key] = row if before is None else _together(before, row)
        if len(merged) < len(groups):
            # A turn that asked several models would count several times.
            merged = {key: row._replace(turns=0) for key, row in merged.items()}
            for group in self._groups(by, priced=False):
                row = self._row(by, group, None)
                key = _key(row)
                merged[key] = merged[key]._replace(turns=merged[key].turns + row.turns)
        places = {key[:_PLACE]: number for number, key in reversed(list(enumerate(merged)))}
        return [
            merged[key]
            for key in sorted(merged, key=lambda key: (places[key[:_PLACE]], key[_PLACE:]))
        ]

    def _row(self, by: Sequence[Key], group: Group, cost: float | None) -> UsageRow:
        unpriced = group.runs if self._priced and cost is None else 0
        money = Money(
            cost if self._priced else None,
            unpriced,
            values.real(group.recorded),
            group.recorded_runs,
        )
        return UsageRow(
            self._session_id if group.session is None else values.shown(group.session),
            self._branch_id if group.branch is None else values.shown(group.branch),
            bool(group.marks & DELETED),
            values.whole(group.turn),
            None,
            values.text(group.model),
            group.turns,
            group.tokens(),
            group.status if group.status in _AS_IT_IS else COMPLETED,
            values.whole(group.cache_write_tokens) or 0,
            money,
            group.timing(),
            tuple(group.value(key) for key in by),
        )

    def _groups(self, by: Sequence[Key], *, priced: bool = True) -> list[Group]:
        """The groups in the order of their first runs; usage that only the SDK stored is last."""
        found = self._groups_of_the_ledger(by, priced=priced)
        found.sort(key=lambda group: group.first_run or 0)
        if self.has_foreign:
            asked = self._where | self._kinds(by)
            del asked["by_agent"], asked["by_model"]
            found += map(Group._make, self._tx.rows("foreign_by_group", **asked))
        return found

    def _groups_of_the_ledger(self, by: Sequence[Key], *, priced: bool) -> list[Group]:
        if priced and not by:
            place = {key: self._where[key] for key in ("session_id", "branch_id")}
            usual = self._tx.row("usual_model", **place)
            if usual is None:
                return []
            if self.pricing.is_flat(*usual):
                return self._groups_of_all(*usual)
        rows = self._tx.rows("spent_by_group", **self._asked(by, priced=priced))
        return [Group._make(row) for row in rows]

    def _groups_of_all(self, model: Any, base_url: Any) -> list[Group]:
        """The groups of a report without keys: the usual runs, then the others."""
        usual = {"model": model, "base_url": base_url}
        all_runs, *sums = self._tx.row("spent_as_usual", **self._where, **usual)
        keys = [*[None] * 7, COMPLETED, model, base_url, None, 0, None]
        group = Group._make([*keys, *sums])
        found = [group] if group.runs else []
        if group.runs < all_runs:
            asked = self._asked((), priced=True) | usual | {"unusual": 1}
            found += map(Group._make, self._tx.rows("spent_by_group", **asked))
        return found

    def _asked(self, by: Sequence[Key], *, priced: bool) -> dict[str, Any]:
        """The values of the statement that makes groups."""
        return {
            **self._where,
            **self._kinds(by),
            "rates": self.pricing.parameter() if priced else "[]",
            "priced": int(priced),
            "unusual": 0,
            "model": None,
            "base_url": None,
        }

    def _kinds(self, by: Sequence[Key]) -> dict[str, Any]:
        by_place = {"branch", "turn"} & set(by)
        return {
            "by_session": int("session" in by or bool(by_place and self._is_of_all)),
            "by_branch": int(bool(by_place)),
            "period": next((key for key in by if key in PERIODS), None),
            **{f"by_{key}": int(key in by) for key in ("turn", "agent", "source", "tool", "model")},
        }


def total_of(
    rows: Iterable[UsageRow], session_id: str = "", branch_id: str | None = None
) -> UsageRow:
    """The total of rows, with the number of completed turns."""
    all_rows = list(rows)
    total = UsageRow(session_id, branch_id, False, None, None, None, 0, Tokens(), None)
    for row in all_rows:
        total = _together(total, row)
    models = {row.model for row in all_rows}
    statuses = {row.status for row in all_rows} or {COMPLETED}
    return total._replace(
        model=models.pop() if len(models) == 1 else None,
        status=statuses.pop() if len(statuses) == 1 else None,
        turns=sum(row.turns for row in all_rows if row.status == COMPLETED),
    )


def _in_order(rows: list[UsageRow], by: Sequence[Key]) -> list[UsageRow]:
    """Rows by time; branches and turns as they began; everything else by tokens, the most first."""
    if not set(by) - {"branch", "turn"}:
        return rows
    spent: dict[tuple[str | None, ...], int] = {}
    for row in rows:
        spent[row.keys] = spent.get(row.keys, 0) + row.tokens.total_tokens
    times = [place for place, key in enumerate(by) if key in PERIODS]
    return sorted(
        rows, key=lambda row: ([row.keys[place] or "" for place in times], -spent[row.keys])
    )


def _key(row: UsageRow) -> tuple[Any, ...]:
    """What distinguishes a row from the others of a report."""
    return row.keys, row.session_id, row.branch_id, row.status, row.is_deleted


def _together(one: UsageRow, other: UsageRow) -> UsageRow:
    return one._replace(
        model=one.model if one.model == other.model else None,
        turns=one.turns + other.turns,
        tokens=one.tokens + other.tokens,
        cache_write_tokens=one.cache_write_tokens + other.cache_write_tokens,
        money=one.money + other.money,
        timing=one.timing + other.timing,
    )


def _without_price(
    groups: Sequence[Group], costs: Sequence[float | None]
) -> list[tuple[str | None, int]]:
    """The models of runs that have no price, with the number of runs; the most frequent first."""
    found: dict[str | None, int] = {}
    for group, cost in zip(groups, costs, strict=True):
        if cost is None:
            model = values.text(group.model)
            found[model] = found.get(model, 0) + group.runs
    return sorted(found.items(), key=lambda one: -one[1])
