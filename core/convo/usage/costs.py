"""What tokens cost, as genai-prices knows it, which is loaded for it."""

from convo.records import Tokens


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
