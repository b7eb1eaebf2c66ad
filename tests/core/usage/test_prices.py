"""What is known of models, as genai-prices has it."""

from __future__ import annotations

import subprocess
import sys

from convo.usage.prices import NOTHING_KNOWN, facts_of


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
