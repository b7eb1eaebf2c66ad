"""`convo alias …`: short names of models."""

from typing import Annotated

import typer

from convo.errors import NotFoundError
from convo_cli.commands.config import told
from convo_cli.config.checking import nearest
from convo_cli.config.file import config_path
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation
from convo_cli.output.report import show
from convo_cli.render import settings as listings

alias = typer.Typer(
    name="alias",
    cls=Group,
    help="Give models short names.",
    add_completion=False,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The short name.")]


@alias.command("set", cls=Command)
def set_(
    ctx: typer.Context,
    name: Name,
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="Such as openai/gpt-5-mini or local/qwen3.")
    ],
) -> None:
    """Have a short name stand for a model, wherever a model is named."""
    from convo_cli.config.writing import set_value

    invocation = Invocation.of(ctx)
    set_value(config_path(invocation.environ), ("aliases", name), model)
    told(invocation, f"'{name}' is {model}", {"alias": name, "model": model})


@alias.command("list", cls=Command)
def list_(ctx: typer.Context) -> None:
    """List the short names, and what they stand for."""
    invocation = Invocation.of(ctx)
    show(invocation, listings.aliases(list(invocation.config.named("aliases").items())))


@alias.command("remove", cls=Command)
def remove(ctx: typer.Context, name: Name) -> None:
    """Remove a short name."""
    from convo_cli.config.writing import remove as unset

    invocation = Invocation.of(ctx)
    known = invocation.config.named("aliases")
    if name not in known:
        raise NotFoundError(
            f"there is no alias '{name}'{nearest(name, known)}",
            hint="`convo alias list` lists them",
        )
    unset(config_path(invocation.environ), ("aliases", name))
    told(invocation, f"'{name}' stands for nothing any more", {"alias": name, "model": None})
