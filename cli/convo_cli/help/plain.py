"""Writes a page of help as plain text, for a pipe or a terminal without cursor."""

import textwrap
from collections.abc import Iterator

from convo_cli.help.page import Example, Page, Section

LONGEST_LINE = 78
_SHORTEST_LINE = 20
_LONGEST_NAME = 30
"""The width of the first column; a longer name has a line of its own."""

_NARROW = 50
"""The width up to which the text of an entry goes below its name."""

_GAP = 2


def as_text(page: Page, width: int) -> str:
    """The page, in lines that are no wider than that."""
    width = max(min(width, LONGEST_LINE), _SHORTEST_LINE)
    parts = [_usage(page.usage, width)]
    parts += [_wrapped(paragraph, width, "  ") for paragraph in page.paragraphs]
    parts += [_section(section, width) for section in page.sections]
    if page.examples:
        parts.append(_examples(page.examples, width))
    parts += [_section(section, width) for section in page.rest]
    return "\n\n".join(parts) + "\n"


def _usage(usage: str, width: int) -> str:
    return textwrap.fill(
        f"Usage: {usage}", width, subsequent_indent=" " * 7, break_on_hyphens=False
    )


def _wrapped(text: str, width: int, indent: str) -> str:
    return textwrap.fill(
        text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )


def _section(section: Section, width: int) -> str:
    names = [len(name) for name, _ in section.entries]
    column = max((length for length in names if length <= _LONGEST_NAME), default=0)
    return "\n".join([f"{section.title}:", *_rows(section, column, width)])


def _rows(section: Section, column: int, width: int) -> Iterator[str]:
    indent = " " * (2 * _GAP if width <= _NARROW else _GAP + column + _GAP)
    for name, text in section.entries:
        wrapped = _wrapped(text, width, indent)
        if width <= _NARROW or len(name) > column:
            yield f"  {name}"
            yield wrapped
        else:
            yield f"  {name.ljust(column)}{' ' * _GAP}{wrapped.lstrip()}".rstrip()


def _examples(examples: tuple[Example, ...], width: int) -> str:
    lines = ["Examples:"]
    for line, said in examples:
        lines += [_wrapped(said, width, "  # "), f"  {line}"]
    return "\n".join(lines)
