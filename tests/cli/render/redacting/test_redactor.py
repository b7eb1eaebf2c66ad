"""What is redacted, however it is written, and what is left alone."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convo_cli.render.redacting.patterns import KINDS
from convo_cli.render.redacting.redactor import Redactor

PEM = (
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA+/\nabcdABCD1234==\n"
    "-----END OPENSSH PRIVATE KEY-----"
)
SECRETS = {
    "openai": "sk-proj-abcdEFGH1234567890_abcdEFGH-12",
    "anthropic": "sk-ant-api03-AbC_def-1234567890abcdefghij",
    "github": "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "fine-grained": "github_pat_11ABCDEFG0123456789_abcdefghijklmnop",
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "google": "AIzaSyA-1234567890abcdefghijklmnopqrstu",
    "slack": "xoxb-123456789012-abcdefABCDEF",
    "stripe": "sk_live_51H8abcdefghijklmnop",
    "hugging face": "hf_abcdefghijklmnopqrstuvwxyz",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_123",
    "mail": "jane.doe+x@example.co.uk",
    "pem": PEM,
}
WITHIN = {
    "Authorization: Bearer {}": "abc123def456ghi789",
    "AWS_SECRET_ACCESS_KEY={}": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "export API_KEY='{}'": "abcd1234efgh",
    'password: "{}"': "hunter22",
    '{{"db_password":"{}"}}': "hunter22",
    "postgres://{}@db:5432/x": "bob:hunter22",
    "https://x.test/a?sig={}&b=1": "abc%2Fdef123456",
    "https://hooks.slack.com/services/{}": "T00000000/B00000000/XXXXXXXXXXXX",
    "Set-Cookie: {}": "session=abcdef123456",
    "/home/{}/notes.md": "alice",
    "/var/home/{}/notes.md": "alice",
    "/Users/{}": "bob.b",
    "file:///home/{}/x": "alice",
    r"C:\Users\{}\x": "Nick Smith",
    "C:/Users/{}/x": "nick",
    r"\\wsl$\Ubuntu\home\{}\x": "nick",
}
FRAMES = ["{}", "a {}.", '"{}"', "x={}", "<{}>", "\t{}\n", "({})", "é{}é"]
PLAIN = [
    "The token count is 15, and the key points are: none.",
    "git@github.com:convo/convo.git",
    "icon@2x.png and react@18.2.0",
    "https://example.com/home/feed",
    '{"total_tokens": 123456789, "max_tokens": 4096}',
    "password: string, required",
    "token = os.environ.TOKEN_NAME",
    "bearer authentication is used",
    "task-force-of-the-whole-world-and-more",
    "the risk-averse-and-well-known-person",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "call_abcdefghijklmnopqrstuvwx",
]


@pytest.mark.parametrize("name", SECRETS)
def test_no_depth_of_json_hides_a_secret(name: str) -> None:
    for frame in FRAMES[: -1 if name == "mail" else None]:
        for depth in range(4):
            hides_nothing(SECRETS[name], frame, depth)


def hides_nothing(secret: str, frame: str, depth: int) -> None:
    text = frame.format(secret)
    for _ in range(depth):
        text = json.dumps({"command": f"echo {text}"})
    redacted = Redactor().text(text)
    for piece in re.findall(r"[\w+/-]{8,}", secret.replace("PRIVATE KEY", "")):
        assert piece not in redacted
    if depth:
        json.loads(redacted)
    cut = text[: text.index(secret[-4:]) + 4] if depth else text
    assert secret[:12] not in Redactor().text(cut)


@pytest.mark.parametrize("frame", WITHIN)
def test_what_stands_around_it_tells_a_secret(frame: str) -> None:
    secret = WITHIN[frame]
    before, _, after = frame.replace("{{", "{").replace("}}", "}").partition("{}")
    for depth in range(4):
        text = frame.format(secret)
        for _ in range(depth):
            text = json.dumps([text])
        redacted = Redactor().text(text)
        assert secret.rpartition(":")[2] not in redacted
        for _ in range(depth):
            (redacted,) = json.loads(redacted)
        assert redacted.startswith(before)
        assert redacted.endswith(after)


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_no_secret_stays(text: str) -> None:
    redactor = Redactor()
    assert redactor.text(text) == text
    assert redactor.value({"a": [text]}) == {"a": [text]}
    assert redactor.said() == "nothing"


@pytest.mark.parametrize("secret", ["jane@example.com", "sk-abcdefghijklmnop"])
def test_every_escape_that_json_allows(secret: str) -> None:
    escaped = "".join(f"\\u{ord(character):04x}" for character in secret)
    text = f'{{"a": "{escaped}", "b": "\\n{secret}\\/x"}}'
    found = json.loads(Redactor().text(text))
    assert found["a"].startswith("[redacted-")
    assert secret not in found["b"]
    assert found["b"].endswith("/x")


def test_names_of_keys_tell_secrets_in_json() -> None:
    value = {"password": "x", "api_key": "abcd1234", "token": "the", "a@b.co": 1, "n": {"pwd": "y"}}
    redacted = Redactor().value(value)
    assert redacted["password"] == "[redacted-password-1]"
    assert redacted["api_key"] == "[redacted-token-2]"
    assert redacted["token"] == "the"
    assert redacted["[redacted-mail-3]"] == 1
    assert redacted["n"]["pwd"] == "[redacted-password-4]"


def test_the_same_secret_has_the_same_number() -> None:
    redactor = Redactor()
    text = redactor.text("a@b.co, c@d.co and a@b.co")
    assert text == "[redacted-mail-1], [redacted-mail-2] and [redacted-mail-1]"
    assert redactor.text(json.dumps("\na@b.co")) == '"\\n[redacted-mail-1]"'
    assert redactor.said() == "4 mail addresses"
    assert redactor.summary()["mail_addresses"] == 4


def test_attachments_that_are_text_are_searched() -> None:
    redactor = Redactor()
    text = "data:text/plain;base64,bWFpbCBhQGIuY28h"  # mail a@b.co!
    assert redactor.text(text) == "data:text/plain;base64,bWFpbCBbcmVkYWN0ZWQtbWFpbC0xXSE="
    image = "data:image/png;base64,iVBORw0KGgo="
    assert redactor.text(image) == image
    assert redactor.unread == 1


def test_what_this_machine_knows() -> None:
    redactor = Redactor(["correct horse battery"], ["/srv/people/anna"])
    text = "it is correct horse battery in /srv/people/anna/x"
    assert redactor.text(text) == "it is [redacted-key-1] in [redacted-user-2]/x"


@pytest.mark.parametrize("depth", [500, 1020])
def test_deep_values_end(depth: int) -> None:
    value: object = "a@b.co"
    for _ in range(depth):
        value = [value]
    assert "a@b.co" not in json.dumps(Redactor().value(value))


_PIECES = st.lists(
    st.one_of(
        st.sampled_from([*SECRETS.values(), *WITHIN.values()]),
        st.sampled_from([frame.format(secret) for frame, secret in WITHIN.items()]),
        st.sampled_from(
            ["\\", "\\n", "/", '"', " ", "\n", "sk-", "eyJ", "@", "://", "=", "key=", "["]
        ),
        st.text(max_size=6),
    ),
    max_size=8,
)


@settings(max_examples=100, deadline=None)
@given(pieces=_PIECES, depth=st.integers(0, 2))
def test_redacted_text_has_nothing_to_redact(pieces: list[str], depth: int) -> None:
    text = "".join(pieces)
    for _ in range(depth):
        text = json.dumps([text, text])
    once = Redactor().text(text)
    again = Redactor()
    assert again.text(once) == once
    if depth:
        json.loads(once)


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a@",
        "@",
        "eyJ.",
        "-----BEGIN PRIVATE KEY-----",
        "\\",
        "\\u00",
        "://a:",
        "/home/",
        "a.",
        "password:",
        "sk-",
        "bearer ",
        "Users\\a b c d ",
        "cookie: ",
        "x@a.",
        "key=",
        "authorization: a ",
    ],
)
def test_no_text_takes_more_steps_than_it_is_long(piece: str) -> None:
    """A pattern that tries every letter of a long text again would not end within a minute."""
    long = piece * (1_500_000 // len(piece))
    Redactor().text(long)


def test_every_kind_is_described() -> None:
    from pathlib import Path

    page = (Path(__file__).parents[4] / "docs" / "export.md").read_text()
    assert all(f"| `{kind}` |" in page for kind in KINDS)
