"""Prices that were fetched: nothing of them is used before all of it has been checked."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convo.usage.price_data import LARGEST, FetchedPricesError, checked
from convo.usage.prices import PriceBook

MODEL = {
    "id": "gpt-5",
    "match": {"equals": "gpt-5"},
    "context_window": 1_000,
    "prices": [
        {"prices": {"input_mtok": 1, "output_mtok": 2}},
        {"constraint": {"start_date": "2026-02-01"}, "prices": {"input_mtok": 3, "output_mtok": 4}},
    ],
}
PROVIDER = {
    "id": "openai",
    "name": "OpenAI",
    "api_pattern": r"https://api\.openai\.com",
    "model_match": {"starts_with": "gpt-"},
    "models": [MODEL],
}


def fetched(path: Path, document: Any = None) -> Path:
    path.write_text(json.dumps([PROVIDER] if document is None else document))
    return path


def test_fetched_prices_take_the_place_of_the_installed_ones(tmp_path: Path) -> None:
    path = fetched(tmp_path / "prices.json")
    assert checked(path.read_bytes()) == 1
    book = PriceBook(fetched=path)
    known = book.known("gpt-5", None)
    assert [(rate.since[:10], rate.input, rate.output) for rate in known.rates] == [
        ("", 1, 2),
        ("2026-02-01", 3, 4),
    ]
    assert (known.context_window, known.maker) == (1_000, "openai")
    assert not book.known("o3", None).rates
    origin = book.origin()
    assert (origin.newest, origin.fetched is not None) == ("2026-02-01", True)


HOSTILE = [
    b"",
    b"{}",
    b"[]",
    b"[1]",
    b'["x"]',
    b"\xff\xfe",
    b"[" * 200_000,
    b'[{"id": "x"}]',
    b"[" + b" " * LARGEST + b"]",
    # Its parser would need gigabytes to say what is wrong with each.
    b"[" + b"{}," * 1_000_000 + b"{}]",
    json.dumps([{**PROVIDER, "api_pattern": "(a|aa)+$"}]).encode(),
    json.dumps([{**PROVIDER, "api_pattern": "(a+)+$"}]).encode(),
    json.dumps([{**PROVIDER, "api_pattern": "("}]).encode(),
    json.dumps([{**PROVIDER, "api_pattern": "a" * 501}]).encode(),
    json.dumps([{**PROVIDER, "models": [{**MODEL, "match": {"regex": "(x*)*y"}}]}]).encode(),
    json.dumps([{**PROVIDER, "models": [{**MODEL, "match": {"nothing": "x"}}]}]).encode(),
    json.dumps([{**PROVIDER, "models": [{**MODEL, "prices": {"input_mtok": "x"}}]}]).encode(),
    json.dumps(
        [{**PROVIDER, "models": [{**MODEL, "prices": {"input_mtok": -1, "output_mtok": 1}}]}]
    ).encode(),
    json.dumps(
        [{**PROVIDER, "models": [{**MODEL, "prices": {"input_mtok": "NaN", "output_mtok": 1}}]}]
    ).encode(),
]


@pytest.mark.parametrize("data", HOSTILE, ids=lambda data: data[:40].decode("latin-1"))
def test_what_is_no_list_of_prices_is_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(FetchedPricesError) as told:
        checked(data)
    assert "\n" not in str(told.value)
    # A file that was damaged later is passed over, and that is told.
    (tmp_path / "prices.json").write_bytes(data)
    book = PriceBook(fetched=tmp_path / "prices.json")
    assert book.known("gpt-5", None).rates
    assert book.problem


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inside: (
        st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from([*PROVIDER, *MODEL]), inside)
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(PROVIDER)), st.sampled_from(list(MODEL)), VALUES, VALUES)
def test_whatever_changed_it_is_used_or_refused(
    of_provider: str, of_model: str, one: Any, other: Any
) -> None:
    document = [{**PROVIDER, "models": [{**MODEL, of_model: one}], of_provider: other}]
    with suppress(FetchedPricesError):
        assert checked(json.dumps(document).encode()) >= 0
