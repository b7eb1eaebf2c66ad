"""What is kept of a Markdown text while it arrives: enough to draw the lines that follow.

The lines that are final are handed out and forgotten. What stays is the last block, the last item
of a list, or of a long block the lines that decide how the next ones are drawn.
"""

import re

from convo_cli.render.markdown.blocks import BlockLines
from convo_cli.render.markdown.document import Block, Document, parse
from convo_cli.render.markdown.tables import Layout
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.spans import Spans

LONG_TABLE, LONG = 1_500, 2_000
"""Characters of a table, and of another block or item, above which it is drawn in parts."""

_STEP = 500
"""Characters of whole lines between two checks of whether the last block has become long."""

_LONG_LINE, _LONGEST_LINE = 2_000, 3_000
"""Characters between which a line is broken: before a word, or else at the upper limit."""

_WORD = re.compile(r" (?=[^\W\d_])")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")


class KeptText:
    """The part of an open text that is still needed, and what of it has been handed out."""

    def __init__(self, look: Look, *, is_inner: bool) -> None:
        self.look = look
        self.text = ""
        self.whole = 0
        """Characters of whole lines that have been looked at."""
        self.done: float = 0
        """The first line, or half a line, of which nothing has been handed out."""
        self.number: int | None = None
        self.in_code = False
        """Whether the whole lines end in code, in a quotation or an item."""
        self.is_inner = is_inner
        """Whether the text begins where a quotation or an item begins."""
        self.skip = 0
        """Lines drawn of the beginning of a block whose first part has been handed out."""
        self.layout: Layout | None = None
        self._taken = 0
        self._next_look = _STEP

    @property
    def may_be_long(self) -> bool:
        """Whether the text is long enough for a block in it to be long."""
        return self.whole > min(LONG, LONG_TABLE)

    @property
    def is_long(self) -> bool:
        """Whether a block that begins the text is long, unless it is a table."""
        return self.whole > LONG

    @property
    def next_look(self) -> int:
        """Where the line begins, or is, after which the last block is to be looked at."""
        return self.whole + max(self._next_look - self._taken, 1) - 1

    def look_when_long(self) -> None:
        """Look at the last block no sooner than when it may be long."""
        self._next_look = LONG

    @property
    def whole_lines(self) -> Document:
        """The document of the whole lines that have been looked at."""
        return self.parse(self.text[: self.whole])

    def long_line(self, end: int) -> int | None:
        """Where the first line up to `end` begins that is long enough to be broken, if any."""
        at = self.whole
        while end - at >= _LONGEST_LINE:
            found = self.text.find("\n", at, end)
            if (end if found < 0 else found) - at >= _LONGEST_LINE:
                return at
            at = found + 1
        return None

    def break_line(self) -> None:
        """Break the next line, which is not one of code: those stay whole."""
        word = _WORD.search(self.text, self.whole + _LONG_LINE, self.whole + _LONGEST_LINE)
        if word is not None:
            self.text = f"{self.text[: word.start()]}\n{self.text[word.end() :]}"
            return
        at = self.whole + _LONGEST_LINE
        is_sign = _PUNCTUATION.match(self.text, at - 1)
        self.text = f"{self.text[: at - 1]}\n{chr(92) if is_sign else ''}{self.text[at - 1 :]}"

    def count(self, taken: int) -> None:
        """Count characters of whole lines; past a check, set the next one."""
        self._taken += taken
        if self._taken >= self._next_look:
            self._next_look = self._taken + _STEP

    def begin_again(self, text: str) -> None:
        """Go on with `text`, independently of everything before it."""
        self.text, self.whole, self.done, self.in_code = text, 0, 0, False
        self.number, self.layout, self.skip, self.is_inner = None, None, 0, False

    def settle(self, document: Document) -> tuple[list[Spans], Block | None]:
        """Hand out the final lines of a document, and the long table that is all it holds."""
        settled = document.settled
        table = document.blocks[0] if self.layout is not None else None
        if table is not None and (len(document.blocks) > 1 or settled >= table.end):
            table = None
        if table is not None:
            settled = table.end
        if settled <= self.done:
            return [], table
        lines = self.drawn(document, settled)
        self.done = settled
        return lines, table

    def begin_table(self, document: Document, table: Block) -> list[Spans]:
        """Hand out a table if it is long by now; the columns it has are those of its later rows."""
        if self.layout is not None or self.whole <= LONG_TABLE or table.end - table.start <= 2:
            return []
        blocks = self._blocks(document)
        lines = self.drawn(document, table.end)
        self.layout = blocks.layout_of(table)
        self.keep_rows(document, table)
        return lines

    def keep_rows(self, document: Document, table: Block) -> None:
        """Keep the head and the last row of a table that has been handed out."""
        head = document.lines[table.start : table.start + 2]
        last = document.lines[max(table.end - 1, table.start + 2) : table.end]
        kept = "".join(f"{line}\n" for line in [*head, *last, *document.lines[table.end : -1]])
        self.text = kept + self.text[self.whole :]
        self.whole, self.done = len(kept), len(head) + len(last)

    def keep_last_line(self, document: Document, block: Block, lines: list[Spans]) -> None:
        """Hand out all but the last line of a block; keep what the next lines depend on."""
        at = len(document.lines) - 2
        if block.kind == "paragraph" and len(document.lines[at]) >= LONG // 2:
            # It is the head of no table.
            lines += self.drawn(document)
            self.begin_again("x\n" + self.text[self.whole :])
            self.whole, self.skip = 2, 1
            return
        while at > block.start and document.is_blank(at):
            at -= 1
        while at - 1 > block.start and document.is_blank(at - 1):
            at -= 1
        if at <= block.start:
            return
        part = self.drawn(self.parse("".join(f"{line}\n" for line in document.lines[:at])))
        # The rule below code is not there yet.
        lines += part[:-1] if block.kind == "code_block" else part
        first = "x" if block.kind == "paragraph" else document.lines[block.start]
        kept = "".join(f"{line}\n" for line in [first, *document.lines[at:-1]])
        self.begin_again(kept + self.text[self.whole :])
        self.whole, self.skip = len(kept), 2 if block.kind == "code_block" else 1

    def parse(self, text: str) -> Document:
        """Take a text apart that begins where this one does."""
        return parse(text, self.number)

    def _blocks(self, document: Document) -> BlockLines:
        return BlockLines(document, self.look, layout=self.layout, is_inner=self.is_inner)

    def drawn(self, document: Document, before: float | None = None) -> list[Spans]:
        """The lines of a document that have not been handed out, up to the line `before`."""
        return [
            line.spans
            for line in self._blocks(document).lines()[self.skip :]
            if self.done <= line.source and (before is None or line.source < before)
        ]

    def forget(self, document: Document) -> None:
        """Forget all but the lines needed to go on and the empty line before them."""
        first, number = document.restart
        if first and document.is_blank(first - 1):
            first -= 1
        if not first:
            self.number = number
            return
        gone = sum(len(line) + 1 for line in document.lines[:first])
        whole, done = self.whole - gone, max(self.done - first, 0)
        is_inner = self.is_inner and not document.blocks
        self.begin_again(self.text[gone:])
        self.whole, self.done, self.number, self.is_inner = whole, done, number, is_inner
