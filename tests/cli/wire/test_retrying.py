"""Whether and when a request is sent again, which is as OpenAI's library does it."""

from __future__ import annotations

import time
from email.utils import formatdate
from unittest import mock

import httpx2
import pytest
from openai import AsyncOpenAI
from openai._models import FinalRequestOptions

from convo_cli.wire.retrying import delay, is_worth_it

LIBRARY = AsyncOpenAI(api_key="none", base_url="http://localhost:1")
OPTIONS = FinalRequestOptions(method="post", url="/")

HEADERS: list[dict[str, str]] = [
    {},
    {"retry-after": "3"},
    {"retry-after": "0.5"},
    {"retry-after": "0"},
    {"retry-after": "-1"},
    {"retry-after": "121"},
    {"retry-after": "soon"},
    {"retry-after": "nan"},
    {"retry-after": "inf"},
    {"retry-after": "1e999"},
    {"retry-after-ms": "1500", "retry-after": "9"},
    {"retry-after-ms": "odd", "retry-after": "9"},
    {"x-should-retry": "true"},
    {"x-should-retry": "false"},
    {"x-should-retry": "maybe"},
]


@pytest.mark.parametrize("headers", HEADERS, ids=str)
@pytest.mark.parametrize("status", [307, 400, 401, 404, 408, 409, 422, 429, 500, 503, 529])
def test_what_is_sent_again(status: int, headers: dict[str, str]) -> None:
    response = httpx2.Response(status, headers=headers)
    assert is_worth_it(status, response.headers) is LIBRARY._should_retry(response)


@pytest.mark.parametrize("headers", HEADERS, ids=str)
@pytest.mark.parametrize("retries", [0, 1])
def test_when_it_is_sent_again(retries: int, headers: dict[str, str]) -> None:
    given = httpx2.Headers(headers)
    with mock.patch("openai._base_client.random", return_value=0.5):
        wanted = LIBRARY._calculate_retry_timeout(2 - retries, OPTIONS, given)
    assert delay(retries, given, 0.5) == wanted


def test_a_date_says_when() -> None:
    headers = httpx2.Headers({"retry-after": formatdate(time.time() + 30, usegmt=True)})
    assert 25 < delay(0, headers, 0.5) <= 30
