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
    """One command, with its own options; those of the root are common to all.

    What it takes is read from its lines when it is asked for: a place on a line concerns two or
    three of all commands.
    """

    __slots__ = ("_arguments", "_lines", "_options", "_takes_many", "commands", "help")

    def __init__(self, help_text: str = "") -> None:
        self.help = help_text
        self.commands: dict[str, Command] = {}
        self._lines: list[str] = []
        self._options: list[Option] = []
        self._arguments: list[str] = []
        self._takes_many = False

    @property
    def options(self) -> list[Option]:
        """Its options."""
        self._read()
        return self._options

    @property
    def arguments(self) -> list[str]:
        """The kinds of its arguments."""
        self._read()
        return self._arguments

    def argument(self, number: int) -> str | None:
        """The kind of the argument at a place, from 0; None if there is none."""
        kinds = self.arguments
        if number < len(kinds):
            return kinds[number]
        return kinds[-1] if self._takes_many else None

    def take(self, line: str) -> None:
        """Take a line of the table about this command."""
        self._lines.append(line)

    def _read(self) -> None:
        lines, self._lines = self._lines, []
        for line in lines:
            what, *fields = line.split("\t")
            if what == "option":
                names, kind, many, help_text = fields
                self._options.append(Option(names.split(), kind, many == "many", help_text))
            else:
                kind, many = fields
                self._arguments.append(kind)
                self._takes_many = many == "many"


def read(text: str) -> Command:
    """The root command."""
    root = command = Command()
    for line in text.splitlines():
        if not line.startswith("command\t"):
            command.take(line)
            continue
        _, path, help_text = line.split("\t")
        command = root
        for name in path.split():
            command = command.commands.setdefault(name, Command(help_text))
    return root


def root_command() -> Command:
    """The root command of this release."""
    with open(PATH, encoding="utf-8") as file:  # noqa: PTH123
        return read(file.read())
