"""Writes the help of a command as a page of the site."""

import re
from collections.abc import Sequence

from convo_cli.app import COMMANDS
from convo_cli.help.page import Example, Section
from docs.help_pages import Help, parts

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|])")


def index(helps: Sequence[Help]) -> str:
    """The page that lists every command, by what a user wants to do."""
    summaries = {one.path: one.summary for one in helps}
    lines = ["# Commands", "", *_paragraphs(helps[0])]
    for title, names in parts().items():
        lines += ["", f"## {title}", "", "| command | does |", "|---|---|"]
        for name in names:
            lines.append(f"| [`convo {name}`]({name}.md) | {_escaped(summaries[(name,)])} |")
    for section in helps[0].page.rest:
        lines += _section(section, 2)
    return "\n".join(lines) + "\n"


def page(name: str, helps: Sequence[Help]) -> str:
    """The page of a command and of those below it."""
    own = [one for one in helps if one.path[:1] == (name,)]
    others = [other for other, place in COMMANDS.items() if place == COMMANDS[name]]
    lines: list[str] = []
    for one in own:
        level = len(one.path)
        lines += [f"{'#' * level} convo {' '.join(one.path)}", ""]
        if level == 1 and len(others) > 1:
            also = ", ".join(f"`convo {other}`" for other in others if other != name)
            lines += [f"Also {also}.", ""]
        lines += [*_paragraphs(one), "", "```text", one.page.usage, "```"]
        for section in one.page.sections:
            lines += _section(section, level + 1)
        lines += _examples(one.page.examples, level + 1)
        lines.append("")
    lines += ["The [common options](index.md#common-options) work here too.", ""]
    return "\n".join(lines)


def _paragraphs(one: Help) -> list[str]:
    return "\n\n".join(map(_escaped, one.page.paragraphs)).splitlines()


def _section(section: Section, level: int) -> list[str]:
    lines = [
        "",
        f"{'#' * level} {section.title}",
        "",
        f"| {section.title.lower().removesuffix('s')} | |",
        "|---|---|",
    ]
    return lines + [f"| `{name}` | {_escaped(text)} |" for name, text in section.entries]


def _examples(examples: Sequence[Example], level: int) -> list[str]:
    if not examples:
        return []
    lines = ["", f"{'#' * level} Examples", "", "```sh"]
    for line, said in examples:
        lines += [f"# {said}", line]
    return [*lines, "```"]


def _escaped(text: str) -> str:
    """Text with code in backquotes left as it is, and every other special character escaped."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(
        piece if at % 2 else _SPECIAL.sub(r"\\\1", piece) for at, piece in enumerate(pieces)
    )
