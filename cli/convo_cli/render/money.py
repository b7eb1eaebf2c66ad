"""Amounts of US dollars, and where the prices come from."""

from collections.abc import Sequence

from convo.usage.prices import Origin
from convo_cli.render.terminal.text import counted, one_line

_LEAST = 0.0001
_MODELS = 3


def dollars(cost: float) -> str:
    """An amount with a sensible precision: $0.0031, $1.27."""
    if 0 < cost < _LEAST:
        return f"<${_LEAST}"
    return f"${cost:.4f}" if 0 < cost < 0.1 else f"${cost:,.2f}"


def in_column(cost: float | None) -> str:
    """An amount for a column of dollars, blank if it is not known."""
    if cost is None:
        return ""
    if not cost:
        return "0"
    return f"<{_LEAST}" if cost < _LEAST else f"{cost:,.4f}"


def origin_in_words(origin: Origin) -> str:
    """Where prices come from: genai-prices 0.2.3, with changes up to 2026-11-18."""
    if origin.fetched is not None:
        return f"fetched on {origin.fetched[:10]}"
    newest = f", with changes up to {origin.newest}" if origin.newest else ""
    return f"of genai-prices {origin.version}{newest}"


def without_price(models: Sequence[tuple[str | None, int]]) -> str:
    """How many runs have no price, with the models of most of them."""
    runs = sum(count for _, count in models)
    named = [one_line(model or "an unknown model") for model, _ in models[:_MODELS]]
    more = f" and {len(models) - _MODELS:,} more" if len(models) > _MODELS else ""
    have = "has" if runs == 1 else "have"
    return f"{counted(runs, 'run')} {have} no price: {', '.join(named)}{more}"
