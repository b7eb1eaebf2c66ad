"""What is known of models, as genai-prices has it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from convo.usage.prices import NOTHING_KNOWN, cost_of, facts_of
from convo.usage_records import Tokens


def test_a_model_that_is_known_has_a_price_and_a_context() -> None:
    facts = facts_of("gpt-4o-mini", "https://api.openai.com/v1")
    assert facts.input_price is not None
    assert facts.output_price is not None
    assert 0 < facts.input_price < facts.output_price < 10
    assert facts.context_window == 128_000


def test_a_router_has_prices_of_its_own() -> None:
    assert facts_of("anthropic/claude-sonnet-4", "https://openrouter.ai/api/v1").input_price


def test_nothing_is_known_of_other_servers_and_other_models() -> None:
    assert facts_of("gpt-4o-mini", "http://127.0.0.1:11434/v1") == NOTHING_KNOWN
    assert facts_of("my-own-model", "https://api.openai.com/v1") == NOTHING_KNOWN


def test_the_prices_are_loaded_when_they_are_asked_for() -> None:
    code = "import sys, convo.usage.prices; print('genai_prices' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


OPENAI = "https://api.openai.com/v1"


def test_cached_tokens_cost_what_they_cost() -> None:
    whole = cost_of(Tokens(1, 10_000, 0, 1_000, 0, 11_000), "gpt-5-mini", OPENAI)
    cached = cost_of(Tokens(1, 10_000, 8_000, 1_000, 0, 11_000), "gpt-5-mini", OPENAI)
    assert whole is not None
    assert cached is not None
    assert 0 < cached < whole


@pytest.mark.parametrize(
    ("tokens", "model", "url"),
    [
        (Tokens(1, 10, 0, 1, 0, 11), "gpt-5-mini", "http://127.0.0.1:11434/v1"),
        (Tokens(1, 10, 0, 1, 0, 11), "no-such-model", OPENAI),
        (Tokens(1, 10, 0, 1, 0, 11, estimated=True), "gpt-5-mini", OPENAI),
        (Tokens(1), "gpt-5-mini", OPENAI),
        # A server that counts more cached tokens than it was sent.
        (Tokens(1, 10, 99, 1, 0, 11), "gpt-5-mini", OPENAI),
    ],
)
def test_what_is_not_known_has_no_price(tokens: Tokens, model: str, url: str) -> None:
    assert cost_of(tokens, model, url) is None
