"""Makes a model that the SDK can run from the chosen one.

`echo` is always the built-in model; the SDK itself resolves `litellm/…` and `any-llm/…`. For all
other names see `plain.target`.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from agents import ModelProvider, MultiProvider, OpenAIProvider
from agents.models.interface import Model
from openai import AsyncOpenAI, NotFoundError, Timeout

from convo_cli.agent.echo import EchoModel
from convo_cli.agent.faults import translated
from convo_cli.plain.findings import Findings
from convo_cli.plain.http import answer_client
from convo_cli.plain.target import (
    Target,
    asked_of,
    cannot_be_asked,
    target_of,
    which_model,
)
from convo_cli.turn.asked import Asked
from convo_cli.turn.choice import (
    ECHO,
    ROUTED_ELSEWHERE,
    ModelChoice,
    check_answerable,
    server_url,
)


@dataclass(frozen=True)
class OpenedModel:
    """A model ready to be run.

    With `model` None the provider decides. `asked` has the name to be recorded, which selects the
    same model when it is chosen again.
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
        """The tokens of failed answers, as the server reported them."""
        cuts = getattr(self.client, "cuts", None)
        return [] if cuts is None else cuts.failed

    @property
    def cuts(self) -> list[str]:
        """The texts of answers that were cut off at the limit of tokens."""
        if isinstance(self.model, EchoModel):
            return self.model.cuts
        cuts = getattr(self.client, "cuts", None)
        return [] if cuts is None else cuts.texts


@asynccontextmanager
async def opened_model(
    choice: ModelChoice, own: str | Model | None = None, findings: Findings | None = None
) -> AsyncIterator[OpenedModel]:
    """The chosen model; its connections are closed at the end of the block.

    `own` is an agent's own model, which answers unless the choice overrides it. `findings` knows
    what servers have refused. Raises ModelError if no model can be asked: without a key, a server
    or the name of a model.
    """
    findings = findings or Findings()
    if own is None or choice.overrules_agent:
        check_answerable(choice, os.environ)
        opened = _open(choice, findings)
    elif isinstance(own, str):
        choice = _elsewhere(choice, own)
        check_answerable(choice, os.environ)
        opened = _open(choice, findings)
    else:
        opened = _beside(_elsewhere(choice, None), own, findings)
    try:
        yield await _with_name(opened)
    finally:
        await opened.provider.aclose()
        if opened.client is not None:
            await opened.client.close()


def _elsewhere(choice: ModelChoice, model: str | None) -> ModelChoice:
    """The choice with an agent's own model, which belongs to another server."""
    choice = replace(choice, model=model)
    return replace(choice, base_url=None, api=None) if choice.server_is_of_model else choice


def _open(choice: ModelChoice, findings: Findings) -> OpenedModel:
    if choice.model == ECHO:
        return OpenedModel(EchoModel(), MultiProvider(), asked_of(choice, None), estimated=True)
    is_routed = (choice.model or "").startswith(ROUTED_ELSEWHERE)
    if is_routed and server_url(choice, os.environ) is None:
        return OpenedModel(choice.model, MultiProvider(), asked_of(choice, None))
    return _at(target_of(choice), choice, findings)


def _at(target: Target, choice: ModelChoice, findings: Findings) -> OpenedModel:
    client = _client(target, findings)
    with_responses = target.api == "responses"
    provider: ModelProvider
    if target.is_openai:
        provider = MultiProvider(openai_client=client, openai_use_responses=with_responses)
        name = choice.model
    else:
        provider = OpenAIProvider(openai_client=client, use_responses=with_responses)
        name = target.name
    return OpenedModel(name, provider, target.asked, target.api, client=client)


def _beside(choice: ModelChoice, own: Model, findings: Findings) -> OpenedModel:
    """The model of the other agents if the first one brings a ready model object."""
    others = replace(choice, model=None)
    opened = _at(target_of(others), others, findings)
    name = getattr(own, "model", None)
    asked = replace(
        opened.asked, model=name if isinstance(name, str) else type(own).__name__, base_url=None
    )
    return replace(opened, model=None, asked=asked, api=None)


def _client(target: Target, findings: Findings) -> AsyncOpenAI:
    # Imported here because OpenAI's client is slow to load, and `echo` does not need it.
    from convo_cli.agent.client import CheckedClient

    timeout = Timeout(target.asked.timeout, connect=target.connect_timeout)
    try:
        return CheckedClient(
            api_key=target.key,
            base_url=target.url,
            timeout=timeout,
            http_client=answer_client(target, findings.say),
            refusals=findings.refusals(target.url),
        )
    except (ValueError, ImportError, OSError) as error:
        raise cannot_be_asked(target.asked, error) from error


async def listed_models(choice: ModelChoice, findings: Findings) -> list[str]:
    """The models of the server that the choice asks, in its order. Raises ModelError."""
    plain = replace(choice, model=None)
    check_answerable(plain, os.environ)
    opened = _at(target_of(plain), plain, findings)
    assert opened.client is not None
    try:
        with translated(opened.asked):
            names = await _names(opened.client)
    finally:
        await opened.provider.aclose()
        await opened.client.close()
    if names is None:
        raise which_model(opened.asked, names)
    return names


async def _with_name(opened: OpenedModel) -> OpenedModel:
    """The same, with the server's only model if none was named."""
    if opened.client is None or opened.asked.model is not None:
        return opened
    with translated(opened.asked):
        names = await _names(opened.client)
    if names is None or len(names) != 1:
        raise which_model(opened.asked, names)
    return replace(opened, model=names[0], asked=replace(opened.asked, model=names[0]))


async def _names(client: AsyncOpenAI) -> list[str] | None:
    """The models of the server; None if it does not list them."""
    try:
        page = await client.models.list()
    except NotFoundError:
        return None
    models = getattr(page, "data", None)
    return [str(model.id) for model in models if hasattr(model, "id")] if models else []
