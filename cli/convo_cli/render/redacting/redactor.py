"""Replaces what the patterns find, in texts and in any value of JSON, and counts it."""

import base64
import binascii
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from convo_cli.render.redacting.escapes import Unescaped
from convo_cli.render.redacting.patterns import (
    BEGINNINGS,
    KINDS,
    NAMES,
    PATTERNS,
    Kind,
    home_folders,
    mail_addresses,
    private_keys,
)

_SHORTEST = 6
_SHORT = 60
_LONG = 400
_MOST_CLEAN = 20_000
_DEEPEST = 60
"""Deeper values are read as one text."""

_AGAIN = 3
"""How often a text is searched: a secret may only be found once another one is replaced."""

_DATA = re.compile(r"data:([\w.+-]*/?[\w.+-]*)(?:;[\w=.\"+-]{1,80}){0,5};base64,", re.IGNORECASE)
_READABLE = re.compile(r"text/|application/(?:json|xml|yaml|x-yaml|toml|javascript|sql)", re.I)
_MACHINE = frozenset({"host", "process_began"})
"""Fields of a pending turn that tell one machine from others."""

_Span = tuple[int, int, Kind]


class Redactor:
    """Replaces secrets with what kind of secret they are and a number for each.

    The same secret has the same number wherever it stands, so that a text stays readable, and
    names stay different that were different.
    """

    def __init__(self, known: Iterable[str] = (), homes: Iterable[str] = ()) -> None:
        """Take secrets and home folders of this machine that are replaced wherever they stand."""
        self.counts: Counter[Kind] = Counter()
        self._ended: Counter[Kind] = Counter()
        self.unread = 0
        """Attachments that are not text, so that they cannot be searched."""
        self._numbers: dict[tuple[Kind, bytes], int] = {}
        self._clean: set[str] = set()
        self._known = _any_of(known)
        self._homes = _any_of(homes)

    def text(self, text: str) -> str:
        """A text without secrets."""
        if len(text) < _SHORTEST or text in self._clean:
            return text
        if (data := _DATA.match(text)) is not None:
            return self._attachment(text, data)
        for tried in range(_AGAIN):
            spans = _merged(self._found(text))
            if not spans:
                if not tried and len(text) <= _SHORT:
                    self._note_clean(text)
                break
            text = self._replaced(text, spans)
        return text

    def _note_clean(self, text: str) -> None:
        """Remember a short text that has no secret: names and times come again and again."""
        if len(self._clean) >= _MOST_CLEAN:
            self._clean.clear()
        self._clean.add(text)

    def value(self, value: Any, depth: int = 0) -> Any:
        """A value of JSON without secrets, in keys too."""
        if isinstance(value, str):
            return self.text(value)
        if not isinstance(value, Mapping | list):
            return value
        if depth > _DEEPEST:
            return self._deep(value)
        if isinstance(value, list):
            return [self.value(one, depth + 1) for one in value]
        return {self.text(key): self._named(key, one, depth) for key, one in value.items()}

    def begin(self) -> None:
        """Begin, or begin again, a document: what was counted since the last `end` is forgotten."""
        self.counts = self._ended.copy()

    def end(self) -> None:
        """End a document: what has been counted stays counted."""
        self._ended = self.counts.copy()

    def row(self, part: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row of a document without secrets, and without what tells this machine from others."""
        kept = {
            key: "redacted" if part == "pending" and key in _MACHINE else one
            for key, one in row.items()
        }
        found: dict[str, Any] = self.value(kept)
        return found

    def summary(self) -> dict[str, int]:
        """How many of each kind were replaced in this document, by the words for them."""
        counts = self.counts - self._ended
        return {KINDS[kind][1].replace(" ", "_"): counts[kind] for kind in KINDS}

    def said(self) -> str:
        """How many of each kind were replaced, as a person says it."""
        counts = [
            f"{count} {KINDS[kind][count != 1]}" for kind in KINDS if (count := self.counts[kind])
        ]
        return ", ".join(counts) or "nothing"

    def _named(self, key: str, value: Any, depth: int) -> Any:
        """The value of a key, whose name may say that it is a secret."""
        named = NAMES.fullmatch(key) if isinstance(value, str) and len(key) < 80 else None
        if named is None or value.startswith("[redacted-") or " " in value.strip():
            return self.value(value, depth + 1)
        is_password = named["password"] is not None
        if len(value) < (1 if is_password else 8) or not (is_password or _is_mixed(value)):
            return self.value(value, depth + 1)
        return self._name("password" if is_password else "token", value)

    def _deep(self, value: Any) -> Any:
        try:
            return json.loads(self.text(json.dumps(value)))
        except (ValueError, RecursionError):
            return "[redacted]"

    def _attachment(self, text: str, data: re.Match[str]) -> str:
        """A data URL, with the text in it without secrets."""
        if not _READABLE.match(data[1]):
            self.unread += 1
            return text
        try:
            content = base64.b64decode(text[data.end() :], validate=True)
        except (ValueError, binascii.Error):
            self.unread += 1
            return text
        before = content.decode("latin-1")
        after = self.text(before)
        if after == before:
            return text
        return data[0] + base64.b64encode(after.encode("latin-1")).decode()

    def _found(self, text: str) -> Iterable[_Span]:
        """Where something is to be replaced, in the order of certainty."""
        unescaped = Unescaped(text)
        plain, lower = unescaped.text, unescaped.text.lower()
        found: list[_Span] = [(*span, "key") for span in private_keys(plain)]
        # Of a long text, each beginning is found faster by itself.
        may_have = len(lower) > _LONG or BEGINNINGS.search(lower) is not None
        for pattern in PATTERNS if may_have else ():
            if any(begin in lower for begin in pattern.begins):
                found += [
                    (*match.span(1), pattern.kind)
                    for match in pattern.regex.finditer(plain)
                    if pattern.is_secret(match[1])
                ]
        if self._known is not None:
            found += [(*match.span(), "key") for match in self._known.finditer(plain)]
        found += [(*span, "mail") for span in mail_addresses(plain)]
        spans: list[_Span] = [
            (*unescaped.original_span(span[:2]), span[2]) for span in found if span[0] < span[1]
        ]
        # Backslashes are part of paths on Windows.
        spans += [(*span, "user") for span in home_folders(text)]
        if self._homes is not None:
            spans += [(*match.span(), "user") for match in self._homes.finditer(text)]
        return spans

    def _replaced(self, text: str, spans: list[_Span]) -> str:
        pieces = []
        at = 0
        for begin, end, kind in spans:
            pieces += [text[at:begin], self._name(kind, text[begin:end])]
            at = end
        return "".join([*pieces, text[at:]])

    def _name(self, kind: Kind, secret: str) -> str:
        self.counts[kind] += 1
        plain = Unescaped(secret).text.encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(plain, digest_size=12).digest()
        number = self._numbers.setdefault((kind, digest), len(self._numbers) + 1)
        return f"[redacted-{kind}-{number}]"


def _merged(spans: Iterable[_Span]) -> list[_Span]:
    """The spans in order; overlapping ones become one, of the kind of the one that begins first."""
    merged: list[_Span] = []
    for begin, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
        if merged and begin < merged[-1][1]:
            first, last, known = merged[-1]
            merged[-1] = (first, max(last, end), known)
        else:
            merged.append((begin, end, kind))
    return merged


def _is_mixed(value: str) -> bool:
    return len(value) >= 20 or (any(map(str.isdigit, value)) and any(map(str.isalpha, value)))


def _any_of(texts: Iterable[str]) -> re.Pattern[str] | None:
    """Matches any of these texts, the longest first."""
    known = sorted({text for text in texts if len(text) >= _SHORTEST}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, known))) if known else None
