"""Markdown taken apart into blocks, and how far what has arrived can no longer change."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_DEEPEST = 50
"""Blocks within blocks, above which a text is no longer taken for Markdown."""

_BLANK = re.compile(r"[\s>]*")
_ONLY_MARKS = re.compile(r"[\s\-=*_#>|~`+:\[\]!]*(?:\d{1,9}[.)]?\s*)?[\s*_`~]*")
"""The beginning of a line of which one cannot say yet what it will be."""

_CODE = re.compile(r"(`+)(?:.*?[^`])\1(?!`)")
_OPENING_CODE = re.compile(r"`+")
_STRONG = re.compile(r"\*\*")

_CONTAINERS = {"blockquote", "bullet_list", "ordered_list", "list_item"}
_ENDED_BY_BLANK = {"paragraph", "heading", "table", "html_block"}


@dataclass(slots=True)
class Block:
    """A block and the blocks in it. `start` and `end` are lines of the text, from 0."""

    kind: str
    token: "Token"
    start: int
    end: int
    blocks: list["Block"] = field(default_factory=list)
    inline: Sequence["Token"] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A text and its outermost blocks.

    `number` is that of the item which the text begins with, where those before it are gone.
    """

    lines: list[str]
    blocks: list[Block]
    number: int | None = None

    def is_blank(self, line: int) -> bool:
        """Whether a line says nothing, but that a quotation goes on."""
        return _BLANK.fullmatch(self.lines[line]) is not None

    @property
    def innermost(self) -> Block | None:
        """The block that the next line may belong to."""
        block = self.blocks[-1] if self.blocks else None
        while block is not None and block.kind in _CONTAINERS and block.blocks:
            block = block.blocks[-1]
        return block

    @property
    def open_paragraph(self) -> Block | None:
        """The paragraph that the next line may go on with."""
        block = self.innermost
        is_open = block is not None and block.kind == "paragraph" and not self._has_ended(block)
        return block if is_open else None

    @property
    def in_code(self) -> bool:
        """Whether the next line belongs to code."""
        block = self.innermost
        return block is not None and block.kind == "fence" and not self.is_closed(block)

    def is_closed(self, fence: Block) -> bool:
        """Whether a block of code has its last line."""
        content = fence.token.content
        inside = content.count("\n") + (content[-1:] not in {"", "\n"})
        return inside == fence.end - fence.start - 2

    def last_line(self, fence: Block) -> float:
        """The last line of a block of code; an open one's is half a line below what is there."""
        return fence.end - (1 if self.is_closed(fence) else 0.5)

    @property
    def settled(self) -> float:
        """The first line that those yet to come can still change; all lines here are whole."""
        block = self.innermost
        if block is None:
            return 0
        if block.kind == "fence":
            return block.end if self.is_closed(block) else self.last_line(block)
        return block.end if self._has_ended(block) else block.start

    def _has_ended(self, block: Block) -> bool:
        """Whether nothing can be added to a block that is not code: an empty line ends most."""
        if block.kind == "hr" or (block.kind == "heading" and block.token.markup[0] == "#"):
            return True
        last = len(self.lines) - 1
        return block.kind in _ENDED_BY_BLANK and block.end < last and self.is_blank(block.end)

    @property
    def restart(self) -> tuple[int, int | None]:
        """The first line that is needed to go on: that of the last block, or of its last item.

        With it comes the number of that item.
        """
        if not self.blocks:
            return max(len(self.lines) - 1, 0), self.number
        last = self.blocks[-1]
        if last.kind not in {"bullet_list", "ordered_list"}:
            has_ended = self.is_closed(last) if last.kind == "fence" else self._has_ended(last)
            return last.end if has_ended else last.start, None
        return last.blocks[-1].start, self.first_number(last) + len(last.blocks) - 1

    def first_number(self, numbered: Block) -> int:
        """The number of the first item of a list."""
        if self.number is not None and numbered is self.blocks[0]:
            return self.number
        return int(numbered.token.attrs.get("start", 1))


def parse(text: str, number: int | None = None) -> Document:
    """Take a text apart. It is safe already, but what is in the document is not: it is decoded."""
    tokens = _parser().parse(text)
    lines = text.split("\n")
    if any(token.level >= _DEEPEST for token in tokens):
        return Document(lines, [_verbatim(tokens[0], lines)])
    return Document(lines, _blocks(tokens), number)


def mended(line: str) -> str:
    """The last line of a text that is still arriving, as it will probably be.

    Marks at its end are left out and what is open in it is closed. Otherwise emphasis would be
    shown with its marks until the closing ones arrive, and a paragraph would be a heading as long
    as the list after it has no more than a dash.
    """
    if _ONLY_MARKS.fullmatch(line):
        return ""
    line = line.rstrip("*_`~ ") if line[-1] in "*_`~ " else line
    text = _CODE.sub("", line)
    code = _OPENING_CODE.search(text)
    if code:
        return line + code[0]
    marks = _STRONG.findall(text)
    return line + "**" if len(marks) % 2 else line


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": _DEEPEST + 1})
    # A definition says where a link leads and would not be shown, often after what refers to it.
    return parser.enable(["table", "strikethrough"]).disable("reference")


def _blocks(tokens: Sequence["Token"]) -> list[Block]:
    outermost: list[Block] = []
    above = [outermost]
    lines = (0, 0)
    for token in tokens:
        if token.nesting < 0:
            above.pop()
            continue
        first, last = token.map or lines
        lines = (first, last)
        if token.type == "inline":
            owner = above[-2][-1]
            owner.inline = token.children or ()
            continue
        block = Block(token.type.removesuffix("_open"), token, first, last)
        above[-1].append(block)
        if token.nesting > 0:
            above.append(block.blocks)
    return outermost


def _verbatim(token: "Token", lines: list[str]) -> Block:
    verbatim = token.copy(type="html_block", content="\n".join(lines))
    return Block("html_block", verbatim, 0, len(lines))
