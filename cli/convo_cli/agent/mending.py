"""Adapts what the SDK sends to each server.

Every history passes through `Mending.fitted` before a model is asked, including the models that an
agent brings along. Requests through convo's own client are checked again there.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

from agents import Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, RunConfig
from agents.items import TResponseInputItem
from agents.models.interface import Model
from agents.run import CallModelData, ModelInputData

from convo_cli.plain.findings import Findings
from convo_cli.wire.kinds import Api
from convo_cli.wire.legal import legal
from convo_cli.wire.sendable import sendable

_EXTENSIONS = "agents.extensions.models."
"""The SDK's module of models from other libraries, which all use chat completions."""

TakeInput = Callable[[Sequence[Any]], None]
Filter = Callable[[CallModelData[Any]], ModelInputData]


class Mending:
    """Adapts what the SDK sends; `findings` reports the changes to the user."""

    def __init__(self, findings: Findings | None = None) -> None:
        self.findings = findings or Findings()

    def fitted(self, config: RunConfig, take_input: TakeInput) -> Filter:
        """A filter that adapts every history to the model that it is sent to.

        `take_input` is called with the unchanged history.
        """

        def fitted(data: CallModelData[Any]) -> ModelInputData:
            given = data.model_data
            take_input(given.input)
            model = _model(data.agent, config)
            api = _api(model)
            if api is None:
                return given
            # The SDK silently drops them for OpenAI's API, but sends them with LiteLLM.
            with_images = not isinstance(model, OpenAIChatCompletionsModel)
            fit = sendable(given.input, api, with_images=with_images)
            self.findings.say_changed(fit.changed)
            items = cast(list[TResponseInputItem], fit.items)
            return ModelInputData(input=items, instructions=legal(given.instructions))

        return fitted


def _model(agent: Agent[Any], config: RunConfig) -> Model:
    """The model that the SDK will ask for an agent."""
    model = agent.model if config.model is None else config.model
    return model if isinstance(model, Model) else config.model_provider.get_model(model)


def _api(model: Model) -> Api | None:
    """The API of a model; None for a model that takes the SDK's items unchanged."""
    if isinstance(model, OpenAIResponsesModel):
        return "responses"
    by_library = any(kind.__module__.startswith(_EXTENSIONS) for kind in type(model).__mro__)
    return "chat" if by_library or isinstance(model, OpenAIChatCompletionsModel) else None
