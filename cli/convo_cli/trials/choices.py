"""The choices of a trial, completed and permitted as those of a chat are."""

from collections.abc import Sequence
from typing import NamedTuple

from convo.records import Location, SessionModel
from convo.store import ConversationStore
from convo_cli.ask.conversation import Destination, check_writable
from convo_cli.ask.permission import permitted
from convo_cli.ask.question import Question
from convo_cli.ask.templates import missing_template
from convo_cli.invocation import Invocation
from convo_cli.turn.choice import ECHO, ModelChoice, check_choice, server_url


class Tried(NamedTuple):
    """A choice, and the name that its branches and rows are known by."""

    name: str
    choice: ModelChoice

    @property
    def model(self) -> str | None:
        """The model that is asked; None if the agent or the server decides."""
        choice = self.choice
        return choice.model if choice.agent is None or choice.overrules_agent else None


async def completed(
    invocation: Invocation,
    store: ConversationStore,
    location: Location | None,
    choices: Sequence[Tried],
) -> list[Tried]:
    """The choices, completed by the environment, the configuration and the session.

    The user is asked to permit agents and servers that only the database names, before anything
    runs. Without a `location` there is no session yet. Raises `ConvoError` for a choice that
    cannot be asked.
    """
    check_writable(invocation.settings)
    recorded = (
        SessionModel() if location is None else await store.session_model(location.session_id)
    )
    destination = Destination(None, False, recorded=recorded)
    question = Question(destination, "")
    found = []
    for name, choice in choices:
        gone = missing_template(choice, invocation.config, recorded)
        if gone is not None:
            invocation.terminal.notice(gone)
        choice = question.completed(choice, invocation.environ, invocation.config)
        choice = await permitted(invocation, choice)
        check_choice(choice, invocation.environ)
        found.append(Tried(name or choice.model or "model", choice))
    return found


def server_key(invocation: Invocation, tried: Tried) -> str:
    """The server that a choice asks, whose limits of the rate hold for all who ask it."""
    from convo_cli.plain.target import OPENAI_URL
    from convo_cli.wire.places import server_of

    if tried.choice.model == ECHO:
        return ""
    return server_of(server_url(tried.choice, invocation.environ) or OPENAI_URL)
