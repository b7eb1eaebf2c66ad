"""What models cost and how much they take, as genai-prices knows it, which is loaded for it."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from convo.records import Tokens


class ModelFacts(NamedTuple):
    """What is known of a model; None for what is not.

    `context_window` is in tokens, the prices are in US dollars for a million tokens, each the one
    that holds until more than so many tokens are sent at once.
    """

    context_window: int | None = None
    input_price: float | None = None
    output_price: float | None = None


NOTHING_KNOWN = ModelFacts()


def facts_of(model: str, url: str) -> ModelFacts:
    """What is known of a model at the server with this URL; nothing at one that is unknown."""
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
    """What a model's tokens cost at the server with this URL, in US dollars.

    None where the price is not known, and where the tokens were estimated or nobody counted them.
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
        # It takes counts that contradict each other for a mistake, as servers make them.
        return None


def _price(price: Any) -> float | None:
    """The price without its tiers."""
    base = getattr(price, "base", price)
    return None if base is None else float(base)
