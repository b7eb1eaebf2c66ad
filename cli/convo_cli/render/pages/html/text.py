"""Texts of messages as HTML: Markdown without HTML, with everything else escaped."""

import re
from functools import cache
from typing import TYPE_CHECKING

from convo_cli.render.pages.html.plain_text import plain

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

_PLAIN_INLINE = re.compile(r"[^\n\\`*_\[\]<&~!]*")
"""Text within a block in which no inline rule of Markdown finds anything."""

_LINK = re.compile(r"(?:https?|mailto):|[^:]*(?:[/?#]|$)", re.IGNORECASE)
"""The beginning of a link that may be followed; other schemes start programs."""

_HEADINGS = frozenset({"heading_open", "heading_close"})


def rendered(text: str) -> str:
    """A text in Markdown as HTML."""
    return plain(text) or _parser().render(text)


@cache
def _parser() -> "MarkdownIt":
    """A parser from Markdown to HTML that escapes HTML, and makes links of images."""
    # Imported here because only the HTML format needs it.
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 50})
    parser.core.ruler.at("inline", _inline)
    parser.validateLink = is_followed  # type: ignore[assignment, method-assign]
    return parser.enable(["table", "strikethrough"]).disable("image")


def is_followed(link: str) -> bool:
    """Whether a link becomes one; the text of any other is left as it is."""
    return _LINK.match(link) is not None


def _inline(state: "StateCore") -> None:
    """The parser's own rule for the text within blocks, without parsing what is plain.

    Most text is, and a page of many turns takes a tenth less time this way.
    """
    from markdown_it.token import Token

    headings: list[Token] = []
    for token in state.tokens:
        if token.type != "inline":
            if token.type in _HEADINGS:
                headings.append(token)
            elif "style" in token.attrs:
                _align(token)
            continue
        if token.children is None:
            token.children = []
        if _PLAIN_INLINE.fullmatch(token.content):
            token.children.append(Token("text", "", 0, content=token.content))
        else:
            state.md.inline.parse(token.content, state.md, state.env, token.children)
    if headings:
        _lower(headings)


def _lower(headings: "list[Token]") -> None:
    """Move headings below those of the page; the class of each keeps its level."""
    highest = min(heading.tag for heading in headings)
    for heading in headings:
        if heading.nesting == 1:
            heading.attrSet("class", heading.tag)
        heading.tag = "h5" if heading.tag == highest else "h6"


def _align(cell: "Token") -> None:
    """Say by a class how a cell is aligned: the page allows no style but its own."""
    cell.attrs = {"class": str(cell.attrs["style"]).removeprefix("text-align:")}
