"""A page of help: records that say what it holds and not how it looks."""

from typing import NamedTuple


class Entry(NamedTuple):
    """One line of a section: a command, an argument, an option or a code, and what it is for."""

    name: str
    text: str


class Section(NamedTuple):
    """Entries under a title."""

    title: str
    entries: tuple[Entry, ...]


class Example(NamedTuple):
    """A command line, and what it does."""

    line: str
    text: str


class Page(NamedTuple):
    """The help of one command: its own sections, the examples, and the `rest`."""

    usage: str
    paragraphs: tuple[str, ...]
    sections: tuple[Section, ...]
    examples: tuple[Example, ...] = ()
    rest: tuple[Section, ...] = ()


def paragraphs_of(help_text: str) -> tuple[str, ...]:
    """The paragraphs of a docstring, each on one line."""
    parts = help_text.strip().split("\n\n")
    return tuple(" ".join(part.split()) for part in parts if part.strip())


def summary_of(help_text: str) -> str:
    """The first sentence of a docstring, whole."""
    first = paragraphs_of(help_text)[:1] or ("",)
    sentence, stop, _ = first[0].partition(". ")
    return sentence + stop.strip()
