"""Prices the usage of one report: sums of runs that have one rate, and single runs."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from convo.storage import values
from convo.storage.transaction import Transaction
from convo.usage.prices import Model, Prices
from convo.usage.rates import Counts, Priced, Rate, as_parameter, cost, cost_of_requests


class Spent(NamedTuple):
    """Tokens of one model at one server: of several runs with one rate, or of a single run.

    `run_id` is that of a run that has to be priced by itself. `has_no_price` marks tokens that were
    estimated, or that nobody counted.
    """

    model: str | None
    base_url: str | None
    counts: Counts
    requests: int
    rate: Rate | None
    run_id: int | None = None
    has_no_price: bool = False


def models_asked(tx: Transaction, where: Mapping[str, Any]) -> list[Model]:
    """The models that the runs of a session, or of all sessions, asked, with their servers."""
    place = {key: where[key] for key in ("session_id", "branch_id")}
    rows = tx.rows("models_asked", **place)
    return [(model, values.text(url)) for model, url in rows if type(model) is str]


class Pricing:
    """The prices of the models that the runs of a session, or of all sessions, asked."""

    def __init__(self, tx: Transaction, where: Mapping[str, Any], prices: Prices | None) -> None:
        self._tx = tx
        self._where = {key: where[key] for key in ("session_id", "branch_id")}
        self._prices = prices
        self._priced: dict[Model, Priced] = {}
        self.is_known = prices is not None

    def parameter(self) -> str:
        """The bounds of the rates of all models, for the statement that makes groups."""
        if self._prices is not None:
            self._look_up(models_asked(self._tx, self._where))
        return as_parameter(self._priced.values())

    def is_flat(self, model: object, base_url: object) -> bool:
        """Whether all runs of a model have one price for a token, or none."""
        priced = self.of(model, base_url)
        return priced is None or priced.is_simple

    def of(self, model: object, base_url: object) -> Priced | None:
        """A model with its rates; None if there are none."""
        if type(model) is not str or self._prices is None:
            return None
        asked = model, values.text(base_url)
        if asked not in self._priced:
            self._look_up([asked])
        return self._priced[asked]

    def _look_up(self, models: Iterable[Model]) -> None:
        assert self._prices is not None
        for one in self._prices.priced(models):
            self._priced[one.model, one.base_url] = one

    def costs(self, spent: Iterable[Spent]) -> list[float | None]:
        """What each costs; None for what has no price."""
        all_spent = list(spent)
        apart = [one.run_id for one in all_spent if one.run_id is not None and one.requests > 1]
        entries = self._entries(apart) if apart else {}
        return [self._cost(one, entries) for one in all_spent]

    def _cost(self, spent: Spent, entries: Mapping[int, tuple[str | None, Any]]) -> float | None:
        if not spent.requests and not any(spent.counts):
            return 0
        rate = spent.rate
        if rate is None:
            return None
        if rate.is_free:
            return 0
        if spent.has_no_price:
            return None
        if spent.run_id is not None and rate.above >= 0 and spent.requests > 1:
            priced = self.of(spent.model, spent.base_url)
            at, requests = entries.get(spent.run_id, (None, []))
            known = priced is not None and isinstance(requests, list)
            if not known or len(requests) != spent.requests:
                return None
            return cost_of_requests(priced, at, requests, spent.counts)  # type: ignore[arg-type]
        return cost(rate, spent.counts, spent.requests)

    def _entries(self, ids: Iterable[int]) -> dict[int, tuple[str | None, Any]]:
        """The time and the entries of runs."""
        rows = self._tx.rows("requests_of_runs", ids=json.dumps(list(ids)))
        found: dict[int, tuple[str | None, Any]] = {}
        for run_id, at, data in rows:
            try:
                found[run_id] = at, json.loads(data)
            except (ValueError, TypeError, RecursionError):
                continue
        return found
