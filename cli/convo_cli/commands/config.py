"""`convo config …`: shows and changes `config.toml`, and shows the values in effect."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.completing.kinds import CONFIG_KEYS, CONFIG_VALUES, SET_KEYS
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes
from convo_cli.written import each, one, writes

config = typer.Typer(
    name="config",
    cls=Group,
    help="Show and change config.toml: model, database, colours and so on.",
    add_completion=False,
    rich_markup_mode=None,
)

Key = Annotated[
    str,
    typer.Argument(metavar="KEY", help="Such as model, options.temperature or pager."),
    CONFIG_KEYS,
]


@config.command("path", cls=Command)
@writes(one(shapes.PATH))
def path(ctx: typer.Context) -> None:
    """Print the path of config.toml, even if it does not exist."""
    actions.config.path(Invocation.of(ctx))


@config.command("list", cls=Command)
@writes(each(shapes.SETTING))
def list_(
    ctx: typer.Context,
    origin: Annotated[
        bool, typer.Option("--origin", help="Say where each value comes from.")
    ] = False,
) -> None:
    """List the values in effect.

    They come from options, the environment, config.toml, the session or defaults.
    """
    actions.config.list_(Invocation.of(ctx), origin)


@config.command("get", cls=Command)
@writes(one(shapes.SETTING), exits=(3,))
def get(ctx: typer.Context, key: Key) -> None:
    """Print the value in effect; exit code 3 if there is none."""
    actions.config.get(Invocation.of(ctx), key)


@config.command("set", cls=Command)
@writes(one({"key": "text", "value": "any"}))
def set_(
    ctx: typer.Context,
    key: Key,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="A list is JSON."), CONFIG_VALUES],
) -> None:
    """Set a key in config.toml, and leave the rest of the file unchanged."""
    actions.config.set_(Invocation.of(ctx), key, value)


@config.command("unset", cls=Command)
@writes(one({"key": "text", "value": "any"}), exits=(3,))
def unset(
    ctx: typer.Context,
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="A key or a table of config.toml."), SET_KEYS
    ],
) -> None:
    """Remove a key, or a whole table, from config.toml."""
    actions.config.unset(Invocation.of(ctx), key)


@config.command("edit", cls=Command)
@writes(one(shapes.PATH))
def edit(ctx: typer.Context) -> None:
    """Open config.toml in $VISUAL or $EDITOR, and check it afterwards."""
    actions.config.edit(Invocation.of(ctx))
