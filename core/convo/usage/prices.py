"""What models cost and how much they take, as genai-prices knows it, which is loaded for it."""

from datetime import UTC, datetime
from typing import Any, NamedTuple


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


def _price(price: Any) -> float | None:
    """The price without its tiers."""
    base = getattr(price, "base", price)
    return None if base is None else float(base)
