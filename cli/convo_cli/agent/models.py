"""From the model that was chosen to one that the SDK can run.

- `echo` is the model that is built in, whatever else is set.
- With a base URL, the name goes to that server exactly as given, slashes included. Without a name
  the server is asked what it has; the SDK's default model would be unknown there.
- Otherwise the SDK's own names: `gpt-…` and `openai/gpt-…` at OpenAI, `litellm/…`, `any-llm/…`.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from agents import ModelProvider, MultiProvider, OpenAIProvider
from agents.models import get_default_model
from agents.models.interface import Model
from openai import AsyncOpenAI, NotFoundError, Timeout

from convo.errors import ModelError
from convo_cli.agent.echo import EchoModel
from convo_cli.agent.faults import translated
from convo_cli.agent.mending import Mending
from convo_cli.turn.asked import Asked
from convo_cli.turn.choice import (
    ECHO,
    ROUTED_ELSEWHERE,
    ModelChoice,
    check_answerable,
    server_url,
)
from convo_cli.turn.redact import one_line, secrets_of, without_credentials
from convo_cli.wire.places import mounts_of, proxy_of

_OPENAI_URL = "https://api.openai.com/v1"
_NO_KEY = "no-key-needed"
"""Sent where there is no key: OpenAI's library insists on one, local servers ignore it."""

_CONNECT_TIMEOUT = 10.0
_MODELS_NAMED = 5


@dataclass(frozen=True)
class OpenedModel:
    """A model ready to be run.

    `model` None leaves it to the provider; `asked` has the name that is recorded, which asks for
    the same model when it is chosen again.
    """

    model: Model | str | None
    provider: ModelProvider
    asked: Asked
    api: str | None = None
    estimated: bool = False
    client: AsyncOpenAI | None = field(default=None, repr=False)

    @property
    def has_estimated(self) -> bool:
        """Whether tokens are an estimate: those of `echo`, and of servers that report none."""
        return self.estimated or getattr(self.client, "has_estimated", False)

    @property
    def failed(self) -> list[dict[str, Any]]:
        """The tokens of answers that failed, as their server reported them."""
        cuts = getattr(self.client, "cuts", None)
        return [] if cuts is None else cuts.failed

    @property
    def cuts(self) -> list[str]:
        """What those answers said that were cut off at the limit of tokens."""
        if isinstance(self.model, EchoModel):
            return self.model.cuts
        cuts = getattr(self.client, "cuts", None)
        return [] if cuts is None else cuts.texts


@asynccontextmanager
async def opened_model(
    choice: ModelChoice, own: str | Model | None = None, mending: Mending | None = None
) -> AsyncIterator[OpenedModel]:
    """The chosen model; its connections are closed at the end.

    `own` is that of an agent, which answers unless the choice overrules it. `mending` knows what
    servers have refused. Raises ModelError where nobody can be asked: no key, no such server, no
    model named.
    """
    mending = mending or Mending()
    if own is None or choice.overrules_agent:
        check_answerable(choice, os.environ)
        opened = _open(choice, mending)
    elif isinstance(own, str):
        choice = _elsewhere(choice, own)
        check_answerable(choice, os.environ)
        opened = _open(choice, mending)
    else:
        opened = _beside(_elsewhere(choice, None), own, mending)
    try:
        yield await _with_name(opened)
    finally:
        await opened.provider.aclose()
        if opened.client is not None:
            await opened.client.close()


def _elsewhere(choice: ModelChoice, model: str | None) -> ModelChoice:
    """The choice with a model of an agent's own, which the chosen one's server does not have."""
    choice = replace(choice, model=model)
    return replace(choice, base_url=None, api=None) if choice.server_is_of_model else choice


def _open(choice: ModelChoice, mending: Mending) -> OpenedModel:
    if choice.model == ECHO:
        return OpenedModel(EchoModel(), MultiProvider(), _asked(choice, None), estimated=True)
    url = server_url(choice, os.environ)
    if url is not None:
        return _at_server(choice, url, mending)
    if (choice.model or "").startswith(ROUTED_ELSEWHERE):
        return OpenedModel(choice.model, MultiProvider(), _asked(choice, None))
    return _at_openai(choice, mending)


def _at_server(choice: ModelChoice, url: str, mending: Mending) -> OpenedModel:
    api = choice.api or "chat"
    name = choice.model or os.environ.get("OPENAI_DEFAULT_MODEL")
    asked = replace(_asked(choice, url), model=name)
    client = _client(choice, url, asked, mending)
    provider = OpenAIProvider(openai_client=client, use_responses=api == "responses")
    return OpenedModel(name, provider, asked, api, client=client)


def _at_openai(choice: ModelChoice, mending: Mending) -> OpenedModel:
    prefix, slash, _ = (choice.model or "").partition("/")
    if slash and prefix != "openai":
        raise ModelError(
            f"no provider {prefix!r}, which the model {choice.model!r} names",
            hint="the providers are openai/, litellm/ and any-llm/; a server of your own takes "
            "any name, with --base-url",
        )
    api = choice.api or "responses"
    asked = replace(_asked(choice, None), model=choice.model or get_default_model())
    client = _client(choice, _OPENAI_URL, asked, mending)
    provider = MultiProvider(openai_client=client, openai_use_responses=api == "responses")
    return OpenedModel(choice.model, provider, asked, api, client=client)


def _beside(choice: ModelChoice, own: Model, mending: Mending) -> OpenedModel:
    """What the other agents ask where the first one brings a model that is ready to be run."""
    url = server_url(choice, os.environ)
    others = replace(choice, model=None)
    opened = _at_openai(others, mending) if url is None else _at_server(others, url, mending)
    name = getattr(own, "model", None)
    asked = replace(
        opened.asked, model=name if isinstance(name, str) else type(own).__name__, base_url=None
    )
    return replace(opened, model=None, asked=asked, api=None)


def _asked(choice: ModelChoice, url: str | None) -> Asked:
    return Asked(
        model=choice.model,
        base_url=None if url is None else without_credentials(url),
        has_key=bool(_key()),
        proxy=proxy_of(url or _OPENAI_URL),
        timeout=choice.timeout,
        max_turns=choice.max_turns,
        streams=choice.stream,
        has_agent=choice.agent is not None,
        has_context=choice.context is not None,
        secrets=secrets_of(os.environ, url),
    )


def _key() -> str:
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not (key.isascii() and key.isprintable()):
        raise ModelError(
            "OPENAI_API_KEY has characters that no key has", hint="copy the key once more"
        )
    return key


def _client(choice: ModelChoice, url: str, asked: Asked, mending: Mending) -> AsyncOpenAI:
    # The parts of OpenAI's library that ask a server take long to load; `echo` asks none.
    from convo_cli.agent.client import CheckedClient
    from convo_cli.agent.http import AnswerClient
    from convo_cli.agent.redirects import stay_at_server

    connect = min(_CONNECT_TIMEOUT, choice.timeout)
    key = _key() or _NO_KEY
    timeout = Timeout(choice.timeout, connect=connect)
    try:
        host = urlsplit(url).hostname or ""
        http = AnswerClient(
            say=mending.say,
            timeout=timeout,
            event_hooks={"response": [stay_at_server]},
            mounts=mounts_of(host),
        )
        return CheckedClient(
            api_key=key,
            base_url=url,
            timeout=timeout,
            http_client=http,
            refusals=mending.refusals(url),
        )
    except (ValueError, ImportError, OSError) as error:
        # Nothing was asked yet: proxies and certificates come from the environment.
        raise ModelError(
            f"{asked.where} cannot be asked: {one_line(str(error), asked.secrets)}",
            hint="look at the proxy variables (HTTPS_PROXY, ALL_PROXY) and at SSL_CERT_FILE",
        ) from error


async def listed_models(choice: ModelChoice, mending: Mending) -> list[str]:
    """The models of the server that the choice asks, in its order. Raises ModelError."""
    if choice.model == ECHO:
        choice = replace(choice, model=None)
    url = server_url(choice, os.environ)
    check_answerable(replace(choice, model=None), os.environ)
    plain = replace(choice, model=None)
    opened = _at_openai(plain, mending) if url is None else _at_server(plain, url, mending)
    assert opened.client is not None
    try:
        with translated(opened.asked):
            names = await _names(opened.client)
    finally:
        await opened.provider.aclose()
        await opened.client.close()
    if names is None:
        raise _which_model(opened.asked, names)
    return names


async def _with_name(opened: OpenedModel) -> OpenedModel:
    """The same, with the server's only model where none was named."""
    if opened.client is None or opened.asked.model is not None:
        return opened
    with translated(opened.asked):
        names = await _names(opened.client)
    if names is None or len(names) != 1:
        raise _which_model(opened.asked, names)
    return replace(opened, model=names[0], asked=replace(opened.asked, model=names[0]))


async def _names(client: AsyncOpenAI) -> list[str] | None:
    """The models that the server has, None where it does not say."""
    try:
        page = await client.models.list()
    except NotFoundError:
        return None
    models = getattr(page, "data", None)
    return [str(model.id) for model in models if hasattr(model, "id")] if models else []


def _which_model(asked: Asked, names: list[str] | None) -> ModelError:
    if names is None:
        return ModelError(f"{asked.where} does not list its models", hint="name one with -m")
    if not names:
        return ModelError(f"{asked.where} has no model", hint="load one there, or name one with -m")
    some = ", ".join(names[:_MODELS_NAMED]) + (", …" if len(names) > _MODELS_NAMED else "")
    return ModelError(
        f"{asked.where} has {len(names)} models, and none was chosen",
        hint=f"choose with -m: {one_line(some, asked.secrets)}",
    )
