"""Parse a search into words and phrases, and find them in a text.

A word is a run of letters and digits, case-folded and without accents: `cafe` matches "Café". In
scripts without spaces between words, every character counts as a word, so that a word is found as
the phrase of its characters.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Japanese, Chinese
    "\uac00-\ud7a3"  # Korean, whose particles are attached to words
    "\U00020000-\U0003ffff"
)
_TERM = r'"([^"]*)"?|([^\s"]+)'

Span = tuple[int, int]
"""Start and end of a match in a text, in characters."""


@cache
def _word() -> re.Pattern[str]:
    # Compiled for the first search: that takes longer than anything else that imports this.
    return re.compile(f"[{_UNSPACED}]|[^\\W_{_UNSPACED}]+")


@cache
def _accented() -> re.Pattern[str]:
    """A Latin or Greek letter and its accents, in decomposed form."""
    return re.compile("([a-z\u00df-\u02af\u0370-\u03ff])[\u0300-\u036f]+")


class Term(NamedTuple):
    """Consecutive words; unless `exact`, the last one matches as a prefix."""

    words: Sequence[str]
    exact: bool

    def places(self, said: Sequence[str]) -> list[int]:
        """The indexes of the words of a text where the term begins."""
        *others, last = self.words
        count = len(others)
        return [
            at
            for at in range(len(said) - count)
            if (said[at + count] == last if self.exact else said[at + count].startswith(last))
            and list(said[at : at + count]) == others
        ]


class Query:
    """A search query: a text matches if it contains each of the terms.

    A word also matches longer words that begin with it; words in double quotes have to follow each
    other and match whole.
    """

    def __init__(self, text: str) -> None:
        terms = []
        for quoted, word in re.findall(_TERM, composed(text)):
            if words := folded_words(quoted or word):
                terms.append(Term(tuple(words), exact=bool(quoted)))
        self.terms: Sequence[Term] = tuple(dict.fromkeys(terms))

    def __bool__(self) -> bool:
        """Whether the query has any terms."""
        return bool(self.terms)

    def may_match(self, text: str) -> bool:
        """A quick check that is true for every text that matches, and for some that do not."""
        said = folded(text)
        return all(word in said for term in self.terms for word in term.words)

    def spans(self, text: str) -> list[Span]:
        """The matches of the terms in a composed text, in order; empty unless all terms match."""
        places = _places(text, self.terms)
        if not all(places):
            return []
        return _merged(sorted(span for spans in places for span in spans))

    def within(self, windows: Iterable[str]) -> tuple[str, list[Span]] | None:
        """The window of a long text that matches most of the terms, and the matches in it.

        None unless each term matches in some window. Reading stops once that is known.
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
    """A composed word for comparison: case-folded and without accents.

    Only Latin and Greek letters lose their marks: elsewhere a mark makes another letter.
    """
    word = word.casefold()
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", _accented().sub(r"\1", unicodedata.normalize("NFD", word)))


def composed(text: str) -> str:
    """The text in composed form, with each letter and its accents as one character."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def folded_words(text: str) -> list[str]:
    """The words of a composed text."""
    return [folded(word) for word in _word().findall(text)]


def indexable(text: str) -> str:
    """The text in a form that an ASCII-only tokenizer splits into the same words."""
    # The tokenizer ignores the case of ASCII letters.
    return text if text.isascii() else " ".join(folded_words(composed(text)))


def _places(text: str, terms: Iterable[Term]) -> list[list[Span]]:
    """The matches of each of these terms in a composed text."""
    found = list(_word().finditer(text))
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
