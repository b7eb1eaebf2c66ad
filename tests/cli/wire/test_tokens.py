"""Tokens are those that the server counted, or an estimate, and never nothing."""

import json
from typing import Any, Literal

import pytest

from convo_cli.wire.tokens import counted, estimate, estimated_tokens


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        [],
        "many",
        {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        {"prompt_tokens": None, "completion_tokens": None},
        {"prompt_tokens": "12"},
        {"prompt_tokens": -1, "completion_tokens": True},
    ],
    ids=str,
)
def test_a_server_that_counts_nothing(usage: object) -> None:
    assert counted(usage, "chat") is None


@pytest.mark.parametrize(
    ("usage", "numbers"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}, (3, 4, 7)),
        ({"prompt_tokens": 3, "completion_tokens": 4}, (3, 4, 7)),
        ({"prompt_tokens": 3, "total_tokens": 7}, (3, 4, 7)),
        ({"completion_tokens": 4, "total_tokens": 7}, (3, 4, 7)),
        ({"prompt_tokens": 3, "completion_tokens": 0, "total_tokens": 0}, (3, 0, 3)),
    ],
)
def test_what_is_missing_follows_from_the_rest(
    usage: dict[str, Any], numbers: tuple[int, int, int]
) -> None:
    found = counted({**usage, "cost": 1.5}, "chat") or {}
    names = ("prompt_tokens", "completion_tokens", "total_tokens")
    assert (tuple(found[name] for name in names), found["cost"]) == (numbers, 1.5)


def test_whole_numbers_in_another_form() -> None:
    usage = {
        "prompt_tokens": 3.0,
        "completion_tokens": 4.0,
        "completion_tokens_details": {"a": 2.0},
    }
    found = counted(usage, "chat") or {}
    assert json.dumps(found["completion_tokens_details"]) == '{"a": 2}'
    assert str(found["total_tokens"]) == "7"
    assert counted({"prompt_tokens": 3.5, "completion_tokens": float("inf")}, "chat") is None


def test_the_responses_api_has_details_always() -> None:
    given = {"input_tokens": 3, "output_tokens": 4, "input_tokens_details": {"cached_tokens": 2}}
    assert counted(given, "responses") == {
        **given,
        "total_tokens": 7,
        "output_tokens_details": {"reasoning_tokens": 0},
    }


@pytest.mark.parametrize(
    ("api", "request_"),
    [
        ("chat", {"messages": [{"role": "user", "content": "abcdefgh"}], "model": "a" * 99}),
        ("chat", {"messages": [{"role": "user", "content": [{"type": "text", "text": "a" * 8}]}]}),
        ("responses", {"input": "abcdefgh", "model": "a" * 99}),
        ("responses", {"instructions": "abcd", "input": [{"role": "user", "content": "abcd"}]}),
        (
            "responses",
            {"input": [{"content": [{"type": "input_image", "image_url": "x" * 99}]}, "a" * 8]},
        ),
    ],
)
def test_an_estimate_is_of_the_words(
    api: Literal["chat", "responses"], request_: dict[str, Any]
) -> None:
    usage = estimate(request_, "abcde", api)
    read, written = ("prompt", "completion") if api == "chat" else ("input", "output")
    assert (usage[f"{read}_tokens"], usage[f"{written}_tokens"]) == (2, 2)
    assert usage["total_tokens"] == 4


def test_bytes_by_four() -> None:
    assert [estimated_tokens(text) for text in ("", "abcd", "abcde", "日本\ud800")] == [0, 1, 2, 3]
