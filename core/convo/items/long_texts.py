"""Read the text of a very long message from its JSON, a piece at a time.

Read whole, such a message is in memory several times: as stored bytes, as JSON, as text, in lower
case, as words. Here only a piece of it is.
"""

import codecs
import json
import re
from collections.abc import Iterable, Iterator

LONG = 1_000_000
"""Characters of JSON above which a message is read in pieces."""

WINDOW = 65_536
"""Characters of text that are searched together."""

_OVERLAP = 2_048
"""Characters of a window that are repeated in the next one, so that no phrase is missed."""

_SPACE = re.compile(r"\s*")
_SCALAR = re.compile(r"[^\s,\]}]*")
_RUN = re.compile(r'(?:[^"\\]+|\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt]))*')
_HALF = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\Z")
"""The first half of a surrogate pair, as JSON escapes it."""
_WORD_END = re.compile(r"\w*\Z")
_SAID = ("text", "refusal")


def windows(pieces: Iterable[bytes]) -> Iterator[str]:
    """The text of a message in windows that end between words and overlap.

    Raises `ValueError` if the pieces are not JSON in UTF-8.
    """
    text, is_new = "", False
    for said in _said(_Json(pieces)):
        text, is_new = text + said, True
        if len(text) >= WINDOW:
            end = _between_words(text)
            yield text[:end]
            text, is_new = text[max(0, end - _OVERLAP) :], end < len(text)
    if is_new:
        yield text


def says(pieces: Iterable[bytes], folded: str) -> bool:
    """Whether a message contains a case-folded text in one of its parts, in any case."""
    tail = ""
    for said in _said(_Json(pieces)):
        text = tail + said.casefold()
        if folded in text:
            return True
        tail = text[-len(folded) :] if folded else ""
    return not folded


class _Json:
    """A JSON reader that holds only a piece of the JSON at a time."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._texts = codecs.iterdecode(pieces, "utf-8")
        self._text = ""
        self._at = 0

    def next(self) -> str:
        """Peek at the next character that is not white space; "" at the end."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def take(self, expected: str) -> bool:
        """Consume the next character if it is one of the expected ones; return whether it was."""
        found = self.next()
        if found and found in expected:
            self._at += 1
            return True
        return False

    def must(self, expected: str) -> None:
        """Consume the next character, which has to be one of the expected ones."""
        if not self.take(expected):
            raise ValueError(f"the JSON lacks {expected!r}")

    def string(self) -> Iterator[str]:
        """The pieces of a string, still escaped, without the quotes around it."""
        self.must('"')
        while True:
            run = _RUN.match(self._text, self._at)
            end = run.end() if run else self._at
            ends = self._text[end : end + 1] == '"'
            if not ends and (half := _HALF.search(self._text, max(self._at, end - 6), end)):
                end = half.start()
            if end > self._at:
                written = self._text[self._at : end]
                self._at = end
                yield written
            if ends:
                self._at += 1
                return
            if not self._more():
                raise ValueError("a string of the JSON does not end")
            if len(self._text) > 2 * WINDOW:
                raise ValueError("a string of the JSON has an invalid escape")

    def scalar(self) -> str:
        """A number, true, false or null."""
        self.next()
        found = ""
        while True:
            match = _SCALAR.match(self._text, self._at)
            assert match is not None
            found += match[0]
            self._at = match.end()
            if self._at < len(self._text) or len(found) > WINDOW or not self._more():
                return found

    def skip(self) -> None:
        """Skip a value, however deeply it is nested."""
        depth = 0
        while True:
            if self.next() == '"':
                for _ in self.string():
                    continue
            elif self.take("[{"):
                depth += 1
            elif self.take("]}"):
                depth -= 1
            elif not self.take(",:") and not self.scalar():
                raise ValueError("the JSON ends in the middle of a value")
            if depth <= 0:
                return

    def _more(self) -> bool:
        more = next(self._texts, "")
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(more)


def _said(source: _Json) -> Iterator[str]:
    """The text of a message's content or of its parts, a line each."""
    for key in _keys(source):
        if key != "content":
            source.skip()
        elif source.next() == '"':
            yield from _decoded(source)
        elif source.take("["):
            while not source.take("]"):
                yield from _of_part(source)
                source.take(",")
        else:
            source.skip()


def _of_part(source: _Json) -> Iterator[str]:
    if source.next() != "{":
        source.skip()
        return
    for key in _keys(source):
        if key in _SAID and source.next() == '"':
            yield from _decoded(source)
            yield "\n"
        elif key == "text" and source.next() not in "[{tfn":
            yield source.scalar() + "\n"
        else:
            source.skip()


def _keys(source: _Json) -> Iterator[str]:
    """The keys of an object; the caller has to consume each value."""
    source.must("{")
    while not source.take("}"):
        yield "".join(_decoded(source))
        source.take(",")


def _decoded(source: _Json) -> Iterator[str]:
    """The pieces of a string, decoded; a colon after it, as after a key, is consumed."""
    for written in source.string():
        yield json.loads(f'"{written}"', strict=False)
    source.take(":")


def _between_words(text: str) -> int:
    """Where the last word of a text begins, or its end if that word is very long."""
    match = _WORD_END.search(text, max(0, len(text) - _OVERLAP))
    start = match.start() if match else len(text)
    return start if start > len(text) - _OVERLAP else len(text)
