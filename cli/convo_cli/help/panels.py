"""Draws a page of help in panels, for a terminal."""

import io

from rich.box import ASCII, ROUNDED
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from convo_cli.help.page import Example, Page, Section
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.palette import rich_colour

WIDEST = 100
"""A longer line is hard to read."""

_NARROW = 60
"""The width up to which the text of an entry goes below its name."""

_SHARE = 0.4
"""The part of the width that the names may take."""


def as_panels(page: Page, look: Look) -> str:
    """The page, in lines that are no wider than the look."""
    width = min(look.width, WIDEST)
    parts: list[RenderableType] = [
        Text.assemble(("Usage: ", "bold"), page.usage),
        *(Padding(Text(paragraph), (1, 1, 0, 1)) for paragraph in page.paragraphs),
        Text(),
        *(_section(section, look, width) for section in page.sections),
    ]
    if page.examples:
        parts.append(_panel("Examples", _examples(page.examples, look), look))
    parts += [_section(section, look, width) for section in page.rest]
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        color_system="256" if look.colour else None,
        force_terminal=bool(look.colour),
        no_color=not look.colour,
        force_jupyter=False,
        legacy_windows=False,
        highlight=False,
    )
    console.print(Group(*parts))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def _section(section: Section, look: Look, width: int) -> Panel:
    names = _accent(look)
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    if width <= _NARROW:
        for name, text in section.entries:
            table.add_row(Text(name, names))
            table.add_row(Padding(Text(text), (0, 0, 0, 2)))
        return _panel(section.title, table, look)
    longest = max((len(name) for name, _ in section.entries), default=0)
    table.add_column(width=min(longest, int(width * _SHARE)), overflow="fold")
    table.add_column(ratio=1)
    for name, text in section.entries:
        table.add_row(Text(name, names), Text(text))
    return _panel(section.title, table, look)


def _examples(examples: tuple[Example, ...], look: Look) -> Group:
    lines: list[RenderableType] = []
    for line, said in examples:
        # A line to copy is not broken between words: a shell would read two.
        lines += [Text(f"# {said}", "dim"), Text(line, _accent(look), overflow="fold")]
    return Group(*lines)


def _panel(title: str, content: Table | Group, look: Look) -> Panel:
    return Panel(
        content,
        title=Text(title, "bold"),
        title_align="left",
        border_style="dim",
        box=ROUNDED if look.unicode else ASCII,
    )


def _accent(look: Look) -> str:
    return rich_colour("36", "cyan", look.colour)
