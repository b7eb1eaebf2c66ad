"""Finds the session and branch where a chat goes on, and the model that was asked there."""

import os
from dataclasses import dataclass, field, replace

from convo import check_name
from convo.errors import NameTakenError, ReadOnlyDatabaseError, TurnNotFoundError
from convo.records import MAIN, SessionModel
from convo.store import ConversationStore
from convo_cli.config.addresses import same_server
from convo_cli.exits import UsageError
from convo_cli.location import location_if_there
from convo_cli.settings import Settings
from convo_cli.turn.choice import ModelChoice, Recorded
from convo_cli.turn.context_reference import context_reference
from convo_cli.turn.reference import agent_reference, same_place


@dataclass(frozen=True, slots=True)
class Destination:
    """The branch that the next turn is put on.

    A session that does not exist yet is created with its first turn; `session` is then the name
    that it will have, or None if it is to be named after its first prompt. `head` is the session's
    current branch. With `keep_session`, the turn does not change which session is current, and with
    `keep_branch` not which branch of the session is.
    """

    session: str | None
    exists: bool
    branch: str = MAIN
    recorded: SessionModel = field(default_factory=SessionModel)
    head: str = MAIN
    keep_session: bool = False
    keep_branch: bool = False

    def kept(self, settings: Settings) -> "Destination":
        """The destination, with what the options say about the head.

        To name an existing session or branch does not move it, nor does what the environment names,
        nor a folder that has a session.
        """
        is_found = settings.session is not None or settings.folder is not None
        named = settings.session_of_environ or (self.exists and is_found)
        return replace(
            self, keep_session=named or settings.no_switch, keep_branch=settings.no_switch
        )


async def locate(store: ConversationStore, settings: Settings, *, new: bool) -> Destination:
    """The destination that the options and the head name, or that of a session to be created.

    Its history is not read. Raises `BranchNotFoundError`, `InvalidNameError` and, for `new` with
    the name of an existing session, `NameTakenError`.
    """
    if not new and settings.file is None and settings.names_nothing and settings.folder is None:
        # The session that was last written to is another person's.
        new = await store.current_session() is None
    location = None if new else await location_if_there(store, settings)
    if location is not None:
        recorded = await store.session_model(location.session)
        found = Destination(location.session, True, location.branch, recorded, location.head)
        return found.kept(settings)
    if settings.session is not None:
        check_name("session", settings.session)
        if new and await location_if_there(store, settings._replace(branch=None)) is not None:
            raise NameTakenError(f"a session '{settings.session}' already exists")
    if settings.branch not in {None, MAIN}:
        raise UsageError(f"a new session has no branch '{settings.branch}', only '{MAIN}'")
    return Destination(settings.session, False).kept(settings)


async def turn_in(store: ConversationStore, destination: Destination, name: str | int) -> int:
    """The turn of a conversation with a number, -1 being the last, or with a tag.

    Raises `TurnNotFoundError`.
    """
    if destination.session is None or not destination.exists:
        raise TurnNotFoundError(f"no turn {name}: nothing was said yet")
    return await store.turn_called(destination.session, destination.branch, name)


def check_writable(settings: Settings) -> None:
    """Raise `ReadOnlyDatabaseError` if an answer could not be stored in a file.

    Called before the model is asked, so that nobody pays for an answer that would be lost. On a
    server, a turn that cannot be recorded as pending is not asked.
    """
    file = settings.file
    if file is None:
        return
    if file.exists() and not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
        raise ReadOnlyDatabaseError(
            f"the database {file} is read-only",
            hint="make the file and its folder writable, or use another file",
        )


def with_recorded(choice: ModelChoice, recorded: SessionModel) -> ModelChoice:
    """The choice, completed by what the session was last run with, and marked as recorded there.

    A recorded model belongs to its server: it is not asked for at another one. A model that was
    chosen over an agent's own keeps answering for it until an agent is named again. Raises
    ChoiceError if the recorded agent no longer exists.
    """
    choice = _with_mcp(_with_agent(choice, recorded), recorded)
    if choice.base_url is not None and not same_server(choice.base_url, recorded.base_url):
        return choice
    found: dict[Recorded, str | None] = {"model": recorded.model, "base_url": recorded.base_url}
    taken = {name: value for name, value in found.items() if value and not getattr(choice, name)}
    api = recorded.api if recorded.api in {"responses", "chat"} else None
    return replace(
        choice,
        **taken,  # type: ignore[arg-type]
        api=choice.api or api,  # type: ignore[arg-type]
        recorded=choice.recorded | taken.keys(),
    )


def _with_agent(choice: ModelChoice, recorded: SessionModel) -> ModelChoice:
    if not recorded.agent or not choice.goes_on_with_agent:
        return choice
    if choice.agent is not None:
        return (
            _with_context(choice, recorded) if same_place(choice.agent, recorded.agent) else choice
        )
    is_chosen = choice.is_chosen or (choice.model is None and recorded.model_chosen)
    agent = agent_reference(recorded.agent, is_recorded=True)
    goes_on = replace(
        choice, agent=agent, is_chosen=is_chosen, recorded=choice.recorded | {"agent"}
    )
    return _with_context(goes_on, recorded)


def _with_mcp(choice: ModelChoice, recorded: SessionModel) -> ModelChoice:
    if choice.mcp is not None or not recorded.mcp:
        return choice
    from convo_cli.config.mcp import recorded_names

    names = recorded_names(recorded.mcp)
    return (
        choice if names is None else replace(choice, mcp=names, recorded=choice.recorded | {"mcp"})
    )


def _with_context(choice: ModelChoice, recorded: SessionModel) -> ModelChoice:
    if choice.context is not None or not recorded.context:
        return choice
    context = context_reference(recorded.context, is_recorded=True)
    return replace(choice, context=context, recorded=choice.recorded | {"context"})
