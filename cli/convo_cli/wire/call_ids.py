"""Gives every call a unique id, whichever server it came from."""

from collections.abc import Hashable, Iterable, Sequence
from hashlib import sha256

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 9
"""Nine letters and digits: the only ids that Mistral accepts, and every other server does too."""


_NONE: tuple[object, str] = (object(), "")


class CallIds:
    """Assigns ids, each once: the server's own id, or else one derived from it.

    Some servers number the calls of every answer from `call_0`, and others give no ids at all. A
    derived id depends only on the given one and a counter, so that the same history is always sent
    with the same ids, and prompt caches match.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def take(self, given: object) -> str:
        """The given id if it is valid and unused, otherwise a new one."""
        if isinstance(given, str) and given and given not in self._taken:
            self._taken.add(given)
            return given
        return self.make(given)

    def short(self, given: str) -> str:
        """The given id if it has the form that every server accepts, otherwise a new one."""
        is_short = len(given) == _LENGTH and given.isascii() and given.isalnum()
        return self.take(given) if is_short else self.make(given)

    def make(self, given: object) -> str:
        """A new id to replace the given one."""
        number = 1
        while (made := _made(f"{given}#{number}")) in self._taken:
            number += 1
        self._taken.add(made)
        return made


class AnswerIds:
    """The ids of the calls of one answer, which may be streamed.

    `taken` are the ids of the conversation so far. A call is identified by its place in the answer.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self._ids = CallIds(taken)
        self._calls: dict[Hashable, tuple[object, str]] = {}

    def began(self, place: Hashable) -> bool:
        """Whether a piece of that call has arrived before."""
        return place in self._calls

    def of(self, place: Hashable, given: object) -> str:
        """The id of the call in that place, whose id from the server is `given`."""
        if place not in self._calls:
            self._calls[place] = (given, self._ids.take(given))
        return self._calls[place][1]

    def of_repeated(self, places: Sequence[tuple[Hashable, object]]) -> list[str]:
        """The ids of all calls, by place and given id, some of which may have arrived before.

        A server that repeats the whole answer at its end may number the calls differently there.
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
