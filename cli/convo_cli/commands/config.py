"""`convo config …`: what is set in `config.toml`, and what is in effect."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation

config = typer.Typer(
    name="config",
    cls=Group,
    help="Show and change what is set in config.toml: model, database, colours and the rest.",
    add_completion=False,
    rich_markup_mode=None,
)

Key = Annotated[
    str, typer.Argument(metavar="KEY", help="Such as model, options.temperature or pager.")
]


@config.command("path", cls=Command)
def path(ctx: typer.Context) -> None:
    """Print which file the configuration is, whether it is there or not."""
    actions.config.path(Invocation.of(ctx))


@config.command("list", cls=Command)
def list_(
    ctx: typer.Context,
    origin: Annotated[
        bool, typer.Option("--origin", help="Say where each value comes from.")
    ] = False,
) -> None:
    """List what is in effect, whether by an option, the environment, config.toml or by default."""
    actions.config.list_(Invocation.of(ctx), origin)


@config.command("get", cls=Command)
def get(ctx: typer.Context, key: Key) -> None:
    """Print the value that is in effect; exit code 3 where there is none."""
    actions.config.get(Invocation.of(ctx), key)


@config.command("set", cls=Command)
def set_(
    ctx: typer.Context,
    key: Key,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="A list is JSON.")],
) -> None:
    """Set a key in config.toml; what else is in the file stays as it is."""
    actions.config.set_(Invocation.of(ctx), key, value)


@config.command("unset", cls=Command)
def unset(ctx: typer.Context, key: Key) -> None:
    """Remove a key from config.toml, or a table with all that is in it."""
    actions.config.unset(Invocation.of(ctx), key)


@config.command("edit", cls=Command)
def edit(ctx: typer.Context) -> None:
    """Open config.toml in $VISUAL or $EDITOR, and say afterwards what is wrong with it."""
    actions.config.edit(Invocation.of(ctx))
