"""`convo doctor`: checks the installation and what it needs."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes
from convo_cli.running import run
from convo_cli.written import each, writes


@writes(each(shapes.FINDING), exits=(1,))
def doctor(
    ctx: typer.Context,
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask any server.")] = False,
) -> None:
    """Check the installation, the files, the servers and the terminal.

    Servers that you have named, by `convo server add` or OPENAI_BASE_URL, and OpenAI if there is a
    key, are asked for their models. Keys are not shown, only whether there are any. The exit code
    is 1 if something is wrong; a note is something to know.
    """
    raise typer.Exit(run(actions.doctor.examine(Invocation.of(ctx), offline=offline)))
