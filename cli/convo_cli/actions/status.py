"""Shows where the user is: database, session, branch, turn, model, and what waits."""

from pathlib import Path

from convo.errors import ConvoError
from convo.records import NO_MARKS, SessionModel
from convo.store import ConversationStore
from convo_cli.ask.configured import settled, with_environ
from convo_cli.config.credentials import credential_for
from convo_cli.config.file import Config
from convo_cli.invocation import Invocation
from convo_cli.location import Location, find_location, location_if_there
from convo_cli.output.budget import budget_of
from convo_cli.output.report import show
from convo_cli.render.status import Answering, Month, Place, Sizes, Status, status
from convo_cli.turn.choice import ModelChoice, server_url
from convo_cli.turn.redact import without_credentials
from convo_cli.wire.model_defaults import default_model


async def show_status(invocation: Invocation) -> None:
    """Write the status. Raises the errors of a session or branch that was named and is missing."""
    settings = invocation.settings
    file = settings.file
    async with ConversationStore(settings.db) as store:
        location = await _location(store, invocation)
        recorded, place = SessionModel(), None
        if location is not None:
            info = await store.session_info(location.session)
            recorded = await store.session_model(location.session)
            newest = await store.turns(location.session, location.branch, 1)
            place = Place(
                location.session,
                location.branch,
                newest[-1].turn if newest else 0,
                info.branches,
                newest[-1].marks if newest else NO_MARKS,
                info.is_starred,
            )
        sizes = Sizes(
            bytes=None if file is None else _size(file),
            log_bytes=None if file is None else _size(Path(f"{file}-wal")),
            sessions=await store.count_sessions(),
            waiting=await store.count_waiting(),
            restorable=await store.count_removed(),
        )
        budget = await budget_of(invocation, store)
    answering = _answering(invocation, recorded, place)
    month = None if budget is None else Month(budget.spent, budget.limit, budget.in_full())
    database = str(file or settings.db)
    show(invocation, status(Status(database, place, answering, sizes, settings.folder, month)))
    if budget is not None and (warning := budget.warning()) is not None:
        invocation.terminal.notice(warning)


async def _location(store: ConversationStore, invocation: Invocation) -> Location | None:
    settings = invocation.settings
    if settings.names_nothing:
        return await location_if_there(store, settings)
    return await find_location(store, settings)


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except OSError:
        return None


def _answering(invocation: Invocation, recorded: SessionModel, place: Place | None) -> Answering:
    """The model that would answer a question asked here without options."""
    config, environ = invocation.config, invocation.environ
    try:
        choice = settled(with_environ(ModelChoice(), environ, config), config, recorded)
        url = server_url(choice, environ)
    except ConvoError as error:
        return Answering(problem=str(error))
    answering = Answering(
        model=choice.model,
        origin=_origin(invocation, choice, config, place),
        base_url=None if url is None else without_credentials(url),
        agent=recorded.agent,
        template=choice.template,
    )
    if choice.model is not None or choice.agent is not None or choice.base_url is not None:
        return answering
    if credential_for(None, environ) is None:
        return answering._replace(origin=None, problem="there is neither a key nor a server")
    return answering._replace(model=default_model(environ), origin="default")


def _origin(
    invocation: Invocation, choice: ModelChoice, config: Config, place: Place | None
) -> str | None:
    """Where the model comes from: the first that has one, as for a question."""
    if invocation.environ.get("CONVO_MODEL"):
        return "environment CONVO_MODEL"
    if choice.model is None:
        return None
    if "model" in choice.recorded and place is not None:
        return f"session {place.session}"
    if choice.is_chosen and choice.template is not None:
        return f"template {choice.template}"
    return f"file {config.path}:{config.line_of('model')}"
