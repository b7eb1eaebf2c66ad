"""The blocks of a Markdown text as lines of a terminal."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, repeat

from convo_cli.render.markdown.code import WIDEST_RULE, Code
from convo_cli.render.markdown.document import Block, Document
from convo_cli.render.markdown.inline import InlineSpans
from convo_cli.render.markdown.tables import Layout, laid_out, table_lines
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.spans import Span, Spans, span, wrapped

NARROWEST = 16
"""Cells for what is nested, however deep."""

_HEADINGS = {"h1": "1;4", "h2": "1"}
_LOWER_HEADING, _DIM = "4", "2"


@dataclass(frozen=True, slots=True)
class Line:
    """A line, and the line of the text that it comes from, or that its block begins in."""

    spans: Spans
    source: float


class BlockLines:
    """Draws the blocks of one document, whose first is the rest of one that was begun before.

    `layout` is that of the table which it goes on with, `is_inner` whether it stands in a quotation
    or an item, where no empty line comes first.
    """

    def __init__(
        self,
        document: Document,
        look: Look,
        *,
        layout: Layout | None = None,
        is_inner: bool = False,
    ) -> None:
        self._document = document
        self._look = look
        self._layout = layout
        self._is_inner = is_inner
        self._drawn_by: dict[str, Callable[[Block, int], list[Line]]] = {
            "paragraph": self._paragraph,
            "heading": self._heading,
            "fence": self._code,
            "code_block": self._code,
            "blockquote": self._quote,
            "bullet_list": self._list,
            "ordered_list": self._list,
            "table": self._table,
            "hr": self._rule,
        }

    def lines(self) -> list[Line]:
        """All lines of the document."""
        outermost = not self._is_inner
        return self._blocks(self._document.blocks, self._look.width, outermost=outermost)

    def layout_of(self, table: Block) -> Layout:
        """How the rows of a table are laid out that are there."""
        return laid_out(self._rows(table), self._alignments(table), self._look.width)

    def _blocks(
        self, blocks: Sequence[Block], width: int, *, outermost: bool = False
    ) -> list[Line]:
        """Blocks below each other, parted by an empty line where they are in the text."""
        lines: list[Line] = []
        for block in blocks:
            if lines or outermost:
                lines += self._gap(block)
            lines += self._drawn_by.get(block.kind, self._verbatim)(block, width)
        return lines

    def _gap(self, block: Block) -> list[Line]:
        before = block.start - 1
        return [Line((), block.start)] if before >= 0 and self._document.is_blank(before) else []

    def _paragraph(self, block: Block, width: int) -> list[Line]:
        spans = InlineSpans(colour=self._look.colour).take(block.inline)
        return [Line(line, block.start) for line in wrapped(spans, width)]

    def _heading(self, block: Block, width: int) -> list[Line]:
        colour = self._look.colour
        style = _HEADINGS.get(block.token.tag, _LOWER_HEADING)
        spans = InlineSpans(colour=colour, style=style).take(block.inline)
        if not colour:
            spans.insert(0, Span("#" * int(block.token.tag[1:]) + " "))
        return [Line(line, block.start) for line in wrapped(spans, width)]

    def _code(self, block: Block, width: int) -> list[Line]:
        """Code between two rules. Its lines are never broken, so that they can be copied."""
        code = Code(block.token.info, self._look._replace(width=width))
        lines = block.token.content.split("\n")
        if lines[-1] == "":
            lines.pop()
        sources: Iterator[int] = count(block.start + 1)
        last = self._document.last_line(block)
        if block.kind != "fence":
            sources, last = repeat(block.start), block.start
        return [
            Line(code.top, block.start),
            *(Line(code.line(line), source) for line, source in zip(lines, sources, strict=False)),
            Line(code.bottom, last),
        ]

    def _quote(self, block: Block, width: int) -> list[Line]:
        bar = Span("│ " if self._look.unicode else "| ", _DIM)
        inner = self._blocks(block.blocks, max(width - 2, NARROWEST))
        return _prefixed(inner or [Line((), block.start)], bar, bar)

    def _list(self, block: Block, width: int) -> list[Line]:
        lines: list[Line] = []
        number = self._document.first_number(block)
        for item in block.blocks:
            marker = "• " if self._look.unicode else "- "
            if block.kind == "ordered_list":
                marker = f"{number}. "
            if lines:
                lines += self._gap(item)
            inner = self._blocks(item.blocks, max(width - len(marker), NARROWEST))
            inner = inner or [Line((), item.start)]
            lines += _prefixed(inner, Span(marker), Span(" " * len(marker)))
            number += 1
        return lines

    def _table(self, block: Block, width: int) -> list[Line]:
        rows, alignments = self._rows(block), self._alignments(block)
        if self._layout is not None and block is self._document.blocks[0]:
            layout, sources = self._layout, self._sources(block)
        else:
            # Any row that follows may change the others, until there are too many of them.
            layout, sources = laid_out(rows, alignments, width), [block.start] * len(rows)
        return [
            Line(line, sources[row])
            for row, line in table_lines(rows, layout, width, unicode=self._look.unicode)
        ]

    def _rows(self, table: Block) -> list[list[Spans]]:
        colour = self._look.colour
        return [
            [
                InlineSpans(colour=colour, style="1" if cell.kind == "th" else "").take(cell.inline)
                for cell in row.blocks
            ]
            for part in table.blocks
            for row in part.blocks
        ]

    def _alignments(self, table: Block) -> list[str]:
        head = table.blocks[0].blocks[0].blocks
        return [str(cell.token.attrs.get("style", "")).rpartition(":")[2] for cell in head]

    def _sources(self, table: Block) -> list[int]:
        return [row.start for part in table.blocks for row in part.blocks]

    def _rule(self, block: Block, width: int) -> list[Line]:
        rule = "─" if self._look.unicode else "-"
        # Not drawn through, as those of code are.
        broken = " ".join(rule * (min(width, WIDEST_RULE) // 2))
        return [Line((Span(broken, _DIM),), block.start)]

    def _verbatim(self, block: Block, width: int) -> list[Line]:
        lines = block.token.content.rstrip("\n").split("\n")
        return [Line((span(line, _DIM),), block.start) for line in lines]


def _prefixed(lines: list[Line], first: Span, other: Span) -> list[Line]:
    """The lines with something before them: a marker before the first, or a bar before each."""
    prefixed = []
    for number, line in enumerate(lines):
        before = other if number else first
        if not line.spans:
            before = Span(before.text.rstrip(), before.style)
        prefixed.append(Line((before, *line.spans), line.source))
    return prefixed
