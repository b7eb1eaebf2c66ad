"""The form of the answer that was asked for, as the SDK takes it."""

from collections.abc import Mapping
from typing import Any

from agents.agent_output import AgentOutputSchemaBase

from convo_cli.wire.answer_form import is_strict


class AnswerForm(AgentOutputSchemaBase):
    """A JSON Schema for the final answer of an agent.

    Whether the answer fits is found out when the turn has ended: one that does not is kept.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = dict(schema)

    def is_plain_text(self) -> bool:
        """Whether text of any form will do."""
        return False

    def name(self) -> str:
        """What the form is called."""
        return "schema"

    def json_schema(self) -> dict[str, Any]:
        """The schema as it is sent."""
        return self._schema

    def is_strict_json_schema(self) -> bool:
        """Whether the server is to hold the model to it."""
        return is_strict(self._schema)

    def validate_json(self, json_str: str) -> Any:
        """The answer as the model wrote it."""
        return json_str
