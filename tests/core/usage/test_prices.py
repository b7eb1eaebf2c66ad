"""What models cost, held against sums made by hand and against genai-prices' own."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from genai_prices import Usage
from genai_prices.data_snapshot import get_snapshot
from hypothesis import given, settings
from hypothesis import strategies as st

from convo.usage.prices import Override, PriceBook
from convo.usage.rates import Counts, Known, cost, cost_of_requests

OPENAI = "https://api.openai.com/v1"
ROUTER = "https://openrouter.ai/api/v1"
LOCAL = "http://127.0.0.1:11434/v1"


class Memory:
    """A kept file in memory."""

    text = ""
    writes = 0

    def read(self) -> bytes:
        return self.text.encode()

    def write(self, text: str) -> None:
        self.text = text
        self.writes += 1


def price(
    model: str, at: str, counts: Counts, url: str | None = None, book: PriceBook | None = None
) -> float | None:
    (priced,) = (book or PriceBook()).priced([(model, url)])
    rate = priced.rate(at, counts.input)
    return None if rate is None else cost(rate, counts)


# Dollars for a million tokens times tokens, as the makers' pages have them.
BY_HAND = [
    # Cached input at a tenth.
    ("gpt-5", "2026-01-01 00:00:00", Counts(10_000, 1_000, cached=8_000, reasoning=600),
     (2_000 * 1.25 + 8_000 * 0.125 + 1_000 * 10) / 1e6),
    # Before and after the price of a model changed.
    ("o3", "2025-06-09 23:59:59", Counts(1_000, 1_000), (1_000 * 10 + 1_000 * 40) / 1e6),
    ("o3", "2025-06-10 00:00:00", Counts(1_000, 1_000), (1_000 * 2 + 1_000 * 8) / 1e6),
    # Writing to the cache for five minutes and for an hour.
    ("claude-sonnet-4-5", "2026-01-01 00:00:00",
     Counts(10_000, 500, cached=6_000, cache_write=3_000, cache_write_1h=1_000),
     (1_000 * 3 + 6_000 * 0.3 + 2_000 * 3.75 + 1_000 * 6 + 500 * 15) / 1e6),
    # All tokens of a request of more than 200,000 cost more.
    ("gemini-2.5-pro", "2026-01-01 00:00:00", Counts(200_000, 100),
     (200_000 * 1.25 + 100 * 10) / 1e6),
    ("gemini-2.5-pro", "2026-01-01 00:00:00", Counts(200_001, 100),
     (200_001 * 2.5 + 100 * 15) / 1e6),
    # By night in Europe it is cheaper.
    ("deepseek-chat", "2025-03-01 12:00:00", Counts(1_000, 1_000, cached=400),
     (600 * 0.27 + 400 * 0.07 + 1_000 * 1.1) / 1e6),
    ("deepseek-chat", "2025-03-01 16:30:00", Counts(1_000, 1_000, cached=400),
     (600 * 0.135 + 400 * 0.035 + 1_000 * 0.55) / 1e6),
]  # fmt: skip


@pytest.mark.parametrize(("model", "at", "counts", "dollars"), BY_HAND)
def test_it_is_what_one_computes_by_hand(
    model: str, at: str, counts: Counts, dollars: float
) -> None:
    url = "https://api.deepseek.com" if model.startswith("deepseek") else None
    assert price(model, at, counts, url) == pytest.approx(dollars)


MODELS = [
    (provider, model)
    for provider in get_snapshot().providers
    if provider.id in {"openai", "anthropic", "google", "deepseek", "x-ai", "perplexity"}
    for model in provider.models
]


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(MODELS),
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 6, 1)),  # noqa: DTZ001  in UTC
    st.integers(0, 600_000),
    st.integers(0, 50_000),
    st.lists(st.integers(0, 100), min_size=4, max_size=4),
)
def test_it_is_what_genai_prices_computes(
    found: tuple[object, object], at: datetime, read: int, wrote: int, shares: list[int]
) -> None:
    from convo.usage.price_data import _rates

    provider, model = found
    at = at.replace(microsecond=0)
    cached, written, reasoning, heard = (
        share * whole // 300 for share, whole in zip(shares, (read, read, wrote, read), strict=True)
    )
    counts = Counts(
        read, wrote, cached=cached, cache_write=written, reasoning=reasoning, audio_input=heard
    )
    rates = Known(tuple(_rates(model))).rates
    rate = next((one for one in rates if one.is_for(str(at), read)), None)
    if rate is None:
        # Models that no text goes in and out of.
        return
    usage = Usage(
        input_tokens=read,
        output_tokens=wrote,
        cache_read_tokens=cached,
        cache_write_tokens=written,
        output_reasoning_tokens=reasoning,
        input_audio_tokens=heard,
    )
    try:
        theirs = model.calc_price(  # type: ignore[attr-defined]
            usage, provider, genai_request_timestamp=at.replace(tzinfo=UTC)
        )
    except ValueError:
        # Nobody says how much of the audio was cached.
        assert cost(rate, counts) is None
    else:
        assert cost(rate, counts) == pytest.approx(float(theirs.total_price))


def test_each_request_is_priced_by_its_own_length() -> None:
    (priced,) = PriceBook().priced([("gemini-2.5-pro", None)])
    entries = [
        {"input_tokens": 150_000, "output_tokens": 100},
        {"input_tokens": 250_000, "output_tokens": 100},
    ]
    whole = Counts(400_000, 200)
    expected = (150_000 * 1.25 + 100 * 10 + 250_000 * 2.5 + 100 * 15) / 1e6
    at = "2026-01-01 00:00:00"
    assert cost_of_requests(priced, at, entries, whole) == pytest.approx(expected)
    # An entry is missing, or none says how many of the tokens were cached.
    assert cost_of_requests(priced, at, entries[:1], whole) is None
    assert cost_of_requests(priced, at, entries, whole._replace(cached=100)) is None
    assert cost_of_requests(priced, at, [*entries[:1], "?"], whole) is None
    # If all have one rate, that does not matter.
    cheap = [{"input_tokens": 100_000, "output_tokens": 50}] * 2
    assert cost_of_requests(priced, at, cheap, Counts(200_000, 100, cached=100)) is not None


@pytest.mark.parametrize(
    ("model", "url"),
    [
        ("gpt-5-mini", LOCAL),
        ("no-such-model", OPENAI),
        ("no-such-model", None),
        ("x" * 999, None),
        # Asked on the user's own machine, whoever made it.
        ("deepseek-r1:14b", None),
        # Servers with something of a provider in their names.
        ("gpt-5-mini", "https://api.openai.com.proxy.example/v1"),
        ("gpt-5-mini", "https://api.openai.com@proxy.example/v1"),
        ("gpt-5-mini", "http://127.0.0.1/my.openai.azure.com"),
        ("gemini-2.5-pro", "https://proxy.example/x.googleapis.com"),
        ("gpt-5-mini", "https://[::1"),
        # Its price of text is known, that of audio is not.
        ("gpt-4o-audio-preview", OPENAI),
    ],
)
def test_what_is_not_known_has_no_price(model: str, url: str | None) -> None:
    assert price(model, "2026-01-01 00:00:00", Counts(10, 1), url) is None


@pytest.mark.parametrize(
    ("model", "url"),
    [
        ("gpt-5-mini", "https://API.openai.com:443/v1/"),
        ("gpt-5-mini", "https://mine.openai.azure.com/openai/v1"),
        ("gemini-2.5-pro", "https://generativelanguage.googleapis.com/v1beta/openai/"),
        ("kimi-k2-0711-preview", "https://api.moonshot.cn/v1"),
        ("gpt-audio", OPENAI),
    ],
)
def test_providers_are_known_by_their_hosts(model: str, url: str) -> None:
    assert PriceBook().known(model, url).rates


def test_counts_that_contradict_each_other_have_no_price() -> None:
    assert price("gpt-5-mini", "2026-01-01 00:00:00", Counts(10, 1, cached=99)) is None
    assert price("gpt-5-mini", "2026-01-01 00:00:00", Counts(10, 1, cached=9)) is not None


def test_a_router_has_prices_of_its_own_and_a_library_those_of_the_maker() -> None:
    book = PriceBook()
    assert book.known("anthropic/claude-sonnet-4", ROUTER).rates
    through = book.known("litellm/anthropic/claude-sonnet-4-5", None)
    assert through == book.known("claude-sonnet-4-5", None)
    assert (through.maker, book.known("gpt-4o-mini", OPENAI).context_window) == (
        "anthropic",
        128_000,
    )


def test_the_users_own_price_goes_before_all_others() -> None:
    book = PriceBook(
        [
            Override("local/*", {"input": 0}),
            Override("LOCAL/big-*", {"input": 1, "output": 2, "cached": 0.5}),
            Override("anthropic/*", {"input": 7}),
        ],
        server_name=lambda url: "local" if url == LOCAL else None,
    )
    at, counts = "2026-01-01 00:00:00", Counts(1_000_000, 1_000_000, cached=500_000)
    assert price("small", at, counts, LOCAL, book) == 0
    assert price("big-one", at, counts, LOCAL, book) == 0.5 + 0.25 + 2
    assert price("small", at, counts, None, book) is None
    # Without a server, the maker has its place.
    assert price("claude-sonnet-4-5", at, counts, None, book) == 14
    assert book.is_override("big-one", LOCAL) == "LOCAL/big-*"


def test_a_model_is_looked_up_once_and_kept() -> None:
    kept = Memory()
    first = PriceBook(kept=kept)
    models = [("gpt-5", None), ("gpt-5", LOCAL), ("?", None), ("echo", None)]
    found = first.priced(models)
    assert [bool(one.rates) for one in found] == [True, False, False, True]
    again = PriceBook(kept=kept)
    assert again.knows_at_once(models)
    assert (again.priced(models), again.origin()) == (found, first.origin())
    assert kept.writes == 1
    assert not again.knows_at_once([("o3", None)])


@pytest.mark.parametrize("change", ["{", "[]", '{"of": 1}', "", "[" * 100_000])
def test_a_damaged_file_is_looked_up_again(change: str) -> None:
    kept = Memory()
    found = PriceBook(kept=kept).priced([("gpt-5", None)])
    kept.text = change or kept.text.replace("1.25", '"x"').replace("data.py", "other.py")
    assert PriceBook(kept=kept).priced([("gpt-5", None)]) == found


KEEPING = """
import sys
from pathlib import Path
from convo.usage.prices import PriceBook

class Kept:
    path = Path(sys.argv[1])
    def read(self):
        return self.path.read_bytes() if self.path.exists() else b""
    def write(self, text):
        self.path.write_text(text)

assert PriceBook(kept=Kept()).priced([("gpt-5", None)])[0].rates
print("pydantic" in sys.modules)
"""


def test_nothing_slow_is_loaded_for_kept_prices(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KEEPING, str(tmp_path / "kept.json")]
    done = [subprocess.run(command, capture_output=True, check=True).stdout for _ in range(2)]
    assert done == [b"True\n", b"False\n"]
