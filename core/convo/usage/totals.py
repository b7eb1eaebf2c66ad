"""Usage totals from the ledger, by branch or by turn, including deleted ones."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from convo.items.encoding import decode, text_of
from convo.storage import values
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER
from convo.usage_records import COMPLETED, Tokens, UsageRow


class Run(NamedTuple):
    """The usage of a run, and its model."""

    model: str | None
    tokens: Tokens


class _TurnKey(NamedTuple):
    """A turn with usage: its branch, its number, and the row that began it."""

    branch_id: str
    turn: int
    anchor: int | None


class _TurnRun(NamedTuple):
    """A run of a turn, and the turn's question.

    `is_there` is whether the turn exists; `data` is its message, or `question` that of a pending
    turn.
    """

    turn: _TurnKey
    is_there: bool
    data: bytes | None
    status: str
    question: bytes | None
    run: Run

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> "_TurnRun":
        """The run in a row of the ledger, or of the SDK's table."""
        branch_id, turn, anchor, is_there, data, status, question, *spent = row
        key = _TurnKey(branch_id, turn, anchor)
        return cls(key, bool(is_there), data, status, question, run_of(*spent))


class _BranchCost(NamedTuple):
    """The usage of a branch by status; `foreign` counts turns that only the SDK stored."""

    branch_id: str
    status: str
    turns: int
    run: Run
    foreign: int

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> "_BranchCost":
        """The totals in a row."""
        branch_id, status, turns, *spent, foreign = row
        return cls(branch_id, status, turns, run_of(*spent), foreign)


_ALL = MAX_INTEGER
"""As a limit, this means no limit."""


class UsageTotals:
    """The usage of a session, or of one branch of it, in one transaction.

    `branch_names` are the names of the session's existing branches.
    """

    def __init__(
        self,
        tx: Transaction,
        session_id: str,
        branch_names: Collection[str],
        branch_id: str | None = None,
    ) -> None:
        self._tx = tx
        self._session_id = session_id
        self._where = {"session_id": session_id, "branch_id": branch_id}
        self._branch_id = branch_id
        self._branch_names = set(branch_names)
        rows = tx.rows("spent_by_branch", **self._where)
        self._by_branch = [_BranchCost.from_row(row) for row in rows]

    def by_branch(self) -> list[UsageRow]:
        """A row for each branch and status, in the order of the branches' first runs."""
        return [
            self._row(
                cost.branch_id,
                turns=cost.turns,
                model=cost.run.model,
                tokens=cost.run.tokens,
                status=cost.status,
            )
            for cost in self._by_branch
        ]

    def by_status(self) -> list[UsageRow]:
        """A row for completed runs, and rows for failed and interrupted ones if there are any."""
        rows = self.by_branch()
        found = dict.fromkeys([COMPLETED, *sorted({str(row.status) for row in rows})])
        return [
            self._sum([row for row in rows if row.status == status], status) for status in found
        ]

    def in_total(self) -> UsageRow:
        """The total, with the number of completed turns."""
        rows = self.by_branch()
        statuses = {row.status for row in rows} or {COMPLETED}
        total = self._sum(rows, statuses.pop() if len(statuses) == 1 else None)
        return total._replace(turns=sum(row.turns for row in rows if row.status == COMPLETED))

    def by_turn(self, newest: int | None = None) -> list[UsageRow]:
        """The usage of each turn, in the order in which the turns began: a row for each status.

        Turns that only the SDK stored come last. With `newest`, only that many of the turns that
        were run last.
        """
        turns = self._turns_of_the_ledger(newest)
        if any(cost.foreign for cost in self._by_branch):
            rows = self._tx.rows("newest_foreign", limit=newest or _ALL, **self._where)
            _add_by_turn(turns, rows)
        wanted = list(turns.items())[-newest:] if newest else turns.items()
        return [
            self._row(
                key.branch_id,
                turn=key.turn,
                text=_asked(runs[0]),
                model=model_of([one.run for one in runs]),
                tokens=tokens_of([one.run for one in runs]),
                status=status,
            )
            for key, of_turn in wanted
            for status, runs in _by_status(of_turn).items()
        ]

    def _turns_of_the_ledger(self, newest: int | None) -> dict[_TurnKey, list[_TurnRun]]:
        """All runs of at least `newest` turns, the last ones, if there are as many."""
        limit = newest or _ALL
        while True:
            rows = self._tx.rows("runs_of_newest_turns", limit=limit, **self._where)
            turns: dict[_TurnKey, list[_TurnRun]] = {}
            _add_by_turn(turns, rows)
            if newest is None or len(turns) >= newest or len(rows) < limit:
                return turns
            # Some turns took more than one run.
            limit *= 2

    def _sum(self, rows: Sequence[UsageRow], status: str | None) -> UsageRow:
        models = {row.model for row in rows}
        return self._row(
            self._branch_id,
            turns=sum(row.turns for row in rows),
            model=models.pop() if len(models) == 1 else None,
            tokens=sum((row.tokens for row in rows), Tokens()),
            status=status,
        )

    def _row(
        self,
        branch: str | None,
        *,
        model: str | None,
        tokens: Tokens,
        turn: int | None = None,
        text: str | None = None,
        turns: int = 1,
        status: str | None = COMPLETED,
    ) -> UsageRow:
        if branch is not None and values.text(branch) is None:
            # Usage counts even if the branch's name is damaged.
            branch = repr(branch)
        # A session that has not begun has no deleted branches.
        deleted = (
            bool(self._branch_names) and branch is not None and branch not in self._branch_names
        )
        turn, model = values.whole(turn), values.text(model)
        return UsageRow(self._session_id, branch, deleted, turn, text, model, turns, tokens, status)


def _add_by_turn(turns: dict[_TurnKey, list[_TurnRun]], rows: Iterable[Sequence[Any]]) -> None:
    for row in rows:
        run = _TurnRun.from_row(row)
        turns.setdefault(run.turn, []).append(run)


def _by_status(runs: Sequence[_TurnRun]) -> dict[str, list[_TurnRun]]:
    found: dict[str, list[_TurnRun]] = {}
    for run in runs:
        found.setdefault(run.status, []).append(run)
    return found


def _asked(run: _TurnRun) -> str | None:
    """The question of a run's turn, stored or pending; None if it has been deleted."""
    if run.is_there:
        return _text(run.data)
    return None if run.question is None else _text_of_question(run.question)


def run_of(model: object, estimated: int, *counts: int) -> Run:
    """The run in a row: its model, `estimated`, and the six counts of `Tokens`."""
    return Run(values.text(model), Tokens.from_row(counts, estimated))


def model_of(runs: Sequence[Run]) -> str | None:
    """The model of a turn's runs; None if it is not known, or there is more than one."""
    if len(runs) == 1:
        return runs[0].model
    models = {run.model for run in runs} - {None}
    return models.pop() if len(models) == 1 else None


def tokens_of(runs: Sequence[Run]) -> Tokens:
    """The total tokens of a turn's runs."""
    first, *more = (run.tokens for run in runs)
    return sum(more, first)


def tokens_of_last_request(entries: bytes | None) -> int | None:
    """The input and output tokens of a run's last request; None if they are not known."""
    try:
        found = decode(entries)[-1]["total_tokens"]
    except (ValueError, LookupError, TypeError):
        return None
    return found if type(found) is int and found > 0 else None


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
