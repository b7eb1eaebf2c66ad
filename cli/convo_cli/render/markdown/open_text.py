"""A Markdown text that is still open at its end, drawn a part at a time.

However long the text is, little of it is parsed again: the last block, or the last item of a list.
When that becomes long too, it is drawn in parts: code line by line, and the inside of a quotation
or an item as a text of its own. A table keeps the columns of its first part, emphasis in a
paragraph ends with the part, and an endless line is broken. The parts depend on the text alone,
not on the pieces in which it arrives.
"""

from convo_cli.render.markdown.blocks import NARROWEST
from convo_cli.render.markdown.code import OpenCode
from convo_cli.render.markdown.containers import QUOTE, Inner, item_of, lazy
from convo_cli.render.markdown.document import Block, Document, mended, parse
from convo_cli.render.markdown.kept_text import KeptText
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.spans import Span, Spans

_DECIDED = 1_000
"""Characters of a line that say to which block it belongs."""


class OpenText:
    """A text of which the end is not there yet: its lines so far, and those that may change."""

    def __init__(self, look: Look, *, is_inner: bool = False) -> None:
        self._kept = KeptText(look, is_inner=is_inner)
        self._code: OpenCode | None = None
        self._inner: Inner | None = None

    @property
    def look(self) -> Look:
        """What the terminal can show."""
        return self._kept.look

    @look.setter
    def look(self, look: Look) -> None:
        narrower = look.width - self._kept.look.width
        self._kept.look = look
        if self._code is not None:
            self._code.code.look = look
        if self._inner is not None:
            inner = self._inner.text
            inner.look = look._replace(width=max(inner.look.width + narrower, NARROWEST))

    def add(self, text: str) -> None:
        """Take the next piece of the text, which is safe."""
        self._kept.text += text

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
            return self._code.preview(self._kept.text + rest)
        if self._inner is not None:
            return self._open_inner(self._inner, self._kept.text + rest)
        text, at = self._kept.text, self._kept.whole
        whole, rest = text[:at], text[at:] + rest
        if rest and not self._kept.in_code:
            rest = mended(rest)
        return self._kept.drawn(self._kept.parse(whole + rest))

    def end(self) -> list[Spans]:
        """The lines that were not final, now that nothing follows."""
        lines = self.settled()
        if self._inner is not None:
            lines += self._end_inner(self._inner)
        if self._code is not None:
            # White space that has no end of line is no line of code to the parser either.
            if self._kept.text.strip(" \t") and not self._code.closing.fullmatch(self._kept.text):
                lines.append(self._code.code.line(self._code.text(self._kept.text)))
            lines.append(self._code.code.bottom)
        elif self._inner is None:
            lines += self._kept.drawn(self._kept.parse(self._kept.text))
        return lines

    def takes_lazily(self, line: str) -> bool:
        """Whether a line that is elsewhere goes on with the paragraph at the end."""
        if self._inner is not None:
            return self._inner.text.takes_lazily(line)
        if self._code is not None or not self._kept.whole or not line.strip():
            return False
        document = self._kept.whole_lines
        if document.open_paragraph is None:
            return False
        blocks = parse(f"x\n{lazy(line[:_DECIDED])}").blocks
        return len(blocks) == 1 and blocks[0].kind == "paragraph"

    def _take(self, lines: list[Spans]) -> bool:
        """Take what has arrived up to where something is to be decided; whether more is there."""
        look_at = self._kept.text.find("\n", self._kept.next_look)
        end = (look_at if look_at >= 0 else self._kept.text.rfind("\n")) + 1
        long = self._kept.long_line(end if look_at >= 0 else len(self._kept.text))
        if long == self._kept.whole:
            if self._kept.in_code:
                self._enter(self._kept.whole_lines, lines)
            else:
                self._kept.break_line()
            return True
        if long is not None:
            self._settle(long, lines)
            return True
        if end <= self._kept.whole:
            return False
        document = self._settle(end, lines)
        if look_at >= 0 and self._code is None:
            self._go_on_in_parts(document, lines)
        return look_at >= 0 or self._code is not None

    def _settle(self, end: int, lines: list[Spans]) -> Document | None:
        """Hand out what is final with the whole lines up to here, and forget it.

        Returns the document of these lines, if all of it is still there.
        """
        self._kept.count(end - self._kept.whole)
        self._kept.whole = end
        document = self._kept.parse(self._kept.text[:end])
        final, table = self._kept.settle(document)
        lines += final
        in_code = document.in_code
        if in_code and document.blocks[-1].kind == "fence":
            self._code = OpenCode.begun(document, document.blocks[-1], self._kept.look)
            self._kept.begin_again(self._kept.text[end:])
        elif table is not None:
            self._kept.keep_rows(document, table)
        else:
            self._kept.forget(document)
            self._kept.in_code = in_code
        return document if self._kept.whole == end else None

    def _go_on_in_parts(self, document: Document | None, lines: list[Spans]) -> None:
        """Where the last block is long by now, hand out what there is of it."""
        if not self._kept.may_be_long:
            return
        document = document or self._kept.whole_lines
        if not document.blocks:
            return
        last = document.blocks[-1]
        if last.kind == "table":
            lines += self._kept.begin_table(document, last)
        elif self._kept.is_long:
            if last.kind in {"blockquote", "bullet_list", "ordered_list"}:
                self._enter(document, lines)
            elif last.kind in {"paragraph", "html_block", "code_block"}:
                self._kept.keep_last_line(document, last, lines)

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
            text = "• " if self._kept.look.unicode else "- "
            text = f"{number}. " if last.kind == "ordered_list" else text
            marker, other = Span(text), Span(" " * len(text))
            container, first = item_of(document.lines[unit.start])
        if self._kept.done <= unit.start and not self._kept.is_inner:
            before = unit.start - 1
            lines += [()] if before >= 0 and document.is_blank(before) else []
        width = max(self._kept.look.width - len(marker.text), NARROWEST)
        inner = OpenText(self._kept.look._replace(width=width), is_inner=True)
        self._inner = Inner(container, inner, marker, other, number)
        self._inner.has_begun = self._kept.done > _leftmost(unit).start
        inner._kept.done = max(self._kept.done - unit.start, 0)
        # It is about as long as the quotation or the item is by now.
        inner._kept.look_when_long()
        inner.add(f"{first}\n")
        for line in document.lines[unit.start + 1 : -1]:
            stripped = container.without(line)
            inner.add(f"{lazy(line) if stripped is None else stripped}\n")
        self._inner.was_blank = document.is_blank(len(document.lines) - 2)
        self._kept.begin_again(self._kept.text[self._kept.whole :])
        lines += self._inner.lines(inner.settled())

    @property
    def _bar(self) -> Span:
        return Span("│ " if self._kept.look.unicode else "| ", "2")

    def _take_inner(self, inner: Inner, lines: list[Spans]) -> bool:
        """Take the lines of a quotation or an item; whether it has ended."""
        at = 0
        while at < len(self._kept.text):
            end = self._kept.text.find("\n", at)
            line = self._kept.text[at : end if end >= 0 else len(self._kept.text)]
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
            self._kept.count(len(line) + (end >= 0))
            at = end + 1 if end >= 0 else len(self._kept.text)
        self._kept.text = self._kept.text[at:]
        lines += inner.lines(inner.text.settled())
        return False

    def _leave(self, inner: Inner, at: int, lines: list[Spans]) -> None:
        """Go on behind a quotation or an item, with the line that is there."""
        lines += inner.lines(inner.text.end())
        rest = self._kept.text[at:]
        self._inner = None
        self._kept.begin_again(("\n" if inner.was_blank else "") + rest)
        if inner.container.goes_on_with(rest):
            self._kept.number = inner.number + 1

    def _open_inner(self, inner: Inner, rest: str) -> list[Spans]:
        if inner.is_in_line or not rest.strip():
            return inner.preview(rest if inner.is_in_line else "")
        stripped = inner.stripped(rest)
        if stripped is not None:
            return inner.preview(stripped)
        follows = OpenText(self._kept.look)
        follows.add(("\n" if inner.was_blank else "") + rest)
        follows._kept.whole = int(inner.was_blank)
        return [*inner.preview(""), *follows.open()]

    def _end_inner(self, inner: Inner) -> list[Spans]:
        lines: list[Spans] = []
        rest = self._kept.text
        stripped = rest if inner.is_in_line or not rest else inner.stripped(rest)
        if stripped is None:
            self._leave(inner, 0, lines)
            return lines
        inner.text.add(stripped)
        return inner.lines(inner.text.end())

    def _take_code(self, opened: OpenCode, lines: list[Spans]) -> bool:
        """Take the whole lines of a block of code; whether it has ended."""
        at = 0
        while (end := self._kept.text.find("\n", at)) >= 0:
            line, at = self._kept.text[at:end], end + 1
            self._kept.count(len(line) + 1)
            if opened.closing.fullmatch(line):
                lines.append(opened.code.bottom)
                self._code = None
                self._kept.begin_again(self._kept.text[at:])
                return True
            lines.append(opened.code.line(opened.text(line)))
        self._kept.text = self._kept.text[at:]
        return False


def _leftmost(block: Block) -> Block:
    while block.blocks:
        block = block.blocks[0]
    return block
