"""Addresses in one form, and what is no address."""

from __future__ import annotations

import pytest

from convo_cli.config.addresses import address, recorded_address, same_server


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("http://localhost:11434/v1", "http://localhost:11434/v1"),
        ("HTTP://LocalHost:80/v1/", "http://localhost/v1"),
        ("https://example.org:443", "https://example.org"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("https://bücher.example/v1", "https://xn--bcher-kva.example/v1"),
        ("https://me:secret@example.org/v1?key=1#x", "https://example.org/v1"),
    ],
)
def test_one_form(url: str, known: str) -> None:
    assert address(url) == known
    assert address(known) == recorded_address(known) == known


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "localhost:11434",
        "file:///etc/passwd",
        "https://",
        "http://localhost:0/v1",
        "http://localhost:99999/v1",
        "http://localhost:x/v1",
        "http://[::1/v1",
        "https://api.openai.com\\@evil.example/v1",
        "https://api.openai.com\t.evil.example/v1",
        "https://evil.example/\x1b[2J",
        "https://evil.example/\u202ev1",
        "https://a b.example",
        "https://ex%61mple.org",
        f"https://{'a' * 254}.example",
        f"https://{'xn--a' * 99}é.example",
        f"https://example.org/{'a' * 2000}",
        "https://\ud800.example",
    ],
)
def test_what_is_no_address(url: str) -> None:
    assert address(url) is recorded_address(url) is None


@pytest.mark.parametrize(
    "url",
    ["https://api.openai.com@evil.example/v1", "http://a:b@c/v1", "http://c/v1?k=v", "http://c#v1"],
)
def test_a_database_has_nothing_to_say_beside_the_address(url: str) -> None:
    assert recorded_address(url) is None


def test_which_server_is_the_same() -> None:
    assert same_server("http://localhost:80/v1/", "http://me:pw@LOCALHOST/v1")
    assert same_server(None, None)
    assert not same_server("http://localhost/v1", "http://localhost/v2")
    assert not same_server("http://localhost/v1", "https://localhost/v1")
    assert not same_server("http://localhost/v1", "http://localhost:8080/v1")
    assert not same_server("http://localhost/v1", "http://localhost./v1")
    assert not same_server("nonsense", "other nonsense")
    assert not same_server("http://localhost/v1", None)
