"""Completes a choice of model from the environment, the configuration and the session.

Options override the environment, the environment overrides `config.toml`, and that overrides what
the session was last asked with. A name that comes from a database is never looked up in the
configuration: only a name that the user types, exports or configures can be an alias or a server.
"""

from collections.abc import Mapping
from dataclasses import replace

from convo.records import SessionModel
from convo_cli.ask.conversation import with_recorded
from convo_cli.ask.instructions import instructions_of
from convo_cli.ask.templates import with_recorded_template
from convo_cli.config.addresses import same_server
from convo_cli.config.file import Config
from convo_cli.config.servers import OPENAI, OPENAI_URL, named_model, openai, server_at
from convo_cli.config.setting_kinds import merged
from convo_cli.config.templates import templates
from convo_cli.turn.choice import ECHO, ModelChoice


def with_name(
    choice: ModelChoice, config: Config, recorded: SessionModel | None = None
) -> ModelChoice:
    """Resolve the typed name of the model: an alias, or SERVER/NAME.

    `openai/` names the server only in a session that last used a named server: elsewhere, as at
    OpenRouter, it is the beginning of the names of models.
    """
    if choice.model is None or "model" in choice.recorded:
        return choice
    found = named_model(config, choice.model)
    prefix, _, rest = choice.model.partition("/")
    at_named = recorded is not None and server_at(config, recorded.base_url) is not None
    if found.server is None and prefix == OPENAI and rest and at_named:
        found = found._replace(name=rest, server=openai())
    if found.server is None:
        return replace(choice, model=found.name)
    if choice.base_url is not None and not same_server(choice.base_url, found.server.url):
        # A server that was typed is sent the name unchanged.
        return replace(choice, model=config.named("aliases").get(choice.model, choice.model))
    return replace(
        choice,
        model=found.name,
        base_url=choice.base_url or found.server.url,
        api=choice.api or found.server.api,
        server_is_of_model=choice.base_url is None,
        recorded=choice.recorded - {"base_url"},
    )


def with_environ(choice: ModelChoice, environ: Mapping[str, str], config: Config) -> ModelChoice:
    """The choice, completed by the environment. An empty variable counts as unset."""
    named = environ.get("CONVO_MODEL")
    if choice.model is None and named:
        choice = with_name(replace(choice, model=named), config)
    url = environ.get("OPENAI_BASE_URL") or None
    if choice.base_url is None or (url and same_server(url, choice.base_url)):
        # A pending turn records its server, but not the key for it.
        choice = replace(choice, base_url=url, recorded=choice.recorded - {"base_url"})
    return choice


def settled(choice: ModelChoice, config: Config, recorded: SessionModel) -> ModelChoice:
    """The choice, completed by the configuration and then by the session.

    Configured instructions and settings are for models only: an agent has its own. Raises
    ChoiceError if the recorded agent no longer exists.
    """
    choice = with_recorded_template(choice, config, recorded)
    choice = with_recorded(_with_model(choice, config, recorded), recorded)
    if choice.agent is not None:
        return choice
    instructions = config.value("instructions")
    if choice.instructions is None and instructions is not None:
        choice = replace(choice, instructions=instructions_of(instructions))
    return replace(choice, settings=merged(config.named("options"), choice.settings))


def _with_model(choice: ModelChoice, config: Config, recorded: SessionModel) -> ModelChoice:
    """The choice with the model of its template or else the configured one, if none was named.

    A model belongs to its server: a named server's model is not asked for at another server. A
    model without a server is OpenAI's, unless the session was last asked for exactly that model.
    """
    template = templates(config).get(choice.template or "")
    of_template = None if template is None else template.model
    configured = of_template or config.value("model")
    if choice.model is not None or configured is None:
        return choice
    if of_template is not None:
        choice = replace(choice, is_chosen=True)
    named = with_name(replace(choice, model=configured), config)
    if choice.base_url is not None:
        is_there = same_server(named.base_url, choice.base_url)
        found = named_model(config, configured)
        return named if is_there and (found.server is None or named.model == found.name) else choice
    if named.base_url is not None or named.model in {ECHO, recorded.model}:
        return named
    if recorded.base_url is None:
        return named
    return replace(named, base_url=OPENAI_URL, server_is_of_model=True)
