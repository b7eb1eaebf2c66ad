"""The built-in model as a model of the SDK, so that agents can use it."""

import json
from collections.abc import AsyncIterator
from typing import Any

from agents.agent_output import AgentOutputSchemaBase
from agents.handoffs import Handoff
from agents.items import ModelResponse, TResponseInputItem, TResponseStreamEvent
from agents.model_settings import ModelSettings
from agents.models.interface import Model, ModelTracing
from agents.tool import Tool
from agents.usage import Usage
from openai.types.responses import ResponseUsage
from openai.types.responses.response_prompt_param import ResponsePromptParam
from openai.types.responses.response_usage import InputTokensDetails, OutputTokensDetails

from convo_cli.agent.echo_events import message, streamed
from convo_cli.plain.echo import answer, cut, usage
from convo_cli.plain.example import example


class EchoModel(Model):
    """Answers with the number of the turn and what it was sent, within the limit of tokens."""

    def __init__(self) -> None:
        self.cuts: list[str] = []
        """The texts of answers that were cut off at the limit of tokens."""

    async def get_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: ModelSettings,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None,
        handoffs: list[Handoff],
        tracing: ModelTracing,
        *,
        previous_response_id: str | None,
        conversation_id: str | None,
        prompt: ResponsePromptParam | None,
    ) -> ModelResponse:
        """The whole answer at once."""
        items = _items(input)
        text = self._cut(
            _said(items, system_instructions, tools, handoffs, output_schema), model_settings
        )
        counted = _usage(items, system_instructions, text)
        return ModelResponse(
            output=[message(text)],
            usage=Usage(
                requests=1,
                input_tokens=counted.input_tokens,
                output_tokens=counted.output_tokens,
                total_tokens=counted.total_tokens,
            ),
            response_id=None,
        )

    async def stream_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: ModelSettings,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None,
        handoffs: list[Handoff],
        tracing: ModelTracing,
        *,
        previous_response_id: str | None,
        conversation_id: str | None,
        prompt: ResponsePromptParam | None,
    ) -> AsyncIterator[TResponseStreamEvent]:
        """The answer word by word, in the events of the Responses API."""
        items = _items(input)
        text = self._cut(
            _said(items, system_instructions, tools, handoffs, output_schema), model_settings
        )
        for event in streamed(text, _usage(items, system_instructions, text)):
            yield event

    def _cut(self, text: str, settings: ModelSettings) -> str:
        """The text, cut off at the limit of tokens in the settings."""
        short = cut(text, settings.max_tokens)
        if short is None:
            return text
        self.cuts.append(short)
        return short


def _said(
    items: list[dict[str, Any]],
    instructions: str | None,
    tools: list[Tool],
    handoffs: list[Handoff],
    schema: AgentOutputSchemaBase | None,
) -> str:
    names = [tool.name for tool in tools]
    text = answer(items, instructions, names, [handoff.agent_name for handoff in handoffs])
    if schema is None or schema.is_plain_text():
        return text
    return json.dumps(example(schema.json_schema(), text), ensure_ascii=False)


def _items(sent: str | list[TResponseInputItem]) -> list[dict[str, Any]]:
    if isinstance(sent, str):
        return [{"role": "user", "content": sent}]
    return [dict(item) for item in sent]


def _usage(items: list[dict[str, Any]], instructions: str | None, said: str) -> ResponseUsage:
    counted = usage(items, instructions, said)
    return ResponseUsage(
        **counted,
        input_tokens_details=InputTokensDetails(cached_tokens=0, cache_write_tokens=0),
        output_tokens_details=OutputTokensDetails(reasoning_tokens=0),
    )
