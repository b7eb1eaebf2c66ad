"""Ids of calls: one of its own for every call, wherever it came from."""

from collections.abc import Iterable
from hashlib import sha256

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 9
"""Letters and digits, nine of them: Mistral takes no other ids, and every server takes these."""


class CallIds:
    """Gives out ids, each once: the one that a server gave, or else one that is made from it.

    Some servers begin to count in every answer (`call_0`), others give no ids at all. An id is
    made from the given one and a number, so that the same history is always sent alike, and
    caches of prompts match.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def take(self, given: object) -> str:
        """The given id if it is one and nobody has it, else a new one."""
        if isinstance(given, str) and given and given not in self._taken:
            self._taken.add(given)
            return given
        return self.make(given)

    def make(self, given: object) -> str:
        """A new id in the place of the given one."""
        number = 1
        while (made := _made(f"{given}#{number}")) in self._taken:
            number += 1
        self._taken.add(made)
        return made


def _made(seed: str) -> str:
    digest = int.from_bytes(sha256(seed.encode("utf-8", "surrogatepass")).digest())
    letters = []
    for _ in range(_LENGTH):
        digest, letter = divmod(digest, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return "".join(letters)
