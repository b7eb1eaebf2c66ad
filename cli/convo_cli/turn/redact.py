"""Makes text of servers and libraries safe for one-line errors: no keys, no control characters."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit, urlunsplit

_SHORTEST_PIECE = 8
_HIDDEN = "***"
_KEY_LIKE = re.compile(r"\b(?:sk|gsk|xai)[-_][\w*.-]{8,}|(?i:(?<=bearer )\S+)")
_SECRET_NAME = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD)$")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_ESCAPES = re.compile("\x1b(?:[@-Z\\\\-_]|\\[[0-?]*[ -/]*[@-~])")


def secrets_of(environ: Mapping[str, str], url: str | None = None) -> tuple[str, ...]:
    """The values that must never be shown: keys in the environment, credentials in the URL.

    A key that is a plain word ("ollama", "EMPTY") is a placeholder for a library, and not secret.
    """
    values = [value.strip() for name, value in environ.items() if _SECRET_NAME.search(name.upper())]
    found = [value for value in values if len(value) >= (16 if value.isalpha() else 6)]
    parts = urlsplit(url or "")
    in_url = (parts.password or parts.username or "", parts.query)
    return (*found, *(part for part in in_url if len(part) >= 4))


def without_credentials(url: str) -> str:
    """The URL in a form to show and store: without user, password and query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.rpartition("@")[2].partition("?")[0]
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", "")).rstrip("/")


def contains_secret(text: str, secrets: Iterable[str]) -> bool:
    """Whether the text contains a secret, or a part of one."""
    return _without_pieces(text, secrets) != text


def one_line(text: str, secrets: Iterable[str] = (), *, limit: int = 300) -> str:
    """The text on one line of at most `limit` characters, with every secret in it hidden.

    Secrets are hidden before the text is cut, so that no part of a key is left at the cut.
    """
    plain = _CONTROLS.sub(" ", _ESCAPES.sub("", text))
    shown = " ".join(_KEY_LIKE.sub(_HIDDEN, _without_pieces(plain, secrets)).split())
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


def _without_pieces(text: str, secrets: Iterable[str]) -> str:
    """Hide every part of a secret that is long enough to matter."""
    for secret in secrets:
        text = _without_pieces_of(text, secret)
    return text


def _without_pieces_of(text: str, secret: str) -> str:
    shortest = min(_SHORTEST_PIECE, len(secret))
    kept: list[str] = []
    at = 0
    while at < len(text):
        end = at + shortest
        if end > len(text) or text[at:end] not in secret:
            kept.append(text[at])
            at += 1
            continue
        while end < len(text) and text[at : end + 1] in secret:
            end += 1
        kept.append(_HIDDEN)
        at = end
    return "".join(kept)
