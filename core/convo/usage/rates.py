"""Rates of models, and what the tokens of a run cost by them, in US dollars.

A model may have several rates: prices change on a day, some depend on the time of day, and some on
the length of the request. Statements compute the same sum, in `spending.sql`.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from math import inf
from typing import Any, NamedTuple

from convo.storage.values import MAX_INTEGER
from convo.usage.details import is_number

EVER = ("", "9")
"""The beginning and end of all times, as texts."""

WHOLE_DAY = ("00:00:00", "24")

EVERYWHERE = (*EVER, *WHOLE_DAY, -1, MAX_INTEGER)
"""The bounds of a rate that is for all requests."""

_BOUNDS = len(EVERYWHERE)

MODEL_LENGTH = 300
"""The longest name of a model, in characters, that is looked up."""

_PER_MILLION = 1_000_000


class Rate(NamedTuple):
    """The prices of a model for a time and a length of the request.

    `since` and `until` are UTC times, `clock_since` and `clock_until` UTC times of day; the rate
    is for requests of more than `above` input tokens and at most `up_to`. Prices are for a million
    tokens, and `request` for one request. A kind of token with the price None has no price of its
    own: it costs what all input or all output does.
    """

    since: str
    until: str
    clock_since: str
    clock_until: str
    above: int
    up_to: int
    input: float
    output: float
    cached: float | None = None
    cache_write: float | None = None
    cache_write_1h: float | None = None
    audio_input: float | None = None
    cached_audio: float | None = None
    reasoning: float | None = None
    audio_output: float | None = None
    request: float = 0

    @property
    def is_free(self) -> bool:
        """Whether all prices are 0."""
        return not any(self[_BOUNDS:])

    def is_for(self, at: str | None, length: int) -> bool:
        """Whether the rate is for a request of that length at a time, given as text in UTC."""
        moment = at or ""
        return (
            self.since <= moment < self.until
            and self.clock_since <= (moment[11:] or self.clock_since) < self.clock_until
            and self.above < length <= self.up_to
        )


class Counts(NamedTuple):
    """The tokens of requests by their kinds."""

    input: int = 0
    output: int = 0
    cached: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    audio_input: int = 0
    reasoning: int = 0
    audio_output: int = 0

    @classmethod
    def of_entry(cls, entry: dict[str, Any]) -> "Counts":
        """The counts of a request as its entry in the ledger has them."""
        inputs, outputs = entry.get("input_tokens_details"), entry.get("output_tokens_details")
        return cls(
            _count(entry, "input_tokens"),
            _count(entry, "output_tokens"),
            _count(inputs, "cached_tokens"),
            _count(inputs, "cache_write_tokens"),
            _count(inputs, "cache_write_1h_tokens"),
            _count(inputs, "audio_tokens"),
            _count(outputs, "reasoning_tokens"),
            _count(outputs, "audio_tokens"),
        )

    @classmethod
    def of_row(cls, values: Sequence[Any]) -> "Counts":
        """The counts in a row; a damaged one may hold anything."""
        return cls._make([value if type(value) is int and value >= 0 else 0 for value in values])

    def __add__(self, other: "Counts") -> "Counts":  # type: ignore[override]
        return Counts._make(one + more for one, more in zip(self, other, strict=True))


def cost(rate: Rate, counts: Counts, requests: int = 1) -> float | None:
    """What tokens cost; None if their counts contradict each other, as some servers' do."""
    own = counts._replace(
        cached=counts.cached if rate.cached is not None else 0,
        cache_write=counts.cache_write if rate.cache_write is not None else 0,
        cache_write_1h=counts.cache_write_1h if rate.cache_write_1h is not None else 0,
        audio_input=counts.audio_input if rate.audio_input is not None else 0,
        reasoning=counts.reasoning if rate.reasoning is not None else 0,
        audio_output=counts.audio_output if rate.audio_output is not None else 0,
    )
    plain_input = own.input - own.cached - own.cache_write - own.audio_input
    plain_output = own.output - own.reasoning - own.audio_output
    short_writes = own.cache_write - own.cache_write_1h
    if min(plain_input, plain_output, short_writes) < 0:
        return None
    if rate.cached_audio is not None and own.cached and own.audio_input:
        # Nobody says how much of the audio was cached.
        return None
    return (
        plain_input * rate.input
        + own.cached * (rate.cached or 0)
        + short_writes * (rate.cache_write or 0)
        + own.cache_write_1h * (rate.cache_write_1h or 0)
        + own.audio_input * (rate.audio_input or 0)
        + plain_output * rate.output
        + own.reasoning * (rate.reasoning or 0)
        + own.audio_output * (rate.audio_output or 0)
    ) / _PER_MILLION + requests * rate.request


class Priced(NamedTuple):
    """A model at a server with its rates; `base_url` is None if the server is not known."""

    model: str
    base_url: str | None
    rates: tuple[Rate, ...]

    @property
    def is_simple(self) -> bool:
        """Whether there is at most one rate, which is for all requests."""
        return not self.rates or (len(self.rates) == 1 and self.rates[0][:_BOUNDS] == EVERYWHERE)

    def rate(self, at: str | None, length: int) -> Rate | None:
        """The rate of a request of that length at a time; None if there is none."""
        if self.is_simple:
            return self.rates[0] if self.rates else None
        return next((rate for rate in self.rates if rate.is_for(at, length)), None)


class Known(NamedTuple):
    """A model's rates, none if its prices are unknown, and its window.

    `context_window` is in tokens. `maker` is the provider that was asked about, by the name that
    genai-prices has for it.
    """

    rates: tuple[Rate, ...] = ()
    context_window: int | None = None
    maker: str | None = None

    def now(self) -> Rate | None:
        """The rate of a short request now."""
        at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        return Priced("", None, self.rates).rate(at, 1)


def as_parameter(priced: Iterable[Priced]) -> str:
    """The bounds of the rates of models with several, as JSON for a statement."""
    return json.dumps(
        [
            [number, one.model, one.base_url, *rate[:_BOUNDS]]
            for one in priced
            if not one.is_simple
            for number, rate in enumerate(one.rates)
        ]
    )


def from_json(rows: Any) -> tuple[Rate, ...]:
    """Rates that were stored as lists of values. Raises ValueError if they are anything else."""
    if not isinstance(rows, list):
        raise ValueError("rates are a list")
    return tuple(_rate(row) for row in rows)


def _rate(row: Any) -> Rate:
    if not isinstance(row, list) or len(row) != len(Rate._fields):
        raise ValueError("a rate has the wrong length")
    texts, lengths, prices = row[:4], row[4:6], row[6:]
    optional = [price for price in prices[2:-1] if price is not None]
    whole = all(type(length) is int and -1 <= length <= MAX_INTEGER for length in lengths)
    if not whole or not all(isinstance(text, str) for text in texts):
        raise ValueError("a rate has no bounds")
    if not all(
        is_number(price) and 0 <= price < inf for price in [*prices[:2], prices[-1], *optional]
    ):
        raise ValueError("a rate has no prices")
    return Rate._make(row)


def cost_of_requests(
    priced: Priced, at: str | None, entries: Sequence[Any], counts: Counts
) -> float | None:
    """What the requests of a run cost, each by the rate for its length; `counts` are those of all.

    None if that is not known: an entry is missing, or does not say how many tokens were cached.
    """
    of_each = [Counts.of_entry(entry) for entry in entries if isinstance(entry, dict)]
    rates = [priced.rate(at, one.input) for one in of_each]
    together = sum(of_each, Counts())
    if together.input != counts.input or together.output != counts.output or None in rates:
        return None
    if len(set(rates)) == 1 and rates[0] is not None:
        return cost(rates[0], counts, len(rates))
    if together != counts:
        return None
    costs = [cost(rate, one) for rate, one in zip(rates, of_each, strict=True) if rate is not None]
    known = [one for one in costs if one is not None]
    return sum(known) if len(known) == len(entries) else None


def _count(table: Any, name: str) -> int:
    found = table.get(name) if isinstance(table, dict) else None
    return int(found) if is_number(found) and 0 <= found <= MAX_INTEGER else 0  # type: ignore[operator, arg-type]
