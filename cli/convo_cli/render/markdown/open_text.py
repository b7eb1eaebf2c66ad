"""A Markdown text that is still open at its end, drawn a part at a time.

Whatever its length, little of it is looked at again: the last block, or the last item of a list.
Where that becomes long too, it is gone on with in parts. Code goes on line by line; so does what
stands in a quotation or an item, as a text of its own. A table keeps the columns that it has by
then. What is emphasised in a paragraph ends with the part, and a line without an end is broken.
All that depends on the text alone and not on the pieces in which it arrives.
"""

import re

from convo_cli.render.markdown.blocks import NARROWEST, BlockLines
from convo_cli.render.markdown.code import OpenCode
from convo_cli.render.markdown.containers import QUOTE, Inner, item_of, lazy
from convo_cli.render.markdown.document import Block, Document, parse
from convo_cli.render.markdown.mending import mended
from convo_cli.render.markdown.tables import Layout
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.spans import Span, Spans

LONG_TABLE, LONG = 1_500, 2_000
"""Characters of a table, and of another block or item, above which it is gone on with in parts."""

_STEP = 500
"""Characters of whole lines between two looks at whether the last block is long by now."""

_LONG_LINE, _LONGEST_LINE = 2_000, 3_000
"""Characters between which a line is broken: before a word, or else where it is longest."""

_DECIDED = 1_000
"""Characters of a line that say to which block it belongs."""

_SCREENS = 60
"""Lines of a screen that are shown of a line of code before it has its end."""

_WORD = re.compile(r" (?=[^\W\d_])")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")


class OpenText:
    """A text of which the end is not there yet: its lines so far, and those that may change."""

    def __init__(self, look: Look, *, is_inner: bool = False) -> None:
        self._look = look
        self._text = ""
        self._whole = 0
        """Characters of whole lines that have been looked at."""
        self._done: float = 0
        """The first line, or half a line, of which nothing has been handed out."""
        self._number: int | None = None
        self._in_code = False
        """Whether the whole lines end in code, in a quotation or an item."""
        self._is_inner = is_inner
        """Whether the text begins where it begins in a quotation or an item."""
        self._skip = 0
        """Lines drawn of the beginning of a block that is gone on with."""
        self._layout: Layout | None = None
        self._code: OpenCode | None = None
        self._inner: Inner | None = None
        self._taken = 0
        self._next_look = _STEP

    @property
    def look(self) -> Look:
        """What the terminal can show."""
        return self._look

    @look.setter
    def look(self, look: Look) -> None:
        narrower = look.width - self._look.width
        self._look = look
        if self._code is not None:
            self._code.code.look = look
        if self._inner is not None:
            inner = self._inner.text
            inner.look = look._replace(width=max(inner.look.width + narrower, NARROWEST))

    def add(self, text: str) -> None:
        """Take the next piece of the text, which is safe."""
        self._text += text

    def settled(self) -> list[Spans]:
        """The lines that have become final since this was last asked."""
        lines: list[Spans] = []
        goes_on = True
        while goes_on:
            if self._code is not None:
                goes_on = self._take_code(self._code, lines)
            elif self._inner is not None:
                goes_on = self._take_inner(self._inner, lines)
            else:
                goes_on = self._take(lines)
        return lines

    def open(self, rest: str = "") -> list[Spans]:
        """The lines that may change, with `rest` behind what is here."""
        if self._code is not None:
            return self._open_code(self._code, self._text + rest)
        if self._inner is not None:
            return self._open_inner(self._inner, self._text + rest)
        whole, rest = self._text[: self._whole], self._text[self._whole :] + rest
        if rest and not self._in_code:
            rest = mended(rest)
        return self._drawn(self._parse(whole + rest))

    def end(self) -> list[Spans]:
        """The lines that were not final, now that nothing follows."""
        lines = self.settled()
        if self._inner is not None:
            lines += self._end_inner(self._inner)
        if self._code is not None:
            # White space that has no end of line is no line of code to the parser either.
            if self._text.strip(" \t") and not self._code.closing.fullmatch(self._text):
                lines.append(self._code.code.line(self._code.text(self._text)))
            lines.append(self._code.code.bottom)
        elif self._inner is None:
            lines += self._drawn(self._parse(self._text))
        return lines

    def takes_lazily(self, line: str) -> bool:
        """Whether a line that is elsewhere goes on with the paragraph at the end."""
        if self._inner is not None:
            return self._inner.text.takes_lazily(line)
        if self._code is not None or not self._whole or not line.strip():
            return False
        document = self._parse(self._text[: self._whole])
        if document.open_paragraph is None:
            return False
        blocks = parse(f"x\n{lazy(line[:_DECIDED])}").blocks
        return len(blocks) == 1 and blocks[0].kind == "paragraph"

    def _take(self, lines: list[Spans]) -> bool:
        """Take what has arrived up to where something is to be decided; whether more is there."""
        look_at = self._text.find("\n", self._whole + max(self._next_look - self._taken, 1) - 1)
        end = (look_at if look_at >= 0 else self._text.rfind("\n")) + 1
        long = self._long_line(end if look_at >= 0 else len(self._text))
        if long == self._whole:
            self._break_line(lines)
            return True
        if long is not None:
            self._settle(long, lines)
            return True
        if end <= self._whole:
            return False
        document = self._settle(end, lines)
        if look_at >= 0 and self._code is None:
            self._go_on_in_parts(document, lines)
        return look_at >= 0 or self._code is not None

    def _long_line(self, end: int) -> int | None:
        """Where a line begins, of those up to here, that is to be broken."""
        at = self._whole
        while end - at >= _LONGEST_LINE:
            found = self._text.find("\n", at, end)
            if (end if found < 0 else found) - at >= _LONGEST_LINE:
                return at
            at = found + 1
        return None

    def _break_line(self, lines: list[Spans]) -> None:
        """Break the line that is next, unless it is one of code, which stays whole."""
        if self._in_code:
            self._enter(self._parse(self._text[: self._whole]), lines)
            return
        word = _WORD.search(self._text, self._whole + _LONG_LINE, self._whole + _LONGEST_LINE)
        if word is not None:
            self._text = f"{self._text[: word.start()]}\n{self._text[word.end() :]}"
            return
        at = self._whole + _LONGEST_LINE
        is_sign = _PUNCTUATION.match(self._text, at - 1)
        self._text = f"{self._text[: at - 1]}\n{chr(92) if is_sign else ''}{self._text[at - 1 :]}"

    def _settle(self, end: int, lines: list[Spans]) -> Document | None:
        """Hand out what is final with the whole lines up to here, and forget it.

        Returns the document of these lines, if all of it is still there.
        """
        self._count(end - self._whole)
        self._whole = end
        document = self._parse(self._text[:end])
        settled = document.settled
        table = document.blocks[0] if self._layout is not None else None
        if table is not None and (len(document.blocks) > 1 or settled >= table.end):
            table = None
        if table is not None:
            settled = table.end
        if settled > self._done:
            lines += self._drawn(document, settled)
            self._done = settled
        in_code = document.in_code
        if in_code and document.blocks[-1].kind == "fence":
            self._code = OpenCode.begun(document, document.blocks[-1], self._look)
            self._begin_again(self._text[end:])
        elif table is not None:
            self._keep_rows(document, table)
        else:
            self._forget(document)
            self._in_code = in_code
        return document if self._whole == end else None

    def _count(self, taken: int) -> None:
        """Count characters of whole lines; from the line on that is there by then, count anew."""
        self._taken += taken
        if self._taken >= self._next_look:
            self._next_look = self._taken + _STEP

    def _begin_again(self, text: str) -> None:
        """Go on with a text that what was before does not matter to."""
        self._text, self._whole, self._done, self._in_code = text, 0, 0, False
        self._number, self._layout, self._skip, self._is_inner = None, None, 0, False

    def _go_on_in_parts(self, document: Document | None, lines: list[Spans]) -> None:
        """Where the last block is long by now, hand out what there is of it."""
        if self._whole <= min(LONG, LONG_TABLE):
            return
        document = document or self._parse(self._text[: self._whole])
        if not document.blocks:
            return
        last = document.blocks[-1]
        if last.kind == "table":
            if self._layout is None and self._whole > LONG_TABLE and last.end - last.start > 2:
                blocks = self._blocks(document)
                lines += self._drawn(document, last.end)
                self._layout = blocks.layout_of(last)
                self._keep_rows(document, last)
        elif self._whole > LONG:
            if last.kind in {"blockquote", "bullet_list", "ordered_list"}:
                self._enter(document, lines)
            elif last.kind in {"paragraph", "html_block", "code_block"}:
                self._keep_last_line(document, last, lines)

    def _keep_rows(self, document: Document, table: Block) -> None:
        """Of a table that has been handed out, keep the head, and the row that others follow."""
        head = document.lines[table.start : table.start + 2]
        last = document.lines[max(table.end - 1, table.start + 2) : table.end]
        kept = "".join(f"{line}\n" for line in [*head, *last, *document.lines[table.end : -1]])
        self._text = kept + self._text[self._whole :]
        self._whole, self._done = len(kept), len(head) + len(last)

    def _keep_last_line(self, document: Document, block: Block, lines: list[Spans]) -> None:
        """Hand out all but the last line of a block, and keep what the next lines follow."""
        at = len(document.lines) - 2
        if block.kind == "paragraph" and len(document.lines[at]) >= LONG // 2:
            # It is the head of no table.
            lines += self._drawn(document)
            self._begin_again("x\n" + self._text[self._whole :])
            self._whole, self._skip = 2, 1
            return
        while at > block.start and document.is_blank(at):
            at -= 1
        while at - 1 > block.start and document.is_blank(at - 1):
            at -= 1
        if at <= block.start:
            return
        part = self._drawn(self._parse("".join(f"{line}\n" for line in document.lines[:at])))
        # The rule below code is not there yet.
        lines += part[:-1] if block.kind == "code_block" else part
        first = "x" if block.kind == "paragraph" else document.lines[block.start]
        kept = "".join(f"{line}\n" for line in [first, *document.lines[at:-1]])
        self._begin_again(kept + self._text[self._whole :])
        self._whole, self._skip = len(kept), 2 if block.kind == "code_block" else 1

    def _enter(self, document: Document, lines: list[Spans]) -> None:
        """Go on with what is in the last quotation or item as with a text of its own."""
        last = document.blocks[-1]
        number = 0
        if last.kind == "blockquote":
            unit, marker, other = last, self._bar, self._bar
            container, first = QUOTE, QUOTE.without(document.lines[unit.start]) or ""
        else:
            unit = last.blocks[-1]
            number = document.first_number(last) + len(last.blocks) - 1
            text = "• " if self._look.unicode else "- "
            text = f"{number}. " if last.kind == "ordered_list" else text
            marker, other = Span(text), Span(" " * len(text))
            container, first = item_of(document.lines[unit.start])
        if self._done <= unit.start and not self._is_inner:
            before = unit.start - 1
            lines += [()] if before >= 0 and document.is_blank(before) else []
        width = max(self._look.width - len(marker.text), NARROWEST)
        inner = OpenText(self._look._replace(width=width), is_inner=True)
        self._inner = Inner(container, inner, marker, other, number)
        self._inner.has_begun = self._done > _leftmost(unit).start
        inner._done = max(self._done - unit.start, 0)
        # It is about as long as the quotation or the item is by now.
        inner._next_look = LONG
        inner.add(f"{first}\n")
        for line in document.lines[unit.start + 1 : -1]:
            stripped = container.without(line)
            inner.add(f"{lazy(line) if stripped is None else stripped}\n")
        self._inner.was_blank = document.is_blank(len(document.lines) - 2)
        self._begin_again(self._text[self._whole :])
        lines += self._inner.lines(inner.settled())

    @property
    def _bar(self) -> Span:
        return Span("│ " if self._look.unicode else "| ", "2")

    def _take_inner(self, inner: Inner, lines: list[Spans]) -> bool:
        """Take the lines of a quotation or an item; whether it has ended."""
        at = 0
        while at < len(self._text):
            end = self._text.find("\n", at)
            line = self._text[at : end if end >= 0 else len(self._text)]
            if end < 0 and len(line) < _DECIDED and not inner.is_in_line:
                break
            stripped: str | None = line
            if not inner.is_in_line:
                if inner.container.without(line) is None:
                    lines += inner.lines(inner.text.settled())
                stripped = inner.stripped(line)
            if stripped is None:
                self._leave(inner, at, lines)
                return True
            inner.was_blank = not (inner.is_in_line or line.strip(" \t>"))
            inner.is_in_line = end < 0
            inner.text.add(stripped + ("\n" if end >= 0 else ""))
            self._count(len(line) + (end >= 0))
            at = end + 1 if end >= 0 else len(self._text)
        self._text = self._text[at:]
        lines += inner.lines(inner.text.settled())
        return False

    def _leave(self, inner: Inner, at: int, lines: list[Spans]) -> None:
        """Go on behind a quotation or an item, with the line that is there."""
        lines += inner.lines(inner.text.end())
        rest = self._text[at:]
        self._inner = None
        self._begin_again(("\n" if inner.was_blank else "") + rest)
        if inner.container.goes_on_with(rest):
            self._number = inner.number + 1

    def _open_inner(self, inner: Inner, rest: str) -> list[Spans]:
        if inner.is_in_line or not rest.strip():
            return inner.preview(rest if inner.is_in_line else "")
        stripped = inner.stripped(rest)
        if stripped is not None:
            return inner.preview(stripped)
        follows = OpenText(self._look)
        follows.add(("\n" if inner.was_blank else "") + rest)
        follows._whole = int(inner.was_blank)
        return [*inner.preview(""), *follows.open()]

    def _end_inner(self, inner: Inner) -> list[Spans]:
        lines: list[Spans] = []
        rest = self._text
        stripped = rest if inner.is_in_line or not rest else inner.stripped(rest)
        if stripped is None:
            self._leave(inner, 0, lines)
            return lines
        inner.text.add(stripped)
        return inner.lines(inner.text.end())

    def _take_code(self, opened: OpenCode, lines: list[Spans]) -> bool:
        """Take the whole lines of a block of code; whether it has ended."""
        at = 0
        while (end := self._text.find("\n", at)) >= 0:
            line, at = self._text[at:end], end + 1
            self._count(len(line) + 1)
            if opened.closing.fullmatch(line):
                lines.append(opened.code.bottom)
                self._code = None
                self._begin_again(self._text[at:])
                return True
            lines.append(opened.code.line(opened.text(line)))
        self._text = self._text[at:]
        return False

    def _open_code(self, opened: OpenCode, rest: str) -> list[Spans]:
        if not rest or opened.closing.fullmatch(rest):
            return [opened.code.bottom]
        width = self._look.width
        hidden = max(len(rest) // width - _SCREENS, 0) * width
        line = rest[hidden:] if hidden else opened.text(rest)
        return [opened.code.preview(line), opened.code.bottom]

    def _parse(self, text: str) -> Document:
        return parse(text, self._number)

    def _blocks(self, document: Document) -> BlockLines:
        return BlockLines(document, self._look, layout=self._layout, is_inner=self._is_inner)

    def _drawn(self, document: Document, before: float | None = None) -> list[Spans]:
        return [
            line.spans
            for line in self._blocks(document).lines()[self._skip :]
            if self._done <= line.source and (before is None or line.source < before)
        ]

    def _forget(self, document: Document) -> None:
        """Keep no more of the text than is needed to go on, and the empty line before it."""
        first, number = document.restart
        if first and document.is_blank(first - 1):
            first -= 1
        if not first:
            self._number = number
            return
        gone = sum(len(line) + 1 for line in document.lines[:first])
        whole, done = self._whole - gone, max(self._done - first, 0)
        is_inner = self._is_inner and not document.blocks
        self._begin_again(self._text[gone:])
        self._whole, self._done, self._number, self._is_inner = whole, done, number, is_inner


def _leftmost(block: Block) -> Block:
    while block.blocks:
        block = block.blocks[0]
    return block
