"""Continues an answer that was cut off."""

from convo.store import ConversationStore
from convo_cli.ask.again import continuing
from convo_cli.ask.conversation import locate
from convo_cli.ask.question import Question
from convo_cli.invocation import Invocation
from convo_cli.turn.choice import ModelChoice


def continue_(invocation: Invocation, choice: ModelChoice, *, raw: bool) -> None:
    """Ask the model to continue its last answer, which was cut off."""
    # Imported here because the modules of a turn are slow to load.
    from convo_cli.ask.oneshot import ask_once

    async def find(store: ConversationStore) -> Question:
        return await continuing(store, await locate(store, invocation.settings, new=False))

    ask_once(invocation, choice, find, raw=raw)
