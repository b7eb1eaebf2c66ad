"""Writes the table of commands again: python -m tests.cli.shells.table"""

from __future__ import annotations

from pathlib import Path

from convo_cli.app import program
from convo_cli.completing.table import PATH
from convo_cli.shells.words import table_of, words_of


def table() -> str:
    """The table of the program as it is now."""
    return table_of(words_of(program()))


if __name__ == "__main__":
    Path(PATH).write_text(table(), encoding="utf-8")
