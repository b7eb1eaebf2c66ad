"""Makes the table of commands that a shell completes, from the program itself.

`python -m tests.cli.shells.table` writes it, and a test compares the two.

An option or argument with a value says beside it what the value is: see
`convo_cli.completing.kinds`.
"""

import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, get_type_hints

from typer._click.core import Context
from typer.core import TyperGroup

from convo.importing.registry import DOCUMENTS, MODULES
from convo_cli.completing.kinds import SOURCES, Values
from convo_cli.completing.table import FLAG
from convo_cli.help.page import summary_of


class UndeclaredError(Exception):
    """An option or argument does not say what its value is."""


@dataclass(frozen=True, slots=True)
class OptionWords:
    """One option: its names, and the kind of its value, `=a|b` for choices."""

    names: tuple[str, ...]
    help: str
    kind: str
    is_repeatable: bool


@dataclass(frozen=True, slots=True)
class CommandWords:
    """One command; `path` is the list of its names, and is empty for the program itself.

    `arguments` has the kinds of its arguments; the last one may be given again and again if it
    `takes_many`.
    """

    path: tuple[str, ...]
    help: str
    options: tuple[OptionWords, ...]
    common: tuple[OptionWords, ...]
    arguments: tuple[str, ...]
    takes_many: bool
    commands: tuple["CommandWords", ...]

    def everything(self) -> Iterator["CommandWords"]:
        """This command and all below it."""
        yield self
        for command in self.commands:
            yield from command.everything()


def words_of(command: Any, parent: Context | None = None, name: str = "convo") -> CommandWords:
    """The words of a Typer command and of all commands below it.

    Raises `UndeclaredError`.
    """
    context = Context(command, info_name=name, parent=parent)
    path = () if parent is None else (*_path(parent), name)
    options: list[OptionWords] = []
    common: list[OptionWords] = []
    arguments: list[str] = []
    takes_many = False
    shared = context.find_root().command.params
    own = _declared(command)
    every = own | _declared(context.find_root().command)
    for param in command.get_params(context):
        if param.param_type_name == "argument":
            arguments.append(_kind(param, own, path))
            takes_many = param.nargs == -1
            continue
        words = OptionWords(
            names=tuple(param.opts),
            help=_summary(param.help or ""),
            kind=FLAG if param.is_flag else _kind(param, every, path),
            is_repeatable=param.multiple,
        )
        (common if param in shared or "--help" in param.opts else options).append(words)
    names = command.list_commands(context) if isinstance(command, TyperGroup) else []
    return CommandWords(
        path,
        _summary(command.help or ""),
        tuple(options),
        tuple(common),
        tuple(arguments),
        takes_many,
        tuple(words_of(command.get_command(context, name), context, name) for name in names),
    )


def table_of(root: CommandWords) -> str:
    """The table, as `convo_cli.completing.table` reads it."""
    lines = [_option(option) for option in root.common]
    for command in root.everything():
        if command.path:
            lines.append(f"command\t{' '.join(command.path)}\t{command.help}")
            lines += [_option(option) for option in command.options]
            lines += [f"argument\t{kind}\tone" for kind in command.arguments]
            if command.takes_many:
                lines[-1] = lines[-1].removesuffix("one") + "many"
    return "\n".join(lines) + "\n"


def _option(option: OptionWords) -> str:
    many = "many" if option.is_repeatable else "one"
    return f"option\t{' '.join(option.names)}\t{option.kind}\t{many}\t{option.help}"


def _kind(param: Any, declared: dict[str, Values], path: tuple[str, ...]) -> str:
    """The kind of a parameter's value: its choices, or what is declared beside it."""
    choices = param.type_descriptor.choices
    if choices:
        return _choices(choices)
    kind = declared.get(param.name)
    if kind is None:
        raise UndeclaredError(
            f"{' '.join(['convo', *path])}: {param.opts[-1]} does not say what its value is: "
            "add a kind of convo_cli.completing.kinds to its Annotated[…], FREE if only the user "
            "can know it"
        )
    return _choices((DOCUMENTS, *MODULES)) if kind is SOURCES else kind.name


def _choices(names: Iterable[object]) -> str:
    return "=" + "|".join(str(name) for name in names)


def _declared(command: Any) -> dict[str, Values]:
    """The kinds that are declared in the signature of a command, by parameter."""
    if command.callback is None:
        return {}
    function = inspect.unwrap(command.callback, stop=lambda one: hasattr(one, "__signature__"))
    hints = get_type_hints(function, include_extras=True)
    return {
        name: kind
        for name, hint in hints.items()
        for kind in getattr(hint, "__metadata__", ())
        if isinstance(kind, Values)
    }


def _path(context: Context) -> tuple[str, ...]:
    return () if context.parent is None else (*_path(context.parent), context.info_name or "")


def _summary(help_text: str) -> str:
    """The first sentence, on one line and without its full stop."""
    return " ".join(summary_of(help_text).split()).removesuffix(".")
