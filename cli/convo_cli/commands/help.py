"""`convo help`: shows the help of the program, a command or a subcommand."""

from typing import Annotated

import typer
from typer._click.core import Context

from convo_cli.completing.kinds import COMMANDS
from convo_cli.exits import UsageError
from convo_cli.grammar import Group, write_help
from convo_cli.written import TEXT, writes


@writes(TEXT)
def help_(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="COMMAND", help="A command, and perhaps its subcommand."),
        COMMANDS,
    ] = None,
) -> None:
    """Show the help of a command, or list all commands."""
    context: Context = ctx.find_root()
    for name in names or []:
        group = context.command
        if not isinstance(group, Group):
            raise UsageError(f"`{context.command_path}` has no subcommands", hint=_see(context))
        _, command, _ = group.resolve_command(context, [name])
        context = Context(command, info_name=name, parent=context, obj=context.obj)
    write_help(context)


def _see(context: Context) -> str:
    return f"see `{context.command_path} --help`"
