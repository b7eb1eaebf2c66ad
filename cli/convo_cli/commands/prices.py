"""`convo prices`: shows the prices of models, and fetches newer ones."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.completing.kinds import FREE, MODELS
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.render.data import usage_shapes
from convo_cli.written import one, writes

UPDATE = "update"


@writes(
    one(usage_shapes.PRICES, flat=usage_shapes.PRICE),
    one(usage_shapes.FETCHED_PRICES, "update"),
    exits=(5,),
)
def prices(
    ctx: typer.Context,
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="MODEL|update",
            help="A model, as -m takes it; or `update`, to fetch newer prices.",
        ),
        MODELS,
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="URL|FILE",
            help="Where `update` finds the prices, if not at the address of genai-prices.",
        ),
        FREE,
    ] = None,
) -> None:
    """Show the prices of MODEL, or of all models that were asked, and how old they are.

    Prices are in US dollars for a million tokens; a run is priced as of its day. Prices in
    config.toml, under [prices], take precedence over all others.
    """
    invocation = Invocation.of(ctx)
    if model == UPDATE:
        actions.prices.update(invocation, source)
    elif source is not None:
        raise UsageError("--from goes with `convo prices update`")
    else:
        actions.prices.show_prices(invocation, model)
