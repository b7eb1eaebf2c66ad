"""What tokens cost, where the price is known."""

from pathlib import Path

import pytest

from convo import ConversationStore
from convo.records import Tokens
from convo.usage.costs import cost_of
from tests.core.talk import run, turn

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


async def test_a_session_by_model_and_the_last_request_of_a_turn(tmp_path: Path) -> None:
    async with ConversationStore(tmp_path / "a.db", create=True) as store:
        await store.start_session("talk")
        entries = [{"total_tokens": 3}, {"total_tokens": 5}]
        first = run(8)._replace(model="a", request_entries=entries)
        await store.record_turn("talk", "main", turn("q1"), first)
        await store.record_turn("talk", "main", turn("q2"), run(1)._replace(model="b"))
        await store.record_turn("talk", "main", turn("q3"), run(2)._replace(model="b"))
        spent = {model: tokens.total_tokens for model, tokens in await store.usage_by_model("talk")}
        assert spent == {"a": 8, "b": 3}
        assert await store.last_request("talk", "main", 1) == 5
        assert await store.last_request("talk", "main", 2) is None
        assert await store.last_request("talk", "main", 9) is None
