"""What stands in a paragraph: emphasis, code, links and images, as spans."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from convo_cli.render.terminal.spans import Span, span, text_of

if TYPE_CHECKING:
    from markdown_it.token import Token

_EMPHASIS = {"em": "3", "strong": "1", "s": "9"}
_CODE, _LINK, _DIM = "36", "4", "2"
_LONGEST_DATA = 60
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


class InlineSpans:
    """Turns the tokens of one text into spans; what looks like nothing without colour is marked."""

    def __init__(self, *, colour: int, style: str = "") -> None:
        self._colour = colour
        self._styles = [style] if style else []
        self._links: list[tuple[str, int]] = []
        self.spans: list[Span] = []

    def take(self, tokens: Sequence["Token"]) -> list[Span]:
        """All the spans, with newlines where a line is to break."""
        for token in tokens:
            self._take(token)
        return self.spans

    def _take(self, token: "Token") -> None:
        match token.type:
            case "text" | "text_special":
                self._add(token.content)
            case "softbreak" | "hardbreak":
                self._add("\n")
            case "html_inline":
                self._add("\n" if _BREAK.fullmatch(token.content) else token.content)
            case "code_inline":
                code = token.content
                self._add(code if self._colour else f"{token.markup}{code}{token.markup}", _CODE)
            case "link_open":
                self._links.append((str(token.attrs.get("href", "")), len(self.spans)))
                self._styles.append(_LINK)
            case "link_close":
                self._styles.pop()
                self._add_address(*self._links.pop())
            case "image":
                alt = f": {token.content}" if token.content else ""
                start = len(self.spans)
                self._add(f"[image{alt}]")
                self._add_address(str(token.attrs.get("src", "")), start)
            case _:
                self._take_emphasis(token)

    def _take_emphasis(self, token: "Token") -> None:
        name, _, end = token.type.rpartition("_")
        if name not in _EMPHASIS:
            self._add(token.content)
            return
        if end == "close":
            self._styles.pop()
        if not self._colour:
            self._add(token.markup)
        if end == "open":
            self._styles.append(_EMPHASIS[name])

    def _add(self, text: str, *styles: str) -> None:
        if text:
            self.spans.append(span(text, ";".join([*self._styles, *styles])))

    def _add_address(self, address: str, start: int) -> None:
        """Where a link leads, unless it says so itself."""
        if address.startswith("data:") and len(address) > _LONGEST_DATA:
            address = address[:_LONGEST_DATA] + "..."
        if address and text_of(self.spans[start:]) not in {
            address,
            address.removeprefix("mailto:"),
        }:
            self._add(f" ({address})", _DIM)
