"""`convo continue`: goes on from an answer that was cut."""

import typer

from convo.store import ConversationStore
from convo_cli.agent.choice import ModelChoice
from convo_cli.ask.again import continuing
from convo_cli.ask.conversation import locate
from convo_cli.ask.question import Question
from convo_cli.commands.model_options import asks_a_model
from convo_cli.invocation import Invocation
from convo_cli.options import Raw


@asks_a_model
def continue_(ctx: typer.Context, choice: ModelChoice, raw: Raw = False) -> None:
    """Have the model go on with an answer that was cut.

    The last turn of the branch is one that the limit of tokens cut off, or that was interrupted
    and kept. The next turn asks the model to go on where that stopped.
    """
    invocation = Invocation.of(ctx)
    # Imported here: what a turn needs takes a while to load.
    from convo_cli.ask.oneshot import ask_once

    async def find(store: ConversationStore) -> Question:
        return await continuing(store, await locate(store, invocation.settings, new=False))

    ask_once(invocation, choice, find, raw=raw)
