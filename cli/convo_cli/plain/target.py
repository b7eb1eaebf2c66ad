"""Finds the server, the model and the API that a choice and the environment select.

- With a base URL, that server is sent the name exactly as given, slashes included. Without a name
  the server is asked for its models: OpenAI's default model would be unknown there.
- Otherwise the names of the Agents SDK apply: `gpt-…` and `openai/gpt-…` are models of OpenAI.
"""

import os
from dataclasses import dataclass, field, replace

from convo.errors import ModelError
from convo_cli.config.credentials import Credential, credential_for, key_help
from convo_cli.turn.asked import Asked
from convo_cli.turn.choice import ECHO, Api, ModelChoice, server_url
from convo_cli.turn.redact import one_line, secrets_of, without_credentials
from convo_cli.wire.model_defaults import default_model
from convo_cli.wire.places import proxy_of

OPENAI_URL = "https://api.openai.com/v1"
NO_KEY = "no-key-needed"
"""Sent if there is no key: OpenAI's library requires one, and local servers ignore it."""

ACCOUNT = {"OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"}
"""The headers that name who pays, and the variables that they come from."""

_CONNECT_TIMEOUT = 10.0
_MODELS_NAMED = 5


@dataclass(frozen=True)
class Target:
    """A server, and the model to ask there.

    `name` is the model's name, or None if the server has to be asked for its models. `asked` has
    the name to be recorded, which selects the same model when it is chosen again.
    """

    url: str
    api: Api
    name: str | None
    asked: Asked
    is_openai: bool
    key: str = field(default=NO_KEY, repr=False)

    @property
    def connect_timeout(self) -> float:
        """The longest that connecting may take, in seconds."""
        return min(_CONNECT_TIMEOUT, self.asked.timeout)

    def named(self, name: str) -> "Target":
        """The same server with the model of that name."""
        return replace(self, name=name, asked=replace(self.asked, model=name))


def target_of(choice: ModelChoice) -> Target:
    """The server and the model of a choice.

    Raises ModelError for an unknown provider, and for variables that cannot be sent.
    """
    for variable in ACCOUNT.values():
        if not _is_sendable(os.environ.get(variable, "")):
            raise ModelError(
                f"{variable} has characters that cannot be sent", hint="copy it once more"
            )
    url = server_url(choice, os.environ)
    if url is not None:
        name = choice.model or os.environ.get("OPENAI_DEFAULT_MODEL")
        given = _credential(url)
        asked = replace(asked_of(choice, url, given), model=name)
        key = NO_KEY if given is None else given.key
        return Target(url, choice.api or "chat", name, asked, is_openai=False, key=key)
    prefix, slash, own = (choice.model or "").partition("/")
    if slash and prefix != "openai":
        raise ModelError(
            f"no provider {prefix!r}, which the model {choice.model!r} names",
            hint="the providers are openai/, litellm/ and any-llm/; a server of your own takes "
            "any name, with --base-url",
        )
    recorded = choice.model or default_model(os.environ)
    given = _credential(None)
    asked = replace(asked_of(choice, None, given), model=recorded)
    name = own if slash else recorded
    key = NO_KEY if given is None else given.key
    return Target(OPENAI_URL, choice.api or "responses", name, asked, is_openai=True, key=key)


def asked_of(choice: ModelChoice, url: str | None, given: Credential | None = None) -> Asked:
    """The description of a request in errors; `url` None is OpenAI, `given` is its key."""
    return Asked(
        model=choice.model,
        base_url=None if url is None else without_credentials(url),
        has_key=given is not None,
        key_help="" if choice.model == ECHO else key_help(given, url, os.environ),
        proxy=proxy_of(url or OPENAI_URL),
        timeout=choice.timeout,
        max_turns=choice.max_turns,
        streams=choice.stream,
        has_agent=choice.agent is not None,
        has_context=choice.context is not None,
        secrets=(*secrets_of(os.environ, url), *(() if given is None else (given.key,))),
    )


def _is_sendable(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _credential(url: str | None) -> Credential | None:
    """The key of a server; None if it has none. Raises ModelError for an invalid key."""
    given = credential_for(url, os.environ)
    if given is not None and not _is_sendable(given.key):
        raise ModelError(
            f"{given.source} has characters that no key has", hint="copy the key once more"
        )
    return given


def which_model(asked: Asked, names: list[str] | None) -> ModelError:
    """The error if a server does not have exactly one model; `names` None: it lists none."""
    if names is None:
        return ModelError(f"{asked.where} does not list its models", hint="name one with -m")
    if not names:
        return ModelError(f"{asked.where} has no model", hint="load one there, or name one with -m")
    some = ", ".join(names[:_MODELS_NAMED]) + (", …" if len(names) > _MODELS_NAMED else "")
    return ModelError(
        f"{asked.where} has {len(names)} models, and none was chosen",
        hint=f"choose with -m or, in a chat, /model: {one_line(some, asked.secrets)}",
    )


def cannot_be_asked(asked: Asked, error: Exception) -> ModelError:
    """The error for an unusable proxy or certificate, which come from the environment."""
    return ModelError(
        f"{asked.where} cannot be asked: {one_line(str(error), asked.secrets)}",
        hint="look at the proxy variables (HTTPS_PROXY, ALL_PROXY) and at SSL_CERT_FILE",
    )
