"""Separates reasoning that a server leaves in the text between `<think>` and `</think>`."""

from typing import Literal, NamedTuple

from convo_cli.wire.legal import joined_pairs

_OPEN, _CLOSE = "<think>", "</think>"


class Said(NamedTuple):
    """A piece of text, and whether it is reasoning or part of the answer."""

    kind: Literal["thought", "answered"]
    text: str


class Thinking:
    """Separates reasoning in the text of one answer, whose pieces may end within a tag.

    Pieces may also end within a character if a server counts in UTF-16: then the half is buffered.

    Only the beginning of an answer is reasoning: tags in the middle of the text are text. Without a
    closing tag everything is reasoning. A closing tag may come first, because some servers remove
    the reasoning before it, and leave the tag.
    """

    def __init__(self) -> None:
        self._state: Literal["beginning", "opened", "thought", "after", "answered"] = "beginning"
        self._waiting = self._half = ""

    def read(self, piece: str) -> list[Said]:
        """The text that is decided with this piece; a possible beginning of a tag is buffered."""
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
        """The buffered text, at the end of the answer."""
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
    """The number of characters at the end of the text that may begin the closing tag."""
    return next((size for size in range(len(_CLOSE) - 1, 0, -1) if text.endswith(_CLOSE[:size])), 0)


def parted(text: str) -> tuple[str, str]:
    """Split a whole text into its reasoning and its answer."""
    thinking = Thinking()
    said = [*thinking.read(text), *thinking.rest()]
    thought = "".join(one.text for one in said if one.kind == "thought")
    return thought, "".join(one.text for one in said if one.kind == "answered")
