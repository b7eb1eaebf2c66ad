"""Lists of prices."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from convo.storage.values import MAX_INTEGER
from convo.usage.prices import CURRENCY, Origin
from convo.usage.rates import EVER, WHOLE_DAY, Rate
from convo_cli.render.data import usage_shapes
from convo_cli.render.data.rows import Row
from convo_cli.render.listings import Listing
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import one_line
from convo_cli.turn.redact import without_credentials

PRICE_KEYS = tuple(usage_shapes.PRICE)
_KINDS = PRICE_KEYS[8:]


class PricedModel(NamedTuple):
    """A model with its rates, none if they are unknown; `override` is the user's own pattern."""

    model: str
    base_url: str | None
    rates: tuple[Rate, ...]
    override: str | None


def prices(found: Sequence[PricedModel], origin: Origin) -> Listing:
    """The prices of models: a row for each span of time and length of the request."""

    def rows() -> list[Row]:
        return [_row(one, rate) for one in found for rate in one.rates or (None,)]

    def document() -> Row:
        return {"rows": rows(), "currency": CURRENCY, "prices": dict(origin._asdict())}

    def grid() -> Grid:
        columns = [
            Column("model", weight=2, wraps=True),
            Column("server", weight=1, wraps=True),
            Column("for"),
            *(Column(kind.replace("_", " "), numeric=True) for kind in _KINDS),
        ]
        lines = [
            [one_line(one.model), one_line(_host(one.base_url)), *_cells(one, rate)]
            for one in found
            for rate in one.rates or (None,)
        ]
        return Grid(columns, lines).without_empty(*(column.title for column in columns[1:]))

    return Listing(PRICE_KEYS, rows, grid, document)


def _address(url: str | None) -> str | None:
    return None if url is None else without_credentials(url)


def _host(url: str | None) -> str:
    """The server without the path of its API."""
    return (url or "").partition("://")[2].partition("/")[0].rpartition("@")[2]


def _row(one: PricedModel, rate: Rate | None) -> Row:
    if rate is None:
        return {**dict.fromkeys(PRICE_KEYS), "model": one.model, "base_url": _address(one.base_url)}
    clock = (rate.clock_since, rate.clock_until)
    return {
        "model": one.model,
        "base_url": _address(one.base_url),
        "override": one.override,
        "since": rate.since or None,
        "until": rate.until if rate.until != EVER[1] else None,
        "clock_since": clock[0] if clock != WHOLE_DAY else None,
        "clock_until": clock[1] if clock != WHOLE_DAY else None,
        "above": rate.above if rate.above >= 0 else None,
        **{kind: getattr(rate, kind) for kind in _KINDS},
    }


def _cells(one: PricedModel, rate: Rate | None) -> Iterator[str]:
    if rate is None:
        yield from ["not known", *[""] * len(_KINDS)]
        return
    yield _in_words(one, rate)
    for kind in _KINDS:
        price = getattr(rate, kind)
        yield "" if price is None or (kind == "request" and not price) else f"{price:g}"


def _in_words(one: PricedModel, rate: Rate) -> str:
    """What a rate is for."""
    if one.override is not None:
        return f"[prices.{one.override}]"
    words = []
    if rate.since:
        words.append(f"from {rate.since[:10]}")
    if rate.until != EVER[1]:
        words.append(f"until {rate.until[:10]}")
    if (rate.clock_since, rate.clock_until) != WHOLE_DAY:
        words.append(f"{rate.clock_since[:5]}-{rate.clock_until[:5]} UTC")
    if rate.above >= 0:
        words.append(f"over {rate.above:,} tokens")
    elif rate.up_to != MAX_INTEGER:
        words.append(f"up to {rate.up_to:,} tokens")
    return ", ".join(words)
