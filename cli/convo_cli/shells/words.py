"""The words to complete: commands, their options, and fixed values."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from typer._click.core import Context
from typer.core import TyperGroup


@dataclass(frozen=True, slots=True)
class OptionWords:
    """One option: its names, and the choices for its value, if it takes one."""

    names: tuple[str, ...]
    help: str
    takes_value: bool
    values: tuple[str, ...] = ()
    is_path: bool = False


@dataclass(frozen=True, slots=True)
class CommandWords:
    """One command; `path` is the list of its names, and is empty for the program itself."""

    path: tuple[str, ...]
    help: str
    options: tuple[OptionWords, ...]
    common: tuple[OptionWords, ...]
    values: tuple[str, ...]
    commands: tuple["CommandWords", ...]

    def everything(self) -> Iterator["CommandWords"]:
        """This command and all below it."""
        yield self
        for command in self.commands:
            yield from command.everything()

    def value_options(self) -> list[str]:
        """The names of all options with a value, of this command and all below it.

        A word after one of them is never a command, whichever command the option belongs to.
        """
        names = {
            (name, option.takes_value)
            for command in self.everything()
            for option in (*command.options, *command.common)
            for name in option.names
        }
        taking = {name for name, takes_value in names if takes_value}
        torn = taking & {name for name, takes_value in names if not takes_value}
        if torn:
            raise ValueError(f"{sorted(torn)} take a value in one command and none in another")
        return sorted(taking)


def words_of(command: Any, parent: Context | None = None, name: str = "convo") -> CommandWords:
    """The words of a Typer command and of all commands below it."""
    context = Context(command, info_name=name, parent=parent)
    path = () if parent is None else (*_path(parent), name)
    options: list[OptionWords] = []
    common: list[OptionWords] = []
    values: tuple[str, ...] = ()
    shared = context.find_root().command.params
    for param in command.get_params(context):
        choices = tuple(str(choice) for choice in param.type_descriptor.choices or ())
        if param.param_type_name == "argument":
            values = values or choices
            continue
        words = OptionWords(
            names=tuple(param.opts),
            help=_sentence(param.help or ""),
            takes_value=not param.is_flag,
            values=choices,
            is_path=param.type_descriptor.is_path,
        )
        (common if param in shared or "--help" in param.opts else options).append(words)
    names = command.list_commands(context) if isinstance(command, TyperGroup) else []
    return CommandWords(
        path,
        _sentence(command.help or ""),
        tuple(options),
        tuple(common),
        values,
        tuple(words_of(command.get_command(context, name), context, name) for name in names),
    )


def _path(context: Context) -> tuple[str, ...]:
    above = () if context.parent is None else (*_path(context.parent), context.info_name or "")
    return tuple(above)


def _sentence(text: str) -> str:
    """The first sentence of a help text, without its full stop."""
    first_line = text.strip().partition("\n")[0]
    return first_line.partition(". ")[0].strip().removesuffix(".")
