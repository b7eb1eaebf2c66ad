"""The model that is built in: it says what it was asked and sent, and needs no network.

The same conversation always gets the same answer. Tokens are an estimate, a quarter of the bytes.
"""

import json
from collections.abc import AsyncIterator, Sequence
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
from convo_cli.agent.example import example
from convo_cli.wire.tokens import estimated_tokens, text_of_tokens

_LONGEST_QUOTE = 200


class EchoModel(Model):
    """Says which turn it answers and what it was sent, in as many tokens as it is allowed."""

    def __init__(self) -> None:
        self.cuts: list[str] = []
        """What those answers said that were cut off at the limit of tokens."""

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
        usage = _usage(items, system_instructions, text)
        return ModelResponse(
            output=[message(text)],
            usage=Usage(
                requests=1,
                input_tokens=usage.input_tokens,
                output_tokens=usage.output_tokens,
                total_tokens=usage.total_tokens,
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
        """The text, or so much of it as the settings allow."""
        limit = settings.max_tokens
        if limit is None or estimated_tokens(text) <= limit:
            return text
        short = text_of_tokens(text, max(1, limit))
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


def answer(
    items: list[dict[str, Any]],
    instructions: str | None,
    tools: Sequence[str] = (),
    agents: Sequence[str] = (),
) -> str:
    """What the model says: one line, and one each for instructions, tools and other agents."""
    asked = [item for item in items if item.get("role") == "user"]
    words = _text(asked[-1].get("content")) if asked else ""
    said = (
        f"This is turn {len(asked)}. You said {_quoted(words)}, and I was sent {_counted(items)}."
    )
    lines = [said]
    if instructions and instructions.strip():
        lines.append(f"My instructions say {_quoted(instructions)}")
    if tools:
        lines.append(f"I do not use my tools: {', '.join(tools)}")
    if agents:
        lines.append(f"I do not hand over to {', '.join(agents)}")
    return "\n".join(lines)


def _items(sent: str | list[TResponseInputItem]) -> list[dict[str, Any]]:
    if isinstance(sent, str):
        return [{"role": "user", "content": sent}]
    return [dict(item) for item in sent]


def _text(content: object) -> str:
    """The words of a message; its other parts (images, files) by the name of their type."""
    if not isinstance(content, list):
        return str(content)
    parts = [part for part in content if isinstance(part, dict)]
    return " ".join(str(part.get("text") or f"[{part.get('type', 'part')}]") for part in parts)


def _quoted(text: str) -> str:
    """The text on one line, cut where it is long; the halves of surrogate pairs cannot be sent."""
    line = " ".join(text.encode("utf-8", "replace").decode().split())
    if len(line) > _LONGEST_QUOTE:
        line = f"{line[:_LONGEST_QUOTE].rstrip()}..."
    return f'"{line}"'


def _counted(items: list[dict[str, Any]]) -> str:
    messages = sum("role" in item for item in items)
    counted = f"{messages} message{'' if messages == 1 else 's'}"
    others = len(items) - messages
    return f"{counted} and {others} other item{'' if others == 1 else 's'}" if others else counted


def _usage(items: list[dict[str, Any]], instructions: str | None, said: str) -> ResponseUsage:
    sent = [_text(item["content"]) if "role" in item else json.dumps(item) for item in items]
    read = estimated_tokens(instructions or "", *sent)
    written = estimated_tokens(said)
    return ResponseUsage(
        input_tokens=read,
        input_tokens_details=InputTokensDetails(cached_tokens=0, cache_write_tokens=0),
        output_tokens=written,
        output_tokens_details=OutputTokensDetails(reasoning_tokens=0),
        total_tokens=read + written,
    )
