"""Parses command lines: Typer's commands with three changes.

Every command and group also takes the options of the root, so that they work before and after a
subcommand. Values are converted here, because Typer would import pydantic, which takes longer than
most commands. And the error for a mistyped command suggests the nearest one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from typer._click.core import Context, Parameter
from typer._coercion import RuntimeParam
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from convo.names import did_you_mean
from convo_cli.exits import UsageError
from convo_cli.help.page import Entry, Page, Section, paragraphs_of, summary_of
from convo_cli.invocation import Invocation
from convo_cli.settings import Given

DATABASES = frozenset({"PATH|URL", "FROM", "TO"})
"""The metavars of databases: paths, or addresses of servers."""

_NO_OPTION = re.compile(r"-[0-9\s]|--[-\s]")
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,30}")


@dataclass(frozen=True)
class _PlainParam(RuntimeParam):
    """Converts the text of one option or argument with nothing but the standard library."""

    choices: tuple[Any, ...] | None = None

    def _coerce_value(self, value: Any, param: Any, ctx: Context) -> Any:
        try:
            if param.metavar in DATABASES:
                # Where it is a path, it is whatever the system takes for one.
                return value if value is None else _named(value)
            if isinstance(value, list | tuple):
                return [self._convert(item, str) for item in value]
            return self._convert(value, self.annotation)
        except ValueError as error:
            raise typer.BadParameter(str(error), ctx=ctx, param=param) from error

    def _convert(self, value: Any, kind: Any) -> Any:
        if not isinstance(value, str):
            return value
        if self.choices is not None:
            return _choice(value, self.choices)
        if kind is Path:
            return _path(value)
        if not value.isprintable() and any("\ud800" <= c <= "\udfff" for c in value):
            raise ValueError(f"{value!a} is not UTF-8 text")
        if kind is int:
            return _whole_number(value)
        return _number(value) if kind is float else value


def _choice(value: str, choices: tuple[Any, ...]) -> Any:
    names = [str(choice) for choice in choices]
    if value in names:
        return choices[names.index(value)]
    raise ValueError(f"'{value}' is not one of {', '.join(names)}{did_you_mean(value, names)}")


def _path(value: str) -> Path:
    return Path(_named(value))


def _named(value: str) -> str:
    if not value:
        raise ValueError("the path is empty")
    return value


def _whole_number(value: str) -> int:
    if not _WHOLE_NUMBER.fullmatch(value):
        raise ValueError(f"'{value}' is not a whole number")
    return int(value)


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise ValueError(f"'{value}' is not a number") from None


def _without_pydantic(params: list[Parameter]) -> list[Parameter]:
    for param in params:
        if isinstance(param, TyperOption | TyperArgument) and param._runtime_param is None:
            kind = param.type_descriptor
            param._runtime_param = _PlainParam(
                kind.parameter_info, kind.annotation, choices=kind.choices
            )
    return params


def _show_help(ctx: Context, param: Parameter, value: bool | None) -> None:
    if value and not ctx.resilient_parsing:
        write_help(ctx)
        raise typer.Exit


def write_help(ctx: Context) -> None:
    """Write the help of the context's command: in panels on a terminal, else as plain text."""
    command, terminal = ctx.command, Invocation.of(ctx).terminal
    assert isinstance(command, _Shared)
    page = command.page(ctx)
    if terminal.can_redraw:
        from convo_cli.help.panels import as_panels

        terminal.write(as_panels(page, terminal.look))
    else:
        from convo_cli.help.plain import as_text

        terminal.write(as_text(page, terminal.width))


class _Shared:
    """The common part of commands and groups; a mixin for Typer's classes."""

    def get_params(self, ctx: Context) -> list[Parameter]:
        """The command's own parameters, then those of the root that it does not redefine."""
        own: list[Parameter] = super().get_params(ctx)  # type: ignore[misc]
        taken = {name for param in own for name in param.opts}
        shared = [param for param in ctx.find_root().command.params if taken.isdisjoint(param.opts)]
        twice = {param.name for param in own} & {param.name for param in shared}
        assert not twice, f"common options have the names {sorted(twice)} too"
        return _without_pydantic([*own[:-1], *shared, *own[-1:]])  # --help stays last

    def get_help_option_names(self, ctx: Context) -> list[str]:
        """The names of the option --help, in every command and in the order of the help."""
        return ["-h", "--help"]

    def get_help_option(self, ctx: Context) -> TyperOption | None:
        """The option --help, which writes like all other data."""
        option: TyperOption | None = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.callback = _show_help
        return option

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Parse the command line, and pass the common options to the invocation."""
        rest: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]
        root = ctx.find_root().command
        names = [param.name for param in root.params if param.expose_value]
        given = {name: ctx.params.pop(name) for name in names if name in ctx.params}
        Invocation.of(ctx).add(Given(**given))
        return rest

    def page(self, ctx: Context) -> Page:
        """The page of help of this command, called as the context says."""
        from convo_cli.help.examples import examples_of

        own, shared = self._parameters(ctx)
        command = ctx.command
        return Page(
            usage=" ".join([ctx.command_path, *command.collect_usage_pieces(ctx)]),
            paragraphs=paragraphs_of(command.help or ""),
            sections=(*self.command_sections(ctx), *own),
            examples=examples_of(path_of(ctx)),
            rest=(*shared, *self.notes()),
        )

    def command_sections(self, ctx: Context) -> tuple[Section, ...]:
        """The subcommands in the order of the help, of a group."""
        return ()

    def notes(self) -> tuple[Section, ...]:
        """The sections at the end of the page."""
        return ()

    def _parameters(self, ctx: Context) -> tuple[list[Section], list[Section]]:
        """The sections of the command's own arguments and options, and of the common ones."""
        root = ctx.find_root().command
        parts: dict[str, list[Entry]] = {"Arguments": [], "Options": [], "Common options": []}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is None:
                continue
            name, text = record
            if param.param_type_name == "argument":
                title, name = "Arguments", str(param.metavar or param.name)
            else:
                common = param in root.params or "--help" in param.opts
                title = "Common options" if common else "Options"
            parts[title].append(Entry(name, _with_default(text)))
        found = {title: Section(title, tuple(of)) for title, of in parts.items() if of}
        shared = [found.pop("Common options")]
        return list(found.values()), shared


def _with_default(text: str) -> str:
    """The help of a parameter, with its default once."""
    said, bracket, default = text.partition("  [default: ")
    if "if not given" in said or not bracket:
        return said
    return f"{said} [default: {default.replace('.0]', ']')}"


def path_of(ctx: Context) -> tuple[str, ...]:
    """The names of a context's command, none for the program itself."""
    if ctx.parent is None:
        return ()
    return (*path_of(ctx.parent), ctx.info_name or "")


class Command(_Shared, TyperCommand):
    """A command of ours."""

    def make_parser(self, ctx: Context) -> Any:
        """Typer's parser, changed to accept -1 and "- a bullet" as arguments."""
        parser = super().make_parser(ctx)
        take_option = parser._process_opts

        def take(arg: str, state: Any) -> None:
            if _NO_OPTION.match(arg):
                state.largs.append(arg)
            else:
                take_option(arg, state)

        parser._process_opts = take  # type: ignore[method-assign]
        return parser


class Group(_Shared, TyperGroup):
    """A command with subcommands; without one it shows its help."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Show the help, as data, if the command line ends with the group's name."""
        if not args and not ctx.resilient_parsing:
            write_help(ctx)
            raise typer.Exit
        return super().parse_args(ctx, args)

    def command_sections(self, ctx: Context) -> tuple[Section, ...]:
        """The subcommands in the order of the help."""
        return (self.section(ctx, "Commands", self.list_commands(ctx)),)

    def section(self, ctx: Context, title: str, names: Iterable[str]) -> Section:
        """Some of the subcommands with their summaries, which are never cut."""
        commands = ((name, self.get_command(ctx, name)) for name in names)
        return Section(
            title,
            tuple(
                Entry(name, summary_of(command.help or "")) for name, command in commands if command
            ),
        )

    def resolve_command(self, ctx: Context, args: list[str]) -> Any:
        """The command that the arguments begin with. Raises `UsageError`."""
        if args and self.get_command(ctx, args[0]) is None:
            suggestion = did_you_mean(args[0], self.list_commands(ctx))
            raise UsageError(
                f"no such command '{args[0]}'{suggestion}",
                hint=f"`{ctx.command_path} --help` lists them",
            )
        return super().resolve_command(ctx, args)


class DefaultGroup(Group):
    """A group whose command `run` is meant if the command line names none of its commands."""

    DEFAULT = "run"

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Parse the command line, with the name of the command that is meant."""
        if args and not self._names_command(ctx, args):
            args = [self.DEFAULT, *args]
        return super().parse_args(ctx, args)

    def _names_command(self, ctx: Context, args: list[str]) -> bool:
        """Whether the first word after options that this group has is one of its commands."""
        names = {name: param for param in self.get_params(ctx) for name in param.opts}
        words = iter(args)
        for word in words:
            param = names.get(word.partition("=")[0])
            if param is None or not word.startswith("-"):
                return word in self.commands
            if "--help" in param.opts:
                return True
            if not getattr(param, "is_flag", False) and "=" not in word:
                next(words, None)
        return False
