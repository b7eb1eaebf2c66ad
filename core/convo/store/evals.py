"""The store's methods for evals: runs of a set of cases, and what came of each attempt."""

import json
from typing import TYPE_CHECKING, Any, cast, get_args

from convo.branches import branches
from convo.errors import EvalNotFoundError
from convo.names import KEPT
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER, iso_utc, list_of, real, shown, text, whole
from convo.store import catalog
from convo.store.base import OpenedStore
from convo.usage_records import Tokens

if TYPE_CHECKING:
    from convo.eval_records import CheckResult, EvalResult, EvalRun


class Evals(OpenedStore):
    """Enter, list and read evals. Their records are imported when one is read."""

    async def begin_eval(
        self,
        name: str,
        *,
        path: str | None,
        digest: str,
        choices: list[str],
        cases: int,
        repeat: int,
    ) -> "EvalRun":
        """Enter a new run, with a session for its branches; the current session stays current."""

        def begin(tx: Transaction) -> "EvalRun":
            session_id = catalog.start(tx, f"eval-{name}", unique=True, switch=False)
            entered = tx.value(
                "enter_eval",
                set_name=name,
                path=path,
                digest=digest,
                session_id=session_id,
                choices=json.dumps(choices),
                cases=cases,
                repeats=repeat,
            )
            return _one(tx, entered)

        return await self._write(None, begin)

    async def begin_branches(self, session_id: str, stems: list[str]) -> list[str]:
        """Make branches that begin with the session itself; return their names.

        Each name is a stem, or is made from it if that was used.
        """

        def begin(tx: Transaction) -> list[str]:
            catalog.require(tx, session_id)
            return [branches.begin(tx, session_id, stem) for stem in stems]

        return await self._write(session_id, begin)

    async def enter_eval_result(self, run: int, result: "EvalResult") -> None:
        """Record what came of an attempt."""
        values = _values(result)
        await self._write(None, lambda tx: tx.execute("enter_eval_result", eval_id=run, **values))

    async def end_eval(self, run: int) -> "EvalRun":
        """Note that every attempt of a run has been made."""

        def end(tx: Transaction) -> "EvalRun":
            tx.execute("end_eval", id=run)
            return _one(tx, run)

        return await self._write(None, end)

    async def evals(self, newest: int | None = None) -> "list[EvalRun]":
        """All runs, or only the newest ones; the newest first."""
        return await self._look(lambda tx: _listed(tx, None, newest))

    async def eval_run(self, run: int) -> "EvalRun":
        """One run. Raises `EvalNotFoundError`."""
        return await self._look(lambda tx: _one(tx, run))

    async def eval_results(self, run: int) -> "list[EvalResult]":
        """What came of the attempts of a run, by case, choice and attempt.

        Raises `EvalNotFoundError`.
        """

        def read(tx: Transaction) -> "list[EvalResult]":
            _one(tx, run)
            return [_result(row) for row in tx.rows("eval_results", id=run)]

        return await self._look(read)


def _one(tx: Transaction, run: int) -> "EvalRun":
    if abs(run) <= MAX_INTEGER:
        for found in _listed(tx, run, None):
            return found
    newest = _listed(tx, None, 1)
    raise EvalNotFoundError(
        f"there is no eval {run}",
        hint=f"the newest is {newest[0].run}" if newest else "`convo eval SET` makes the first",
    )


def _listed(tx: Transaction, run: int | None, newest: int | None) -> "list[EvalRun]":
    limit = MAX_INTEGER if newest is None else newest
    return [_run(row) for row in tx.rows("list_evals", id=run, limit=limit)]


def _run(row: Any) -> "EvalRun":
    from convo.eval_records import EvalRun

    number, name, path, digest, session_id, choices, cases, repeats, done, passed, errors = row[:11]
    try:
        names = list_of(str, choices)
    except (TypeError, ValueError, RecursionError):
        names = []
    return EvalRun(
        number,
        shown(name),
        text(path),
        shown(digest),
        _session(session_id),
        tuple(names),
        whole(cases) or 0,
        whole(repeats) or 0,
        done,
        passed,
        errors,
        iso_utc(row[11]),
        None if row[12] is None else iso_utc(row[12]),
    )


def _result(row: Any) -> "EvalResult":
    from convo.eval_records import EvalResult, EvalState

    position, case, digest, choice, attempt, state, session_id, branch_id, turn = row[:9]
    checks, message, cost, judge_cost, seconds, estimated, *counts = row[9:]
    return EvalResult(
        position=whole(position) or 0,
        case=shown(case),
        digest=shown(digest),
        choice=shown(choice),
        attempt=whole(attempt) or 0,
        state=cast("EvalState", state if state in get_args(EvalState) else "error"),
        session_id=_session(session_id),
        branch_id=text(branch_id) if _session(session_id) else None,
        turn=whole(turn) if _session(session_id) else None,
        checks=tuple(_checks(checks)),
        message=text(message),
        tokens=Tokens.from_row(counts, whole(estimated) or 0),
        cost=real(cost),
        judge_cost=real(judge_cost),
        seconds=real(seconds) or 0.0,
    )


def _session(found: object) -> str | None:
    """The session of a row; None if it has been deleted."""
    name = text(found)
    return None if name is None or name.startswith(KEPT) else name


def _checks(data: object) -> "list[CheckResult]":
    """The checks as stored: others may have written anything there."""
    from convo.eval_records import CheckResult

    try:
        found = list_of(dict, data if isinstance(data, str) else "[]")
    except (ValueError, RecursionError):
        return []
    return [
        CheckResult(
            shown(one.get("kind")),
            one["passed"] if isinstance(one.get("passed"), bool) else None,
            shown(one.get("reason", "")),
        )
        for one in found
    ]


def _values(result: "EvalResult") -> dict[str, Any]:
    return {
        "position": result.position,
        "choice": result.choice,
        "attempt": result.attempt,
        "case_name": result.case,
        "digest": result.digest,
        "state": result.state,
        "session_id": result.session_id,
        "branch_id": result.branch_id,
        "turn": result.turn,
        "checks": json.dumps([one._asdict() for one in result.checks]),
        "message": result.message,
        "cost": result.cost,
        "judge_cost": result.judge_cost,
        "duration_s": result.seconds,
        **result.tokens._asdict(),
    }
