"""Turns as a Markdown text, which says again what was said, whatever that contains."""

import re
from collections.abc import Callable, Iterable, Iterator

from convo.transcript import TranscriptTurn
from convo_cli.render.sections import Section, about, sections, title_of
from convo_cli.render.text import one_line

_FENCE = re.compile(r"^ {0,3}(`{3,}(?=[^`]*$)|~{3,})[^\n]*$", re.MULTILINE)
_TICKS = re.compile(r"`+")
_SPECIAL = re.compile(r"([\\`*_\[\]<>#])")

Cleaned = Callable[[str], str]
"""Makes the text of a message or a tool fit to be written."""


def markdown(
    turns: Iterable[TranscriptTurn], cleaned: Cleaned, title: str | None = None
) -> Iterator[str]:
    """The turns as Markdown, piece by piece; headings are of level 2, below a title's 1."""
    gap = ""
    if title is not None:
        yield f"# {_escaped(one_line(title))}\n"
        gap = "\n"
    for turn in turns:
        yield f"{gap}## {title_of(turn)}\n"
        gap = "\n"
        facts = [_escaped(one_line(fact)) for fact in (turn.created_at, *about(turn)) if fact]
        if facts:
            yield f"\n*{' · '.join(facts)}*\n"
        for section in sections(turn):
            yield "\n" + _section(section, cleaned)


def _section(section: Section, cleaned: Cleaned) -> str:
    name = one_line(section.name)
    lines = [f"### {section.title}{f' {_as_code(name)}' if name else ''}\n"]
    text = cleaned(section.text)
    if text.strip():
        lines.append(_closed(text) if section.language is None else fenced(text, section.language))
    if section.attachments:
        names = (one_line(name) for name in section.attachments)
        lines.append("".join(f"- attachment {_as_code(name)}\n" for name in names))
    return "\n".join(lines)


def fenced(text: str, language: str = "") -> str:
    """A text as a block of code, in a fence that nothing in it can close."""
    longest = max((len(ticks) for ticks in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip(chr(10))}\n{fence}\n"


def _closed(text: str) -> str:
    """A Markdown text that ends what it began: an open fence would swallow what follows."""
    fence = None
    for found in _FENCE.finditer(text):
        if fence is None:
            fence = found[1]
        elif found[1].startswith(fence) and not found[0].strip().strip(fence[0]):
            fence = None
    ended = text.rstrip("\n")
    return f"{ended}\n" if fence is None else f"{ended}\n{fence}\n"


def _as_code(text: str) -> str:
    longest = max((len(ticks) for ticks in _TICKS.findall(text)), default=0)
    ticks = "`" * (longest + 1)
    space = " " if "`" in text else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def _escaped(text: str) -> str:
    """A text as Markdown that shows its characters for what they are."""
    return _SPECIAL.sub(r"\\\1", text)
