"""The tokens of single runs, and of a turn's runs together."""

from collections.abc import Sequence
from typing import NamedTuple

from convo.items.encoding import decode
from convo.storage import values
from convo.storage.transaction import Transaction
from convo.usage_records import Tokens


class Run(NamedTuple):
    """The usage of a run, and its model."""

    model: str | None
    tokens: Tokens


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


def by_branch(tx: Transaction, session_id: str) -> dict[str, Tokens]:
    """The tokens that were spent on each branch of a session, also on deleted ones."""
    spent: dict[str, Tokens] = {}
    for branch_id, estimated, *counts in tx.rows("tokens_of_branches", session_id=session_id):
        spent[branch_id] = spent.get(branch_id, Tokens()) + Tokens.from_row(counts, estimated)
    return spent


def tokens_of_last_request(entries: bytes | None) -> int | None:
    """The input and output tokens of a run's last request; None if they are not known."""
    try:
        found = decode(entries)[-1]["total_tokens"]
    except (ValueError, LookupError, TypeError):
        return None
    return found if type(found) is int and found > 0 else None
