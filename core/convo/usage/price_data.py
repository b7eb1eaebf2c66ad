"""Looks models up in genai-prices: its own data, or newer data that the user has fetched.

The package is slow to load, so `convo.usage.prices` asks here only for models that it has not
asked for before. Fetched data is checked before anything of it is used.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from convo.storage.values import MAX_INTEGER
from convo.usage.rates import EVER, WHOLE_DAY, Known, Rate, from_json

LARGEST = 16_000_000
"""The largest file of prices, in bytes."""

_MOST_VALUES = 300_000
"""Values in a file of prices. Its parser needs more than a kilobyte for each that is wrong."""

_NESTED_REPEAT = re.compile(r"[*+}]\??\)(?:[*+]|\{\d+,)|\([^()]*\|[^()]*\)(?:[*+]|\{\d+,)")
"""A repetition of a repetition or of alternatives, which may take for ever."""

_THROUGH = ("litellm", "any-llm")
"""What the name of a model begins with if a library asks its maker: litellm/anthropic/claude-…"""

_TAG = re.compile(r":(latest|[0-9.]+[bm])\b", re.IGNORECASE)
"""What the names of models on the user's own machine end with: deepseek-r1:14b."""

_LONGEST_PATTERN = 500
_KINDS = {
    "cached": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
    "audio_input": "input_audio_mtok",
    "cached_audio": "cache_audio_read_mtok",
    "reasoning": "output_reasoning_mtok",
    "audio_output": "output_audio_mtok",
}


class FetchedPricesError(ValueError):
    """A file of fetched prices cannot be used."""


class PriceData:
    """The models of genai-prices, from its own data or from a fetched file."""

    def __init__(self, fetched: Path | None = None) -> None:
        from genai_prices import data_snapshot

        if fetched is None:
            self._snapshot = data_snapshot.get_snapshot()
        else:
            providers = _providers(fetched.read_bytes())
            self._snapshot = data_snapshot.DataSnapshot(providers, from_auto_update=True)
        self.version = version("genai-prices")

    def known(self, model: str, url: str | None) -> Known:
        """The rates and the window of a model at a server; without a server, at its maker."""
        provider, found = self._found(model, url)
        if found is None:
            return Known(maker=provider)
        return Known(tuple(_rates(found)), found.context_window, provider)

    @cached_property
    def newest(self) -> str | None:
        """The last day, up to today, on which a price changed; None if no price has a day."""
        today = datetime.now(UTC).date()
        days = (
            constraint.start_date
            for provider in self._snapshot.providers
            for model in provider.models
            for constraint in _constraints(model, "start_date")
        )
        found = max((day for day in days if day <= today), default=None)
        return None if found is None else found.isoformat()

    def _found(self, model: str, url: str | None) -> tuple[str | None, Any]:
        """The name of the provider, and the model; None for what is unknown."""
        prefix, slash, rest = model.partition("/")
        through = prefix if slash and prefix in _THROUGH else None
        try:
            if url is None and through is not None:
                provider = self._snapshot.find_provider(None, rest.partition("/")[0], None)
                model = rest.partition("/")[2]
            elif url is None and _TAG.search(model):
                return None, None
            elif url is None:
                provider = self._snapshot.find_provider(model, None, None)
            else:
                provider = self._snapshot.find_provider(None, None, _plain(url))
                if not _is_at_host(provider.api_pattern, _plain(url)):
                    return None, None
            found = provider.find_model(model, all_providers=self._snapshot.providers)
        except LookupError:
            return None, None
        return provider.id, found


def _plain(url: str) -> str:
    """A URL without a user's name, which could look like a host. Raises LookupError."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise LookupError from error
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2].lower()))


def _is_at_host(pattern: str, url: str) -> bool:
    """Whether a provider's pattern matches the whole host of a URL, and not its path instead.

    Some patterns match names such as api.openai.com.proxy.example, or a provider's name in a path.
    """
    parts = urlsplit(url)
    found = re.match(pattern, url)
    host_ends = len(f"{parts.scheme}://{parts.hostname}")
    elsewhere = urlunsplit(parts._replace(netloc="elsewhere"))
    if found is None or re.match(pattern, elsewhere):
        return False
    return found.end() >= host_ends or found[0].endswith(".")


def checked(data: bytes) -> int:
    """Check fetched prices; returns the number of models. Raises `FetchedPricesError`."""
    return sum(len(provider.models) for provider in _providers(data))


def _providers(data: bytes) -> list[Any]:
    if len(data) > LARGEST:
        raise FetchedPricesError(f"it has more than {LARGEST:,} bytes")
    if data.count(b",") + data.count(b"[") + data.count(b"{") > _MOST_VALUES:
        raise FetchedPricesError(f"it has more than {_MOST_VALUES:,} values")
    import warnings

    # Only this private function reads the format that the package's own update fetches.
    from genai_prices.types import _providers_from_raw

    try:
        raw = json.loads(data)
        if not isinstance(raw, list) or not raw:
            raise FetchedPricesError("it is not a list of providers")
        for pattern in _patterns(raw):
            if len(pattern) > _LONGEST_PATTERN or _NESTED_REPEAT.search(pattern):
                raise FetchedPricesError("it has a pattern that could take for ever to match")
            re.compile(pattern)
        with warnings.catch_warnings():
            # Units of newer data that this release does not know.
            warnings.simplefilter("ignore")
            providers = _providers_from_raw(raw)
        for provider in providers:
            for model in provider.models:
                from_json([list(rate) for rate in _rates(model)])
                model.is_match("a-model")
        return list(providers)
    except FetchedPricesError:
        raise
    except Exception as error:  # noqa: BLE001  its parser raises anything
        said = str(error).split("\n", 1)[0]
        raise FetchedPricesError(f"it is not a list of prices: {said[:200]}") from None


def _patterns(raw: Any) -> Iterator[str]:
    """All regular expressions in fetched data."""
    waiting = [raw]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            for name, inside in value.items():
                if name in {"regex", "api_pattern"} and isinstance(inside, str):
                    yield inside
                else:
                    waiting.append(inside)


def _rates(model: Any) -> Iterator[Rate]:
    """The rates of a model: one for each span of days, time of day and length of the request."""
    speaks = "-audio" in model.id
    for since, until in pairwise([EVER[0], *_days(model), EVER[1]]):
        for clock_since, clock_until in pairwise([WHOLE_DAY[0], *_times(model), WHOLE_DAY[1]]):
            # Of a span without a beginning any earlier day will do.
            day = since[:10] or _day_before(until)
            prices = model.get_prices(datetime.fromisoformat(f"{day}T{clock_since}+00:00"))
            if _base(prices.input_mtok) is None or _base(prices.output_mtok) is None:
                continue
            if speaks and (prices.input_audio_mtok is None or prices.output_audio_mtok is None):
                # Audio costs many times what text does: the price of text would be a guess.
                continue
            for above, up_to in pairwise([-1, *_tiers(prices), MAX_INTEGER]):
                kinds = {kind: _price(getattr(prices, key), above) for kind, key in _KINDS.items()}
                yield Rate(
                    since,
                    until,
                    clock_since,
                    clock_until,
                    above,
                    up_to,
                    input=_price(prices.input_mtok, above) or 0,
                    output=_price(prices.output_mtok, above) or 0,
                    request=(_price(prices.requests_kcount, above) or 0) / 1000,
                    **kinds,
                )


def _constraints(model: Any, name: str) -> Iterator[Any]:
    prices = model.prices if isinstance(model.prices, list) else []
    return (one.constraint for one in prices if hasattr(one.constraint, name))


def _days(model: Any) -> list[str]:
    """The beginnings of the days on which prices change, in order."""
    days = {constraint.start_date for constraint in _constraints(model, "start_date")}
    return [f"{day.isoformat()} 00:00:00" for day in sorted(days)]


def _times(model: Any) -> list[str]:
    """The UTC times of day at which prices change, in order, without midnight."""
    found: set[str] = set()
    for constraint in _constraints(model, "start_time"):
        found |= {_utc(constraint.start_time), _utc(constraint.end_time)}
    return sorted(found - {WHOLE_DAY[0]})


def _utc(clock: time) -> str:
    moment = datetime.combine(datetime(2000, 1, 2, tzinfo=UTC), clock)
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%H:%M:%S")


def _day_before(until: str) -> str:
    if until == EVER[1]:
        return "2000-01-01"
    return (datetime.fromisoformat(until) - timedelta(days=1)).strftime("%Y-%m-%d")


def _tiers(prices: Any) -> list[int]:
    """The lengths of a request above which prices change, in order."""
    tiered = (price for price in vars(prices).values() if hasattr(price, "tiers"))
    return sorted({tier.start for price in tiered for tier in price.tiers})


def _price(price: Any, above: int) -> float | None:
    """The price for requests of more input tokens than that."""
    if price is None:
        return None
    tiers = [tier for tier in getattr(price, "tiers", ()) if tier.start <= above]
    return float(tiers[-1].price) if tiers else _base(price)


def _base(price: Any) -> float | None:
    """The price without its tiers."""
    base = getattr(price, "base", price)
    return None if base is None else float(base)
