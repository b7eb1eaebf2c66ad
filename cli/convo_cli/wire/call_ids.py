"""Ids of calls: one of its own for every call, wherever it came from."""

from collections.abc import Hashable, Iterable, Sequence
from hashlib import sha256

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 9
"""Letters and digits, nine of them: Mistral takes no other ids, and every server takes these."""


_NONE: tuple[object, str] = (object(), "")


class CallIds:
    """Gives out ids, each once: the one that a server gave, or else one that is made from it.

    Some servers begin to count in every answer (`call_0`), others give no ids at all. An id is
    made from the given one and a number, so that the same history is always sent alike, and
    caches of prompts match.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def take(self, given: object) -> str:
        """The given id if it is one and no call has it, else a new one."""
        if isinstance(given, str) and given and given not in self._taken:
            self._taken.add(given)
            return given
        return self.make(given)

    def short(self, given: str) -> str:
        """The given id if it has the one form that every server takes, else a new one."""
        is_short = len(given) == _LENGTH and given.isascii() and given.isalnum()
        return self.take(given) if is_short else self.make(given)

    def make(self, given: object) -> str:
        """A new id in the place of the given one."""
        number = 1
        while (made := _made(f"{given}#{number}")) in self._taken:
            number += 1
        self._taken.add(made)
        return made


class AnswerIds:
    """The ids of the calls of one answer, which may come in pieces.

    `taken` are those of the conversation so far. A call is known by its place in the answer.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self._ids = CallIds(taken)
        self._calls: dict[Hashable, tuple[object, str]] = {}

    def began(self, place: Hashable) -> bool:
        """Whether a piece of that call was seen before."""
        return place in self._calls

    def of(self, place: Hashable, given: object) -> str:
        """The id of the call in that place, where the server gave it this one."""
        if place not in self._calls:
            self._calls[place] = (given, self._ids.take(given))
        return self._calls[place][1]

    def of_repeated(self, places: Sequence[tuple[Hashable, object]]) -> list[str]:
        """The ids of all calls, by place and given id, where they may have come in pieces before.

        A server that says all of the answer again may say it with its calls in other places.
        """
        unclaimed = dict(self._calls)
        result = []
        for place, given in places:
            same = [was for was in (place, *unclaimed) if unclaimed.get(was, _NONE)[0] == given]
            result.append(unclaimed.pop(same[0])[1] if same else self._ids.take(given))
        return result


def _made(seed: str) -> str:
    digest = int.from_bytes(sha256(seed.encode("utf-8", "surrogatepass")).digest())
    letters = []
    for _ in range(_LENGTH):
        digest, letter = divmod(digest, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return "".join(letters)
