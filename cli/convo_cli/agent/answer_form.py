"""The JSON Schema of the answer, as the output type of an agent."""

from collections.abc import Mapping
from typing import Any

from agents.agent_output import AgentOutputSchemaBase

from convo_cli.wire.answer_form import is_strict


class AnswerForm(AgentOutputSchemaBase):
    """A JSON Schema for the final answer of an agent.

    It validates nothing: the answer is checked after the turn, so that one that does not fit the
    schema is not lost.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = dict(schema)

    def is_plain_text(self) -> bool:
        """Whether the answer may be any text."""
        return False

    def name(self) -> str:
        """The name of the schema."""
        return "schema"

    def json_schema(self) -> dict[str, Any]:
        """The schema as it is sent."""
        return self._schema

    def is_strict_json_schema(self) -> bool:
        """Whether the server is to enforce the schema."""
        return is_strict(self._schema)

    def validate_json(self, json_str: str) -> Any:
        """The answer as the model wrote it."""
        return json_str
