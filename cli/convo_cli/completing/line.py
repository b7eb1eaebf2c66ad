"""Reads a command line up to the cursor: what is being typed, and what was given before it."""

from convo_cli.completing.table import Command, Option

DEFAULT = "run"
"""The command of a group that is meant if none is named, as in `convo eval SET`."""


class Place:
    """The word to complete, and the line before it.

    Attributes:
        command: The command on the line.
        kind: The kind of the value that is being typed; "command" or "option" for the name of one;
            "" if nothing can be typed here.
        prefix: The part of the word before that value, as in `--format=`.
        begun: The beginning of the value.
        options: The options that can still be given.
        given: The values of the options on the line, by their longest names.
        arguments: The arguments before the word.
        is_argument: Whether the value is an argument, not an option's.
        is_after_dashes: Whether `--` has ended the options.
    """

    __slots__ = (
        "arguments",
        "begun",
        "command",
        "given",
        "is_after_dashes",
        "is_argument",
        "kind",
        "options",
        "prefix",
    )

    def __init__(self, command: Command, begun: str) -> None:
        self.command = command
        self.kind = ""
        self.prefix = ""
        self.begun = begun
        self.options: list[Option] = []
        self.given: dict[str, list[str | None]] = {}
        self.arguments: list[str | None] = []
        self.is_argument = False
        self.is_after_dashes = False


class _Reader:
    """Reads the words as Typer does."""

    def __init__(self, root: Command) -> None:
        self.root = self.command = root
        self.given: dict[str, list[str | None]] = {}
        self.arguments: list[str | None] = []
        self.is_after_dashes = False
        self.expected: Option | None = None

    def options(self) -> list[Option]:
        """The options of the command, and those of the root that it does not redefine."""
        own = self.command.options
        if self.command is self.root:
            return own
        taken = {name for option in own for name in option.names}
        return [*own, *(one for one in self.root.options if taken.isdisjoint(one.names))]

    def take(self, word: str | None) -> bool:
        """Take the next word, None for one whose value is unknown; False if it fits nowhere."""
        if self.expected is not None:
            option, self.expected = self.expected, None
            self._give(option, word)
        elif word is None or self.is_after_dashes or not _is_option(word):
            return self._take_argument(word)
        elif word == "--":
            self.is_after_dashes = True
        else:
            found, value = self.attached(word)
            if found is not None and found is not self.expected:
                self._give(found, value)
        return True

    def attached(self, word: str) -> tuple[Option | None, str | None]:
        """The last option in a word, and the value in it; flags before it are taken."""
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            option = self._named(name)
            if option is not None and option.takes_value and not equals:
                self.expected = option
            return option, value if equals else None
        for at, letter in enumerate(word[1:], 2):
            option = self._named(f"-{letter}")
            if option is None:
                return None, None
            if option.takes_value:
                if at == len(word):
                    self.expected = option
                return option, word[at:] or None
            self._give(option, None)
        return None, None

    def _take_argument(self, word: str | None) -> bool:
        if not self.command.commands:
            self.arguments.append(word)
            return True
        command = self.command.commands.get(word or "")
        if command is None and DEFAULT in self.command.commands:
            self.command = self.command.commands[DEFAULT]
            self.arguments.append(word)
            return True
        if command is None:
            return False
        self.command, self.is_after_dashes = command, False
        return True

    def _named(self, name: str) -> Option | None:
        return next((option for option in self.options() if name in option.names), None)

    def _give(self, option: Option, value: str | None) -> None:
        self.given.setdefault(option.names[-1], []).append(value)


def _is_option(word: str) -> bool:
    """Whether a word begins with a dash, and is neither that dash nor a number."""
    return word.startswith("-") and len(word) > 1 and not word[1].isdigit()


def place_of(words: list[str | None], word: str, root: Command) -> Place | None:
    """What the last word of a command line is; None if the words before it make no sense.

    `words` are those between the name of the program and the word at the cursor.
    """
    reader = _Reader(root)
    if not all(reader.take(one) for one in words):
        return None
    place = Place(reader.command, word)
    place.is_after_dashes = reader.is_after_dashes
    if reader.expected is not None:
        place.kind = reader.expected.kind
        reader.expected = None
    elif word.startswith("-") and not reader.is_after_dashes:
        _place_option(place, reader, word)
    elif reader.command.commands:
        place.kind = "command"
    else:
        kind = reader.command.argument(len(reader.arguments))
        place.is_argument = kind is not None
        place.kind = kind or ("" if place.is_after_dashes else "option")
    place.given, place.arguments = reader.given, reader.arguments
    place.options = [
        option
        for option in reader.options()
        if option.is_repeatable or option.names[-1] not in reader.given
    ]
    return place


def _place_option(place: Place, reader: _Reader, word: str) -> None:
    """A word that begins with a dash: the name of an option, or one with its value."""
    place.kind = "option"
    if word[1:2].isdigit():
        place.kind = place.command.argument(len(reader.arguments)) or ""
        return
    has_value = "=" in word if word.startswith("--") else len(word) > 2
    if has_value:
        option, value = reader.attached(word)
        reader.expected = None
        if option is None or not option.takes_value:
            # Flags behind one dash, to which others can be added, are not offered.
            place.kind = ""
            return
        place.kind = option.kind
        place.begun = value or ""
        place.prefix = word[: len(word) - len(place.begun)]
