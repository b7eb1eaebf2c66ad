"""`convo alias …`: short names for models."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.completing.kinds import ALIASES, MODELS
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes
from convo_cli.written import each, one, writes

alias = typer.Typer(
    name="alias",
    cls=Group,
    help="Give models short names.",
    add_completion=False,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The short name."), ALIASES]


@alias.command("set", cls=Command)
@writes(one(shapes.ALIAS))
def set_(
    ctx: typer.Context,
    name: Name,
    model: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="Such as openai/gpt-5-mini or local/qwen3."),
        MODELS,
    ],
) -> None:
    """Set a short name, to be used wherever a model is named."""
    actions.aliases.set_(Invocation.of(ctx), name, model)


@alias.command("list", cls=Command)
@writes(each(shapes.ALIAS))
def list_(ctx: typer.Context) -> None:
    """List the short names and their models."""
    actions.aliases.list_(Invocation.of(ctx))


@alias.command("remove", cls=Command)
@writes(one(shapes.ALIAS), exits=(3,))
def remove(ctx: typer.Context, name: Name) -> None:
    """Remove a short name."""
    actions.aliases.remove(Invocation.of(ctx), name)
