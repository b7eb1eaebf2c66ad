"""Puts the program together from its commands and its common options."""

import sys
from collections.abc import Sequence
from importlib import import_module

import typer
from typer._click.core import Command as TyperCommand
from typer._click.core import Context
from typer.main import get_command

from convo_cli.boundary import guarded
from convo_cli.exits import MEANINGS
from convo_cli.grammar import Command, Group
from convo_cli.help.page import Entry, Section
from convo_cli.invocation import Invocation
from convo_cli.options import (
    ENVIRONMENT,
    AsJson,
    BranchName,
    DatabaseName,
    Debug,
    OutputFormat,
    Quiet,
    SessionName,
    Version,
)
from convo_cli.safe_stderr import SafeStderr
from convo_cli.terminal import Terminal

PROGRAM = "convo"

PARTS = {
    "Ask": {
        "chat": "chat:chat",
        "retry": "retry:retry",
        "continue": "continuing:continue_",
    },
    "Look": {
        "status": "status:status",
        "turns": "turns:turns",
        "log": "turns:turns",
        "show": "show:show",
        "diff": "diff:diff",
        "compare": "diff:compare",
        "search": "search:search",
        "tools": "tools:tools",
        "usage": "usage:usage",
        "blame": "blame:blame",
        "sessions": "sessions:sessions",
        "list": "lists:list_",
    },
    "Branch": {
        "branch": "branches:branch",
        "branches": "branches:branches",
        "switch": "branches:switch",
        "rename": "branches:rename",
        "delete": "undo:delete",
        "rm": "undo:delete",
        "merge": "merging:merge",
        "squash": "merging:squash",
        "undo": "undo:undo",
        "restore": "undo:restore",
    },
    "Try": {
        "ask": "ask:ask",
        "pick": "ask:pick",
        "replay": "replay:replay",
        "bisect": "bisect:bisect",
        "eval": "evals:eval_",
    },
    "Keep": {
        "session": "sessions:session",
        "note": "marks:note",
        "tag": "marks:tag",
        "star": "marks:star",
        "export": "export:export",
        "import": "importing:import_",
        "bundle": "documents:bundle",
        "clone": "documents:clone",
        "db": "db:db",
    },
    "Set up": {
        "help": "help:help_",
        "config": "config:config",
        "server": "servers:server",
        "key": "keys:key",
        "models": "models:models",
        "prices": "prices:prices",
        "alias": "aliases:alias",
        "template": "templates:template",
        "mcp": "mcp:mcp",
        "completion": "completion:completion",
        "doctor": "doctor:doctor",
    },
}
"""The commands in the order of the help, by what a user wants to do: a module of `commands`, and a
name in it. Two commands of the same place are one under two names.

A module is imported when its command is called: importing all takes longer than most commands do.
"""

COMMANDS = {name: place for part in PARTS.values() for name, place in part.items()}
"""The place of each command."""


class Program(Group):
    """The root command, which handles all errors."""

    def list_commands(self, ctx: Context) -> list[str]:
        """The names of the commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> TyperCommand | None:
        """Load the command of that name; None if there is none."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            self.commands[cmd_name] = _loaded(cmd_name)
        return self.commands.get(cmd_name)

    def command_sections(self, ctx: Context) -> tuple[Section, ...]:
        """The commands by what a user wants to do; a second name refers to the first."""
        return tuple(
            Section(
                title,
                tuple(
                    entry._replace(text=f"The same as `{first}`.")
                    if (first := _first_name(entry.name)) != entry.name
                    else entry
                    for entry in self.section(ctx, title, part).entries
                ),
            )
            for title, part in PARTS.items()
        )

    def notes(self) -> tuple[Section, ...]:
        """What the environment sets, and what exit codes mean."""
        return (
            Section("Environment", tuple(Entry(*one) for one in ENVIRONMENT)),
            Section("Exit codes", tuple(Entry(str(int(c)), m) for c, m in MEANINGS.items())),
        )

    def run(self, args: Sequence[str], terminal: Terminal) -> int:
        """Run a command line and return its exit code. Raises nothing."""
        invocation = Invocation(terminal)

        def work() -> None:
            with self.make_context(PROGRAM, list(args), obj=invocation) as context:
                self.invoke(context)

        return guarded(work, invocation)


def run(args: Sequence[str]) -> int:
    """Run a command line on the terminal of this process and return its exit code."""
    terminal = Terminal.of_process()
    if terminal.stderr_is_terminal:
        # Python restores the second one at exit, and may still print errors then.
        sys.stderr = sys.__stderr__ = SafeStderr(sys.stderr)  # type: ignore[assignment, misc]
    return program().run(args, terminal)


def program() -> Program:
    """The root command."""
    app = _typer(Program)
    app.callback()(_common_options)
    root = get_command(app)
    assert isinstance(root, Program)
    return root


def _first_name(name: str) -> str:
    """The name under which a command is described: the first of those with its place."""
    return next(other for other, place in COMMANDS.items() if place == COMMANDS[name])


def _loaded(name: str) -> TyperCommand:
    module, _, attribute = COMMANDS[name].partition(":")
    found = getattr(import_module(f"convo_cli.commands.{module}"), attribute)
    if isinstance(found, typer.Typer):
        return get_command(found)
    app = _typer(Group)
    app.command(name, cls=Command)(found)
    return get_command(app)


def _typer(cls: type[Group]) -> typer.Typer:
    return typer.Typer(
        cls=cls, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
    )


def _common_options(
    db: DatabaseName = None,
    session: SessionName = None,
    branch: BranchName = None,
    as_json: AsJson = None,
    output_format: OutputFormat = None,
    quiet: Quiet = None,
    debug: Debug = None,
    version: Version = None,
) -> None:
    """Git for conversations with AI agents: every turn is kept, any turn can be branched from.

    The common options work before and after a command; the later one wins.
    """
