"""Lists the models of servers, with their context windows and prices."""

from collections.abc import Iterator
from dataclasses import replace

from convo.errors import ConvoError, ModelError, joined
from convo.records import SessionModel
from convo_cli.actions.servers import the_server
from convo_cli.ask.configured import settled, with_environ
from convo_cli.ask.server_models import models_of
from convo_cli.config.addresses import same_server
from convo_cli.config.credentials import credential_for
from convo_cli.config.servers import OPENAI, OPENAI_URL, Server, openai, server_at, servers
from convo_cli.invocation import Invocation
from convo_cli.output.report import show
from convo_cli.render.models import OfferedModel, models
from convo_cli.turn.choice import ECHO, ModelChoice
from convo_cli.wire.model_defaults import default_model


def show_models(invocation: Invocation, name: str | None) -> None:
    """Write the models of one server, or of all.

    Raises ModelError if none can be asked, and `NotFoundError` for an unknown name.
    """
    if name is not None:
        found = list(_offered(invocation, the_server(invocation, name)))
    else:
        found = _of_all(invocation)
    show(invocation, models(found))


def _of_all(invocation: Invocation) -> list[OfferedModel]:
    found: list[OfferedModel] = []
    asked = _askable(invocation)
    failed = 0
    for server in asked:
        try:
            found += _offered(invocation, server)
        except ConvoError as error:
            failed += 1
            said = joined(str(error), error.hint)
            invocation.terminal.notice(f"{server.name or server.url}: {said}")
    if failed == len(asked):
        why = "no server could be asked" if asked else "there is no server to ask"
        raise ModelError(
            why, hint="`convo server add` names one, and `convo key set` gives OpenAI a key"
        )
    return found


def _askable(invocation: Invocation) -> list[Server]:
    """The named servers, OpenAI if it has a key, and the server of the environment."""
    config, environ = invocation.config, invocation.environ
    found = list(servers(config).values())
    if credential_for(None, environ) is not None:
        found.insert(0, openai())
    url = environ.get("OPENAI_BASE_URL")
    if url and not same_server(url, OPENAI_URL) and server_at(config, url) is None:
        found.append(Server("", url, None, ""))
    return found


def _offered(invocation: Invocation, server: Server) -> Iterator[OfferedModel]:
    default, offered = _default(invocation), list(models_of(server))
    # All at once, so that what is found is kept once.
    invocation.prices.priced((model, server.url) for model in offered)
    for model in offered:
        is_default = model == default.model and (
            same_server(default.base_url, server.url)
            if default.base_url is not None
            else server.name == OPENAI
        )
        named = model if server.name in {"", OPENAI} else f"{server.name}/{model}"
        known = invocation.prices.known(model, server.url)
        yield OfferedModel(server.name, named, is_default, known)


def _default(invocation: Invocation) -> ModelChoice:
    """The choice of a new session without -m, from options, environment and config.toml."""
    config = invocation.config
    choice = settled(
        with_environ(ModelChoice(), invocation.environ, config), config, SessionModel()
    )
    if choice.model == ECHO:
        return ModelChoice()
    if choice.model is None and choice.base_url is None:
        return replace(choice, model=default_model(invocation.environ))
    return choice
