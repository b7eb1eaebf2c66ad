"""`convo template …`: named sets of a prompt, instructions and options."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.commands.asking_options import (
    Agent,
    AnswerSchema,
    Instructions,
    Mcp,
    Model,
    ModelSetting,
)
from convo_cli.completing.kinds import FREE, TEMPLATES
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes
from convo_cli.written import each, one, writes

template = typer.Typer(
    name="template",
    cls=Group,
    help="Save prompts, instructions and options for `convo chat -t NAME`.",
    add_completion=False,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the template."), TEMPLATES]


@template.command("save", cls=Command)
@writes(one(shapes.SAVED_TEMPLATE), exits=(4,))
def save(
    ctx: typer.Context,
    name: Name,
    instructions: Instructions = None,
    prompt: Annotated[
        str | None,
        typer.Option("--prompt", metavar="TEXT", help="The prompt; a typed one is added below it."),
        FREE,
    ] = None,
    model: Model = None,
    option: ModelSetting = None,
    agent: Agent = None,
    mcp: Mcp = None,
    schema: AnswerSchema = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing template.")] = False,
) -> None:
    """Save a template. $NAME in it is a value that -p or stdin gives with each use."""
    actions.templates.save(
        Invocation.of(ctx), name, instructions, prompt, model, option, agent, mcp, schema, force
    )


@template.command("list", cls=Command)
@writes(each(shapes.TEMPLATE))
def list_(ctx: typer.Context) -> None:
    """List the templates."""
    actions.templates.list_(Invocation.of(ctx))


@template.command("show", cls=Command)
@writes(one(shapes.TEMPLATE), exits=(3,))
def show_(ctx: typer.Context, name: Name) -> None:
    """Show a template as it is in config.toml."""
    actions.templates.show_(Invocation.of(ctx), name)


@template.command("edit", cls=Command)
@writes(one({"template": "text"}), exits=(3,))
def edit(ctx: typer.Context, name: Name) -> None:
    """Edit a template in $VISUAL or $EDITOR."""
    actions.templates.edit(Invocation.of(ctx), name)


@template.command("delete", cls=Command)
@writes(one({"template": "text"}), exits=(3,))
def delete(ctx: typer.Context, name: Name) -> None:
    """Delete a template. Sessions that used it go on without it."""
    actions.templates.delete(Invocation.of(ctx), name)
