"""What was spent, read off the ledger: by branch, or by turn, what was deleted included."""

from collections.abc import Collection, Sequence
from typing import Any

from convo.items.encoding import decode, text_of
from convo.records import COMPLETED, Tokens, UsageRow
from convo.storage import values
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER

Key = tuple[str, int, int | None]
"""A turn that tokens were spent on: its branch, its number, and the row that began it."""

Run = Sequence[Any]
"""A row of a run, whatever it begins with: its end is the model, `estimated`, and six counts."""

_ALL = MAX_INTEGER
"""As a limit: none."""


class Spending:
    """What a session has spent, or one branch of it, as one transaction sees it.

    `there` are the names of the branches that the session has.
    """

    def __init__(
        self,
        tx: Transaction,
        session_id: str,
        there: Collection[str],
        branch_id: str | None = None,
    ) -> None:
        self._tx = tx
        self._session_id = session_id
        self._where = {"session_id": session_id, "branch_id": branch_id}
        self._branch_id = branch_id
        self._there = set(there)
        self._by_branch = tx.rows("spent_by_branch", **self._where)

    def by_branch(self) -> list[UsageRow]:
        """A row for each branch and status, in the order in which the branches first cost."""
        return [
            self._row(
                branch,
                turns=turns,
                model=model,
                tokens=Tokens.from_row(counts, estimated),
                status=status,
            )
            for branch, status, turns, model, estimated, *counts, _ in self._by_branch
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
        if any(row[-1] for row in self._by_branch):
            foreign = self._tx.rows("newest_foreign", limit=newest or _ALL, **self._where)
            for run in foreign:
                turns.setdefault(run[:3], []).append(run)
        wanted = list(turns.items())[-newest:] if newest else turns.items()
        return [
            self._row(
                branch,
                turn=turn,
                text=_asked(runs[0]),
                model=model_of(runs),
                tokens=tokens_of(runs),
                status=status,
            )
            for (branch, turn, _), of_turn in wanted
            for status, runs in _by_status(of_turn).items()
        ]

    def _turns_of_the_ledger(self, newest: int | None) -> dict[Key, list[Run]]:
        """All runs of at least so many turns, those that were run last, where there are as many."""
        limit = newest or _ALL
        while True:
            runs = self._tx.rows("runs_of_newest_turns", limit=limit, **self._where)
            turns: dict[Key, list[Run]] = {}
            for run in runs:
                turns.setdefault(run[:3], []).append(run)
            if newest is None or len(turns) >= newest or len(runs) < limit:
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
        deleted = bool(self._there) and branch is not None and branch not in self._there
        turn, model = values.whole(turn), values.text(model)
        return UsageRow(self._session_id, branch, deleted, turn, text, model, turns, tokens, status)


def _by_status(runs: Sequence[Run]) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(run[5], []).append(run)
    return found


def _asked(run: Run) -> str | None:
    """What began the turn of a run: as it is stored, or as it is pending; None where it is gone."""
    if run[3]:
        return _text(run[4])
    return None if run[6] is None else _text_of_question(run[6])


def model_of(runs: Sequence[Run]) -> str | None:
    """The model of a turn's runs; None where none is known, or more than one was asked."""
    if len(runs) == 1:
        return values.text(runs[0][-8])
    models = {values.text(run[-8]) for run in runs} - {None}
    return models.pop() if len(models) == 1 else None


def tokens_of(runs: Sequence[Run]) -> Tokens:
    """What the runs of a turn cost together."""
    first, *more = (Tokens.from_row(run[-6:], run[-7]) for run in runs)
    return sum(more, first)


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
