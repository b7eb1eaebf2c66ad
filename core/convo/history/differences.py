"""Compare two texts word by word.

White space between words is not compared, as by `git diff --word-diff`.
"""

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from convo.history.alignment import Run, aligned

Change = Literal["same", "removed", "added"]

LONGEST = 2_000_000
"""Characters of a text that is compared by words; of a longer one, only its ends are."""

_ISLAND, _TIMES = 2, 5
"""So few words that are the same are left out between changes that are as many times longer."""


_IDEOGRAPHS = "\u1100-\u115f\u2e80-\u2fff\u3005-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff"
_BEYOND = "\U00020000-\U0003fffd"
_SIGNS = "\u2010-\u2027\u2030-\u205e\u3000-\u3004"
# A mark, a joiner or a part of an emoji belongs to the word that it is written in.
_WORD = re.compile(
    f"[{_IDEOGRAPHS}{_BEYOND}][\u0300-\u036f\u3099\u309a\ufe00-\ufe0f]*"
    f"|(?:\\w(?<![{_IDEOGRAPHS}{_BEYOND}])|[^\\s\x00-\u02ff{_SIGNS}{_IDEOGRAPHS}{_BEYOND}])+"
    "|\\S"
)
_ASCII_WORD = re.compile(r"\w+|\S")


class Piece(NamedTuple):
    """A part of two texts that is the same in both, removed from the first, or added by the second.

    The pieces that are not removed make up the second text.
    """

    change: Change
    text: str


class Differences(NamedTuple):
    """How one text differs from another.

    `is_whole` is False if the texts are so long, or so different, that a part of them was not
    compared word by word: it is removed and added as a whole.
    """

    pieces: tuple[Piece, ...]
    is_whole: bool = True

    @property
    def is_same(self) -> bool:
        """Whether all words are the same."""
        return all(piece.change == "same" for piece in self.pieces)


def differences(a: str, b: str) -> Differences:
    """Compare two texts word by word."""
    if a == b:
        return Differences((Piece("same", b),) if b else ())
    start, end = _ends(a, b) if max(len(a), len(b)) > LONGEST else (0, 0)
    if start or end or max(len(a), len(b)) > LONGEST:
        pieces = [("same", b[:start]), ("removed", a[start : len(a) - end])]
        pieces += [("added", b[start : len(b) - end]), ("same", b[len(b) - end :])]
        return Differences(tuple(Piece(c, t) for c, t in pieces if t), False)  # type: ignore[arg-type]
    numbers: dict[str, int] = {}
    old, new = _Words(a, numbers), _Words(b, numbers)
    found = aligned(old.numbers, new.numbers)
    return Differences(
        tuple(_pieces(old, new, _without_islands(found.runs, old, new))), found.is_whole
    )


class _Words:
    """The words of a text, as numbers that equal words share."""

    def __init__(self, text: str, known: dict[str, int]) -> None:
        self.text = text
        self.numbers = array("l")
        self.starts = array("l")
        self.ends = array("l")
        for found in (_ASCII_WORD if text.isascii() else _WORD).finditer(text):
            self.numbers.append(known.setdefault(found[0], len(known)))
            self.starts.append(found.start())
            self.ends.append(found.end())

    def __len__(self) -> int:
        return len(self.numbers)


def _without_islands(found: Sequence[Run], old: "_Words", new: "_Words") -> list[Run]:
    """The runs without short ones between long changes, which would only be harder to read."""
    kept: list[Run] = []
    end = Run(len(old), len(new), 0)
    for run, after in zip(found, [*found, end][1:], strict=True):
        last = kept[-1] if kept else Run(0, 0, 0)
        changed_before = max(run.a - last.a - last.length, run.b - last.b - last.length)
        changed_after = max(after.a - run.a - run.length, after.b - run.b - run.length)
        if run.length > _ISLAND or run.length * _TIMES > min(changed_before, changed_after):
            kept.append(run)
    return kept


def _pieces(old: "_Words", new: "_Words", found: Iterable[Run]) -> Iterator[Piece]:
    """The texts of the runs, and of what is between them."""
    a = b = at = 0
    for run in (*found, Run(len(old), len(new), 0)):
        if a < run.a and b < run.b:
            yield from _filled("same", new.text[at : new.starts[b]])
            yield Piece("removed", old.text[old.starts[a] : old.ends[run.a - 1]])
            yield Piece("added", new.text[new.starts[b] : new.ends[run.b - 1]])
            at = new.ends[run.b - 1]
        elif a < run.a:
            # With the white space on one side of what was removed.
            if run.a < len(old):
                until = new.starts[b] if b < len(new) else len(new.text)
                yield from _filled("same", new.text[at:until])
                yield Piece("removed", old.text[old.starts[a] : old.starts[run.a]])
                at = until
            else:
                yield Piece("removed", old.text[old.ends[a - 1] if a else 0 :])
        elif b < run.b:
            yield from _filled("same", new.text[at : new.starts[b]])
            yield Piece("added", new.text[new.starts[b] : new.ends[run.b - 1]])
            at = new.ends[run.b - 1]
        a, b = run.a + run.length, run.b + run.length
        until = new.ends[b - 1] if run.length else len(new.text)
        yield from _filled("same", new.text[at:until])
        at = until


def _filled(change: Change, text: str) -> Iterator[Piece]:
    if text:
        yield Piece(change, text)


def _ends(a: str, b: str) -> tuple[int, int]:
    """How many characters two texts have in common at their starts and, after them, their ends."""
    start = _common(a, b)
    most = min(len(a), len(b)) - start
    end = _common(a[len(a) - most :][::-1], b[len(b) - most :][::-1]) if most else 0
    return start, end


def _common(a: str, b: str) -> int:
    """The length of the common beginning of two texts, found by halves: slices compare fast."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if a[low:middle] == b[low:middle] else (low, middle - 1)
    return low
