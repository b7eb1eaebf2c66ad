"""`convo continue`: continues an answer that was cut off."""

from typing import TYPE_CHECKING

import typer

from convo_cli import actions
from convo_cli.commands.asking_options import Raw
from convo_cli.commands.model_options import asks_a_model
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes
from convo_cli.written import one, writes

if TYPE_CHECKING:
    from convo_cli.turn.choice import ModelChoice


@writes(one(shapes.ANSWER), exits=(3, 5))
@asks_a_model
def continue_(ctx: typer.Context, choice: "ModelChoice", raw: Raw = False) -> None:
    """Ask the model to continue an answer that was cut off.

    The last answer of the branch has to be one that the limit of tokens cut off, or that was
    interrupted and kept. The next turn asks the model to go on where it stopped.
    """
    actions.continuing.continue_(Invocation.of(ctx), choice, raw=raw)
