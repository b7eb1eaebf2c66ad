"""Prices and context windows of models, from genai-prices, which is imported when needed."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from convo.usage_records import Tokens


class ModelFacts(NamedTuple):
    """The known facts of a model; None for unknown ones.

    `context_window` is in tokens. The prices are in US dollars per million tokens; of prices that
    depend on the length of the request, each is the lowest tier.
    """

    context_window: int | None = None
    input_price: float | None = None
    output_price: float | None = None


NOTHING_KNOWN = ModelFacts()


def facts_of(model: str, url: str) -> ModelFacts:
    """The facts of a model at the server with this URL; all None if the server is unknown."""
    from genai_prices.data_snapshot import get_snapshot

    snapshot = get_snapshot()
    try:
        provider = snapshot.find_provider(None, None, url)
        found = provider.find_model(model, all_providers=snapshot.providers)
    except LookupError:
        return NOTHING_KNOWN
    if found is None:
        return NOTHING_KNOWN
    prices = found.get_prices(datetime.now(UTC))
    return ModelFacts(found.context_window, _price(prices.input_mtok), _price(prices.output_mtok))


def cost_of(tokens: Tokens, model: str, url: str) -> float | None:
    """The price of a model's tokens at the server with this URL, in US dollars.

    None if the price or the number of tokens is not known, or if the tokens were estimated.
    """
    if tokens.estimated or tokens.is_unknown:
        return None
    from genai_prices import Usage, calc_price

    usage = Usage(
        input_tokens=tokens.input_tokens,
        cache_read_tokens=tokens.cached_tokens,
        output_tokens=tokens.output_tokens,
    )
    try:
        return float(calc_price(usage, model, provider_api_url=url).total_price)
    except (LookupError, ValueError):
        # It raises an error for contradictory counts, which some servers report.
        return None


def _price(price: Any) -> float | None:
    """The price without its tiers."""
    base = getattr(price, "base", price)
    return None if base is None else float(base)
