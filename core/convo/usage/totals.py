"""What was spent, read off the ledger: by branch, or by turn, what was deleted included."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from convo.items.encoding import decode, text_of
from convo.records import COMPLETED, Tokens, UsageRow
from convo.storage import values
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER


class Run(NamedTuple):
    """What a run cost, and the model that was asked."""

    model: str | None
    tokens: Tokens


class _TurnKey(NamedTuple):
    """A turn that tokens were spent on: its branch, its number, and the row that began it."""

    branch_id: str
    turn: int
    anchor: int | None


class _TurnRun(NamedTuple):
    """A run of a turn, and what asked it.

    `is_there` says whether the turn is; its message is `data`, and `question` that of a turn that
    is pending.
    """

    turn: _TurnKey
    is_there: bool
    data: bytes | None
    status: str
    question: bytes | None
    run: Run

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> "_TurnRun":
        """The run of a row of the ledger, or of what the SDK stored."""
        branch_id, turn, anchor, is_there, data, status, question, *spent = row
        key = _TurnKey(branch_id, turn, anchor)
        return cls(key, bool(is_there), data, status, question, run_of(*spent))


class _BranchCost(NamedTuple):
    """What the runs of a branch cost that ended so; `foreign` counts turns of the SDK's alone."""

    branch_id: str
    status: str
    turns: int
    run: Run
    foreign: int

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> "_BranchCost":
        """The sums of a row."""
        branch_id, status, turns, *spent, foreign = row
        return cls(branch_id, status, turns, run_of(*spent), foreign)


_ALL = MAX_INTEGER
"""As a limit: none."""


class UsageTotals:
    """What a session has spent, or one branch of it, as one transaction sees it.

    `branch_names` are those of the branches that the session has.
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
        """A row for each branch and status, in the order in which the branches first cost."""
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
        """What came to a good end, and what failed or was interrupted where anything did."""
        rows = self.by_branch()
        found = dict.fromkeys([COMPLETED, *sorted({str(row.status) for row in rows})])
        return [
            self._sum([row for row in rows if row.status == status], status) for status in found
        ]

    def in_total(self) -> UsageRow:
        """The sum of all, with the number of the turns that came to a good end."""
        rows = self.by_branch()
        statuses = {row.status for row in rows} or {COMPLETED}
        total = self._sum(rows, statuses.pop() if len(statuses) == 1 else None)
        return total._replace(turns=sum(row.turns for row in rows if row.status == COMPLETED))

    def by_turn(self, newest: int | None = None) -> list[UsageRow]:
        """What each turn cost, in the order in which the turns began: a row for each status.

        What the SDK stored comes at the end, unless a run has entered it. With `newest`, so many
        of those that were run last.
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
        """All runs of at least so many turns, those that were run last, where there are as many."""
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
            # What was spent counts, whatever has become of the branch's name.
            branch = repr(branch)
        # Where there is no session yet, no branch of it was deleted.
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
    """What began the turn of a run: as it is stored, or as it is pending; None where it is gone."""
    if run.is_there:
        return _text(run.data)
    return None if run.question is None else _text_of_question(run.question)


def run_of(model: object, estimated: int, *counts: int) -> Run:
    """A run whose columns are its model, `estimated`, and the six counts of `Tokens`."""
    return Run(values.text(model), Tokens.from_row(counts, estimated))


def model_of(runs: Sequence[Run]) -> str | None:
    """The model of a turn's runs; None where none is known, or more than one was asked."""
    if len(runs) == 1:
        return runs[0].model
    models = {run.model for run in runs} - {None}
    return models.pop() if len(models) == 1 else None


def tokens_of(runs: Sequence[Run]) -> Tokens:
    """What the runs of a turn cost together."""
    first, *more = (run.tokens for run in runs)
    return sum(more, first)


def tokens_of_last_request(entries: bytes | None) -> int | None:
    """What the last of the requests of a run took, in and out; None where that is not known."""
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
