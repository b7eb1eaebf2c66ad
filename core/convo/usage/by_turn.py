"""The usage of each turn of a session, with its question, from the newest runs of the ledger."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from convo.items.encoding import decode, text_of
from convo.storage import values
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER
from convo.usage.pricing import Pricing, Spent
from convo.usage.rates import Counts
from convo.usage.spending import Where
from convo.usage.totals import Run, model_of, run_of, tokens_of
from convo.usage_records import Money, Timing, UsageRow

_NO_TIMING = Timing()

_ALL = MAX_INTEGER
"""As a limit, this means no limit."""

_NEARBY = 4
"""Of the newest runs, this many times as many as are wanted are read before all are sorted."""


class _TurnKey(NamedTuple):
    """A turn with usage: its branch, its number, and the row that began it."""

    branch_id: Any
    turn: Any
    anchor: int | None


class _TurnRun(NamedTuple):
    """A run of a turn, and the turn's question.

    `is_there` is whether the turn exists; `data` is its message, or `question` that of a pending
    turn. `rest` is what its price depends on, what was recorded, and its times.
    """

    turn: _TurnKey
    is_there: bool
    data: bytes | None
    status: str
    question: bytes | None
    run: Run
    rest: Sequence[Any]

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> "_TurnRun":
        """The run in a row of the ledger, or of the SDK's table."""
        branch_id, turn, anchor, is_there, data, status, question = row[:7]
        key = _TurnKey(branch_id, turn, anchor)
        return cls(key, bool(is_there), data, status, question, run_of(*row[7:15]), row[15:])

    @property
    def written(self) -> int:
        """The tokens that were written to a cache."""
        return values.whole(self.rest[4]) or 0

    def spent(self, pricing: Pricing) -> Spent:
        """The tokens of the run, to be priced."""
        run_id, base_url, at, length, written, written_1h, heard, spoken, *_ = self.rest
        model, tokens = self.run
        priced = pricing.of(model, base_url)
        counts = Counts.of_row(
            [
                tokens.input_tokens,
                tokens.output_tokens,
                tokens.cached_tokens,
                written,
                written_1h,
                heard,
                tokens.reasoning_tokens,
                spoken,
            ]
        )
        rate = None if priced is None else priced.rate(at, values.whole(length) or 0)
        has_no_price = tokens.estimated or tokens.is_unknown
        return Spent(model, base_url, counts, tokens.requests, rate, run_id, has_no_price)

    def money(self, cost: float | None, *, priced: bool) -> Money:
        """What the run cost."""
        recorded = values.real(self.rest[8])
        unpriced = int(priced and cost is None)
        return Money(cost if priced else None, unpriced, recorded, int(recorded is not None))

    def timing(self) -> Timing:
        """How long the run took."""
        if self.rest[9] is None and self.rest[10] is None:
            return _NO_TIMING
        duration, first = values.real(self.rest[9]), values.real(self.rest[10])
        timed = duration is not None and duration > 0
        return Timing(
            duration if timed else None,
            self.run.tokens.output_tokens if timed else 0,
            first,
            int(first is not None),
        )


class UsageByTurn:
    """The usage of the turns of a session, or of one branch of it, in one transaction.

    `branch_names` are the names of the session's existing branches.
    """

    def __init__(
        self,
        tx: Transaction,
        where: Where,
        pricing: Pricing,
        branch_names: Collection[str] = (),
    ) -> None:
        self._tx = tx
        self._where = where._asdict()
        self._session_id = where.session_id or ""
        self._branch_names = set(branch_names)
        self._pricing = pricing

    def rows(self, newest: int | None, *, has_foreign: bool) -> list[UsageRow]:
        """The usage of each turn, in the order in which the turns began: a row for each status.

        Turns that only the SDK stored come last. With `newest`, only that many of the turns that
        were run last.
        """
        turns = self._turns_of_the_ledger(newest)
        if has_foreign:
            _add_by_turn(
                turns, self._tx.rows("newest_foreign", limit=newest or _ALL, **self._where)
            )
        return self._rows(list(turns.values())[-newest:] if newest else list(turns.values()))

    def of_turns(self, first: int, last: int) -> list[UsageRow]:
        """The usage of turns that the branch shows, wherever they were asked, by status.

        The numbers are those of the branch.
        """
        turns: dict[_TurnKey, list[_TurnRun]] = {}
        where = {**self._where, "first": first, "last": last}
        _add_by_turn(turns, self._tx.rows("runs_of_shown_turns", **where))
        return self._rows(list(turns.values()))

    def _rows(self, wanted: Sequence[Sequence[_TurnRun]]) -> list[UsageRow]:
        runs = [run for of_turn in wanted for run in of_turn]
        is_priced = self._pricing.is_known
        costs = self._pricing.costs([run.spent(self._pricing) for run in runs])
        money = iter(
            [run.money(cost, priced=is_priced) for run, cost in zip(runs, costs, strict=True)]
        )
        rows = []
        for of_turn in wanted:
            if len(of_turn) == 1:
                # Most turns took one run.
                rows.append(self._row(of_turn[0], next(money), of_turn[0].timing()))
                continue
            for found in _by_status([(run, next(money)) for run in of_turn]).values():
                of_runs = [run.run for run, _ in found]
                together = self._row(
                    found[0][0],
                    sum((paid for _, paid in found), Money()),
                    sum((run.timing() for run, _ in found), Timing()),
                )
                rows.append(
                    together._replace(
                        model=model_of(of_runs),
                        tokens=tokens_of(of_runs),
                        cache_write_tokens=sum(run.written for run, _ in found),
                    )
                )
        return rows

    def _turns_of_the_ledger(self, newest: int | None) -> dict[_TurnKey, list[_TurnRun]]:
        """All runs of at least `newest` turns, the last ones, if there are as many."""
        limit = newest or _ALL
        while True:
            runs = self._newest_runs(limit)
            ids = json.dumps([run for (run,) in runs])
            turns: dict[_TurnKey, list[_TurnRun]] = {}
            _add_by_turn(turns, self._tx.rows("runs_of_turns_run", ids=ids, **self._where))
            if newest is None or len(turns) >= newest or len(runs) < limit:
                return turns
            # Some turns took more than one run.
            limit *= 2

    def _newest_runs(self, limit: int) -> list[tuple[int]]:
        """The ids of at most so many runs, the newest first."""
        if limit != _ALL:
            nearby = min(_NEARBY * limit, MAX_INTEGER)
            found = self._tx.rows("newest_runs_nearby", limit=limit, nearby=nearby, **self._where)
            if len(found) == limit:
                return found
        return self._tx.rows("newest_runs", limit=limit, **self._where)

    def _row(self, first: _TurnRun, money: Money, timing: Timing) -> UsageRow:
        branch, turn, anchor = first.turn
        branch = values.shown(branch)
        # A session that has not begun has no deleted branches.
        is_deleted = bool(self._branch_names) and branch not in self._branch_names
        return UsageRow(
            self._session_id,
            branch,
            is_deleted or (anchor is not None and not first.is_there),
            values.whole(turn),
            _asked(first),
            first.run.model,
            1,
            first.run.tokens,
            first.status,
            first.written,
            money,
            timing,
        )


def _add_by_turn(turns: dict[_TurnKey, list[_TurnRun]], rows: Iterable[Sequence[Any]]) -> None:
    for row in rows:
        run = _TurnRun.from_row(row)
        turns.setdefault(run.turn, []).append(run)


def _by_status(
    runs: Iterable[tuple[_TurnRun, Money]],
) -> dict[str, list[tuple[_TurnRun, Money]]]:
    found: dict[str, list[tuple[_TurnRun, Money]]] = {}
    for run in runs:
        found.setdefault(run[0].status, []).append(run)
    return found


def _asked(run: _TurnRun) -> str | None:
    """The question of a run's turn, stored or pending; None if it has been deleted."""
    if run.is_there:
        return _text(run.data)
    return None if run.question is None else _text_of_question(run.question)


def _text(data: bytes | None) -> str:
    try:
        return text_of(decode(data))
    except ValueError:
        return ""


def _text_of_question(data: bytes) -> str:
    try:
        return text_of(decode(data)[0])
    except (ValueError, LookupError, TypeError):
        return ""
