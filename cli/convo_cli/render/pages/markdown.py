"""Turns as Markdown, which shows messages correctly whatever Markdown they contain."""

import re
from collections.abc import Callable, Iterable, Iterator

from convo.history.lines import WholeSession
from convo.history.transcript import TranscriptTurn
from convo.records import MAIN
from convo_cli.render.sections import OUR_TITLES, Section, about, sections, title_of
from convo_cli.render.terminal.text import one_line

_FENCE = re.compile(r"^ {0,3}(`{3,}(?=[^`]*$)|~{3,})[^\n]*$", re.MULTILINE)
_UNSURE = re.compile(r"^ {0,3}<|^ {1,3}(?:`{3}|~{3})", re.MULTILINE)
"""Matches possible HTML or nested fences, whose ends cannot be found line by line."""

_TICKS = re.compile(r"`+")
_HEADING = re.compile(r"^( {0,3}(?:(?:>|[-*+]|\d+[.)]) {0,3})*)(#{1,6})[ \t]+(.*)$")
_UNDERLINE = re.compile(r"^( {0,3}(?:> {0,3})*)(=+|-+)[ \t]*$")
_TAG = re.compile(r"<h[1-6]\b[^>]*>", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]*>")
_SPECIAL = re.compile(r"([\\`*_\[\]<>#])")

_BEHIND = "behind"

Cleaned = Callable[[str], str]
"""Makes the text of a message or a tool safe to write."""


def markdown(
    turns: Iterable[TranscriptTurn], cleaned: Cleaned, title: str | None = None
) -> Iterator[str]:
    """The turns as Markdown, piece by piece, with headings of level 2, below a title."""
    gap = ""
    if title is not None:
        yield f"# {escaped(one_line(title))}\n"
        gap = "\n"
    for turn in turns:
        yield f"{gap}## {title_of(turn)}\n"
        gap = "\n"
        facts = [escaped(one_line(fact)) for fact in (turn.created_at, *about(turn)) if fact]
        if facts:
            yield f"\n*{' · '.join(facts)}*\n"
        for section in sections(turn):
            yield "\n" + section_markdown(section, cleaned)


def session_markdown(session: WholeSession, cleaned: Cleaned, title: str) -> Iterator[str]:
    """All branches of a session, a heading of level 1 for each; shared turns are written once."""
    gap = ""
    for line in session.lines:
        name = title if line.branch_id == MAIN else f"{title}, branch {line.branch_id}"
        yield f"{gap}# {escaped(one_line(name))}\n"
        gap = "\n"
        if line.parent is not None:
            yield f"\n*goes on after turn {line.after} of {escaped(one_line(line.parent))}*\n"
        for piece in markdown(line.turns, cleaned):
            yield gap + piece if piece.startswith("## ") else piece


def section_markdown(section: Section, cleaned: Cleaned) -> str:
    """A part of a turn, with a heading of level 3."""
    name = one_line(section.name)
    lines = [f"### {section.title}{f' {_as_code(name)}' if name else ''}\n"]
    text = cleaned(section.text)
    if text.strip():
        is_markdown = section.language is None
        lines.append(_closed(text) if is_markdown else fenced(text, section.language or ""))
    if section.attachments:
        names = (one_line(name) for name in section.attachments)
        lines.append("".join(f"- attachment {_as_code(name)}\n" for name in names))
    return "\n".join(lines)


def fenced(text: str, language: str = "") -> str:
    """A text as a code block, in a fence that is longer than any in the text."""
    longest = max((len(ticks) for ticks in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip(chr(10))}\n{fence}\n"


def _closed(text: str) -> str:
    """A Markdown text without unclosed blocks, and without headings like those of an export.

    An open fence would swallow the following messages, and `### Assistant` in an answer would look
    like another answer. If that cannot be fixed line by line, the text is shown as code.
    """
    closed = _closed_by_lines(text)
    return fenced(text) if _UNSURE.search(text) and not _is_sealed(closed) else closed


def _is_sealed(text: str) -> bool:
    """Whether a heading after the text is parsed as one, and the text has none like an export's."""
    # Imported here because few texts have to be parsed for this.
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").parse(f"{text}\n# {_BEHIND}\n")
    titles = [
        tokens[place + 1].content
        for place, token in enumerate(tokens)
        if token.type == "heading_open"
    ]
    is_last = tokens[-1].type == "heading_close" and tokens[-1].level == 0
    return is_last and titles[-1] == _BEHIND and not any(map(OUR_TITLES.match, titles))


def _closed_by_lines(text: str) -> str:
    fence: str | None = None
    lines: list[str] = []
    for line in text.rstrip("\n").split("\n"):
        found = _FENCE.match(line)
        if fence is None and found is None:
            line = _no_heading_of_ours(line, lines[-1] if lines else "")
        elif fence is None and found is not None:
            fence = found[1]
        elif fence is not None and found is not None and _ends(fence, line):
            fence = None
        lines.append(line)
    return "\n".join([*lines, *([] if fence is None else [fence]), ""])


def _ends(fence: str, line: str) -> bool:
    ticks = line.strip()
    return ticks.startswith(fence) and not ticks.strip(fence[0])


def _no_heading_of_ours(line: str, before: str) -> str:
    """A line with a \\ before a mark that would make it, or the line before, such a heading."""
    if (found := _HEADING.match(line)) and OUR_TITLES.match(found[3]):
        return f"{found[1]}\\{line[found.end(1) :]}"
    if (found := _UNDERLINE.match(line)) and OUR_TITLES.match(before.strip()):
        return f"{found[1]}\\{line[found.end(1) :]}"
    if (found := _TAG.search(line)) and OUR_TITLES.match(_TAGS.sub("", line[found.end() :])):
        return f"{line[: found.start()]}\\{line[found.start() :]}"
    return line


def _as_code(text: str) -> str:
    longest = max((len(ticks) for ticks in _TICKS.findall(text)), default=0)
    ticks = "`" * (longest + 1)
    space = " " if "`" in text else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def escaped(text: str) -> str:
    """A text with all Markdown characters escaped."""
    return _SPECIAL.sub(r"\\\1", text)
