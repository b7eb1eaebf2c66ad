"""`convo status`: shows where the user is."""

import typer

from convo_cli import actions
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes
from convo_cli.running import run
from convo_cli.written import one, writes


@writes(one(shapes.STATUS), exits=(3,))
def status(ctx: typer.Context) -> None:
    """Show where you are: the database, the session, the branch, and which model answers.

    It says where the model comes from, how many prompts wait for `convo retry`, and how large
    everything is. A database that does not exist yet is not an error.
    """
    run(actions.status.show_status(Invocation.of(ctx)))
