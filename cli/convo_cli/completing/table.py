"""The commands with their options and arguments, read from `commands.tsv`.

The file is made from the program by `convo_cli.shells.words`: loading the program itself takes
longer than an answer may.
"""

import os

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "commands.tsv")  # noqa: PTH100, PTH118, PTH120

FLAG = "-"
"""The kind of an option without a value."""


class Option:
    """One option. `kind` is the name of the kind of its value, or `=a|b` for choices."""

    __slots__ = ("help", "is_repeatable", "kind", "names")

    def __init__(self, names: list[str], kind: str, is_repeatable: bool, help_text: str) -> None:
        self.names = names
        self.kind = kind
        self.is_repeatable = is_repeatable
        self.help = help_text

    @property
    def takes_value(self) -> bool:
        """Whether the next word is its value."""
        return self.kind != FLAG


class Command:
    """One command, with its own options; those of the root are common to all."""

    __slots__ = ("arguments", "commands", "help", "options", "takes_many")

    def __init__(self, help_text: str = "") -> None:
        self.help = help_text
        self.options: list[Option] = []
        self.arguments: list[str] = []
        self.takes_many = False
        self.commands: dict[str, Command] = {}

    def argument(self, number: int) -> str | None:
        """The kind of the argument at a place, from 0; None if there is none."""
        if number < len(self.arguments):
            return self.arguments[number]
        return self.arguments[-1] if self.takes_many else None


def read(text: str) -> Command:
    """The root command."""
    root = command = Command()
    for line in text.splitlines():
        what, *fields = line.split("\t")
        if what == "command":
            path, help_text = fields
            command = root
            for name in path.split():
                command = command.commands.setdefault(name, Command(help_text))
        elif what == "option":
            names, kind, many, help_text = fields
            command.options.append(Option(names.split(), kind, many == "many", help_text))
        else:
            kind, many = fields
            command.arguments.append(kind)
            command.takes_many = many == "many"
    return root


def root_command() -> Command:
    """The root command of this release."""
    with open(PATH, encoding="utf-8") as file:  # noqa: PTH123
        return read(file.read())
