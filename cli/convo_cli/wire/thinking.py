"""What a model thinks, where a server leaves it in the text, between `<think>` and `</think>`."""

from typing import Literal, NamedTuple

from convo_cli.wire.legal import joined_pairs

_OPEN, _CLOSE = "<think>", "</think>"


class Said(NamedTuple):
    """A piece of text, and whether it is thought or answered."""

    kind: Literal["thought", "answered"]
    text: str


class Thinking:
    """Parts the text of one answer, which comes in pieces that may end within a tag.

    They may end within a character too, where a server counts in UTF-16: half of it waits.

    Only at its beginning does an answer think: tags in the middle of the text are text. What is
    thought and never closed is all thought. A closing tag may come first: some servers take out
    what was thought before it, and leave the tag.
    """

    def __init__(self) -> None:
        self._state: Literal["beginning", "opened", "thought", "after", "answered"] = "beginning"
        self._waiting = self._half = ""

    def read(self, piece: str) -> list[Said]:
        """What is known of the text with this piece; the beginning of a tag waits for more."""
        piece = joined_pairs(self._half + piece)
        self._half = piece[-1:] if "\ud800" <= piece[-1:] < "\udc00" else ""
        self._waiting += piece.removesuffix(self._half)
        said: list[Said] = []
        if self._state == "beginning":
            self._begin()
        if self._state == "opened" and self._waiting.strip():
            self._waiting, self._state = self._waiting.lstrip(), "thought"
        if self._state == "thought":
            said += self._think()
        if self._state == "after" and self._waiting.strip():
            self._waiting, self._state = self._waiting.lstrip(), "answered"
        if self._state == "answered" and self._waiting:
            said.append(Said("answered", self._waiting))
            self._waiting = ""
        return said

    def rest(self) -> list[Said]:
        """What waited for more, when no more comes."""
        waiting, self._waiting, self._half = self._waiting + self._half, "", ""
        if not waiting or self._state in ("opened", "after"):
            return []
        return [Said("thought" if self._state == "thought" else "answered", waiting)]

    def _begin(self) -> None:
        text = self._waiting.lstrip()
        if text.startswith(_OPEN):
            self._waiting, self._state = text.removeprefix(_OPEN), "opened"
        elif text.startswith(_CLOSE):
            self._waiting, self._state = text.removeprefix(_CLOSE), "after"
        elif not any(tag.startswith(text) for tag in (_OPEN, _CLOSE)):
            self._state = "answered"

    def _think(self) -> list[Said]:
        thought, closed, after = self._waiting.partition(_CLOSE)
        if closed:
            self._waiting, self._state = after, "after"
        else:
            kept = _beginning_of_tag(thought)
            self._waiting = thought[len(thought) - kept :]
            thought = thought[: len(thought) - kept]
        return [Said("thought", thought)] if thought else []


def _beginning_of_tag(text: str) -> int:
    """How many characters at the end of the text may be the beginning of the closing tag."""
    return next((size for size in range(len(_CLOSE) - 1, 0, -1) if text.endswith(_CLOSE[:size])), 0)


def parted(text: str) -> tuple[str, str]:
    """A whole text as what is thought and what is answered."""
    thinking = Thinking()
    said = [*thinking.read(text), *thinking.rest()]
    thought = "".join(one.text for one in said if one.kind == "thought")
    return thought, "".join(one.text for one in said if one.kind == "answered")
