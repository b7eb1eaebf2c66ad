"""Writes docs/convo.1, the man page, from the help of the commands: `python -m docs.man_page`.

A test tells when it is not current.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from convo import __version__
from convo_cli.help.page import Example, Section
from docs.help_pages import Help, every_help

FILE = Path(__file__).with_name("convo.1")


def man_page() -> str:
    """The page, in the macros of man(7)."""
    program, *commands = every_help()
    return "\n".join(_lines(program, commands)) + "\n"


def _lines(program: Help, commands: Iterable[Help]) -> Iterator[str]:
    yield f'.TH CONVO 1 "" "convo {__version__}" "User Commands"'
    yield ".SH NAME"
    yield f"convo \\- {_roff(_first_small(program.summary))}"
    yield ".SH SYNOPSIS"
    yield f".B {_roff(program.page.usage)}"
    yield ".SH DESCRIPTION"
    for paragraph in program.page.paragraphs:
        yield ".PP"
        yield _roff(paragraph)
    for section in program.page.sections:
        yield from _section(section)
    yield from _examples(program.page.examples)
    for one in commands:
        yield f'.SH "{_roff(one.name)}"'
        yield f".B {_roff(one.page.usage)}"
        for paragraph in one.page.paragraphs:
            yield ".PP"
            yield _roff(paragraph)
        for section in one.page.sections:
            yield from _section(section, below=True)
        yield from _examples(one.page.examples, below=True)
    for section in program.page.rest:
        yield from _section(section)


def _section(section: Section, *, below: bool = False) -> Iterator[str]:
    yield f'.{"SS" if below else "SH"} "{_title(section.title, below)}"'
    for name, text in section.entries:
        yield ".TP"
        yield f".B {_roff(name)}"
        yield _roff(text)


def _examples(examples: tuple[Example, ...], *, below: bool = False) -> Iterator[str]:
    if not examples:
        return
    yield f'.{"SS" if below else "SH"} "{_title("Examples", below)}"'
    for line, said in examples:
        yield ".PP"
        yield _roff(said)
        yield from (".PP", ".RS 4", ".nf", _roff(line), ".fi", ".RE")


def _title(title: str, below: bool) -> str:
    return title if below else title.upper()


def _first_small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].removesuffix(".")


def _roff(text: str) -> str:
    """Text that no macro, escape or ligature of roff changes."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga")
    escaped = re.sub("[^\x00-\x7f]", lambda found: f"\\[u{ord(found[0]):04X}]", escaped)
    escaped = escaped.replace("'", "\\(aq").replace('"', "\\(dq").replace("^", "\\(ha")
    escaped = escaped.replace("~", "\\(ti")
    return f"\\&{escaped}" if escaped.startswith(".") else escaped


if __name__ == "__main__":
    FILE.write_text(man_page(), encoding="utf-8")
