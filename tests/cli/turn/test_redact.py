"""Errors show no key, not even a piece of one, and stay on one line."""

import pytest

from convo_cli.turn.redact import contains_secret, one_line, secrets_of, without_credentials

KEY = "sk-proj-0123456789abcdefghij"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"bad key {KEY}.", "bad key ***."),
        (f"bad key {KEY[:12]}…", "bad key ***…"),
        (f"…{KEY[-9:]} is wrong", "…*** is wrong"),
        (f"{KEY}{KEY}", "******"),
        (f"Bearer {KEY}", "Bearer ***"),
        ("0123456 is too short a piece", "0123456 is too short a piece"),
        ("another one: sk-ant-zzzzzzzzzz", "another one: ***"),
        ("masked: sk-abcd*********wxyz.", "masked: ***"),
        ("Authorization: bearer xyz", "Authorization: bearer ***"),
    ],
)
def test_keys_are_hidden(text: str, shown: str) -> None:
    assert one_line(text, [KEY]) == shown


def test_what_would_move_the_cursor_is_gone() -> None:
    assert one_line("a\x1b[31mred\x1b]0;title\x07\r\nb\u202ec\ud800") == "ared0;title b c"


def test_a_long_text_is_cut_after_the_keys_are_hidden() -> None:
    assert one_line("x" * 295 + KEY, [KEY]) == "x" * 295 + "***"
    assert one_line("word " * 100, limit=12) == "word word w…"


def test_secrets_come_from_the_environment_and_the_address() -> None:
    environ = {
        "OPENAI_API_KEY": f" {KEY}\n",
        "HF_TOKEN": "hf-123",
        "OLLAMA_API_KEY": "ollama",
        "EDITOR": "something",
    }
    url = "https://me:pass@host/v1?sig=abc"
    assert secrets_of(environ, url) == (KEY, "hf-123", "pass", "sig=abc")


def test_an_address_is_shown_without_credentials() -> None:
    assert without_credentials("https://me:pass@host:1/v1/?sig=abc#x") == "https://host:1/v1"
    assert without_credentials("http://[::1]:11434/v1") == "http://[::1]:11434/v1"


def test_a_secret_in_a_text_is_noticed() -> None:
    assert contains_secret(f"key {KEY[3:14]}", [KEY])
    assert not contains_secret("key sk-proj", [KEY])
