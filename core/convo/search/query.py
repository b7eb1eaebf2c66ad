"""What a search looks for: words and phrases, and where a text says them.

A word is a run of letters and digits, its case folded and its accents left out: `cafe` is said
by "Café". In scripts that put no spaces between words every character counts as one, so that a word
is found as the phrase of its characters.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Japanese, Chinese
    "\uac00-\ud7a3"  # Korean, which puts its particles behind words
    "\U00020000-\U0003ffff"
)
_WORD = re.compile(f"[{_UNSPACED}]|[^\\W_{_UNSPACED}]+")
_TERM = re.compile(r'"([^"]*)"?|([^\s"]+)')

_ACCENTED = re.compile("([a-z\u00df-\u02af\u0370-\u03ff])[\u0300-\u036f]+")
"""A Latin or Greek letter and the accents on it, once it is taken apart."""

Span = tuple[int, int]
"""The place of something in a text: from one character up to another."""


class Term(NamedTuple):
    """Words that have to follow each other; the last may go on, unless they are `exact`."""

    words: Sequence[str]
    exact: bool

    def places(self, said: Sequence[str]) -> list[int]:
        """The numbers of the words in a text with which the term begins."""
        *others, last = self.words
        count = len(others)
        return [
            at
            for at in range(len(said) - count)
            if (said[at + count] == last if self.exact else said[at + count].startswith(last))
            and list(said[at : at + count]) == others
        ]


class Query:
    """A search as it was typed: a text has to say each of its terms.

    Words stand for themselves and for longer ones that begin with them; in double quotes they
    have to follow each other, and to end where they end.
    """

    def __init__(self, text: str) -> None:
        terms = []
        for quoted, word in _TERM.findall(composed(text)):
            if words := folded_words(quoted or word):
                terms.append(Term(tuple(words), exact=bool(quoted)))
        self.terms: Sequence[Term] = tuple(dict.fromkeys(terms))

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.terms)

    def may_match(self, text: str) -> bool:
        """Whether a text has the letters for it: quick to see, and true of what says the terms."""
        said = folded(text)
        return all(word in said for term in self.terms for word in term.words)

    def spans(self, text: str) -> list[Span]:
        """Where a composed text says the terms, in order; nothing unless it says all of them."""
        places = _places(text, self.terms)
        if not all(places):
            return []
        return _merged(sorted(span for spans in places for span in spans))

    def within(self, windows: Iterable[str]) -> tuple[str, list[Span]] | None:
        """Of a long text, the window that says most of the terms, and where it says them.

        None unless each term is said in some window. No more is read than that takes.
        """
        missing, best, most = set(self.terms), ("", list[Span]()), 0
        for window in windows:
            text = composed(window)
            said = folded(text)
            likely = [term for term in self.terms if all(word in said for word in term.words)]
            places = _places(text, likely) if missing.intersection(likely) else []
            missing -= {term for term, spans in zip(likely, places, strict=False) if spans}
            if (count := sum(map(bool, places))) > most:
                spans = sorted(span for spans in places for span in spans)
                best, most = (text, _merged(spans)), count
            if not missing:
                return best
        return None


def folded(word: str) -> str:
    """A composed word as it is compared: without regard to case, and to accents on its letters.

    Only Latin and Greek letters lose their marks: elsewhere a mark makes another letter.
    """
    word = word.casefold()
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", _ACCENTED.sub(r"\1", unicodedata.normalize("NFD", word)))


def composed(text: str) -> str:
    """The text with each accent in one character with its letter: both spellings are one word."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def folded_words(text: str) -> list[str]:
    """The words of a composed text."""
    return [folded(word) for word in _WORD.findall(text)]


def indexable(text: str) -> str:
    """The text as an index that knows only ASCII takes it apart into the same words."""
    # It does not tell the two cases of ASCII apart.
    return text if text.isascii() else " ".join(folded_words(composed(text)))


def _places(text: str, terms: Iterable[Term]) -> list[list[Span]]:
    """Where a composed text says each of these terms."""
    found = list(_WORD.finditer(text))
    said = [folded(match[0]) for match in found]
    return [
        [(found[at].start(), found[at + len(term.words) - 1].end()) for at in term.places(said)]
        for term in terms
    ]


def _merged(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
