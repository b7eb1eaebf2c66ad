"""Collects the help of every command from the program: the site and the man page are made of it."""

from collections.abc import Iterator
from typing import NamedTuple

from typer._click.core import Context

from convo_cli.app import COMMANDS, PARTS, PROGRAM, program
from convo_cli.grammar import Command, Group
from convo_cli.help.page import Page, summary_of


class Help(NamedTuple):
    """The help of one command: `path` has its names, none for the program itself."""

    path: tuple[str, ...]
    summary: str
    page: Page

    @property
    def name(self) -> str:
        """The command as it is typed."""
        return " ".join((PROGRAM, *self.path))


def every_help() -> list[Help]:
    """The help of the program and of every command, in the order of the help."""
    root = program()
    return list(_below(root, Context(root, info_name=PROGRAM), ()))


def parts() -> dict[str, list[str]]:
    """The commands by what a user wants to do, each under its first name only."""
    first = {place: name for name, place in reversed(COMMANDS.items())}
    return {
        title: [name for name in names if first[COMMANDS[name]] == name]
        for title, names in PARTS.items()
    }


def _below(command: Command | Group, context: Context, path: tuple[str, ...]) -> Iterator[Help]:
    yield Help(path, summary_of(command.help or ""), command.page(context))
    if not isinstance(command, Group):
        return
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert isinstance(found, Command | Group), name
        yield from _below(found, Context(found, info_name=name, parent=context), (*path, name))
