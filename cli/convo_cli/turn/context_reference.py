"""Parses --context, the context of an agent: an object in a file, or JSON."""

import json
from dataclasses import dataclass
from typing import Any

from convo_cli.turn.errors import ChoiceError
from convo_cli.turn.reference import AgentReference, agent_reference

HOW_CONTEXT = "a context is named FILE.py:NAME or module:NAME, or is JSON"
_SHOWN = 200
"""The longest part of an invalid context in an error: one in a database may be of any length."""


@dataclass(frozen=True, slots=True)
class JsonContext:
    """A context given as JSON, unparsed."""

    text: str

    @property
    def value(self) -> Any:
        """The parsed JSON."""
        return json.loads(self.text)

    @property
    def recorded_as(self) -> str:
        """The form that a session records."""
        return self.text


ContextReference = AgentReference | JsonContext


def context_reference(text: str, *, is_recorded: bool = False) -> ContextReference:
    """Parse --context, or the form that a session recorded.

    Nothing is imported. Raises ChoiceError.
    """
    try:
        json.loads(text)
    except RecursionError:
        raise ChoiceError("the context is nested too deeply", hint=HOW_CONTEXT) from None
    except ValueError:
        if text.strip().startswith(("{", "[", '"')):
            raise ChoiceError(
                f"the context {text[:_SHOWN]!r} is not JSON", hint=HOW_CONTEXT
            ) from None
    else:
        return JsonContext(text)
    reference = agent_reference(text, is_recorded=is_recorded)
    if reference.name is None:
        raise ChoiceError(f"the context {text[:_SHOWN]!r} has no name", hint=HOW_CONTEXT)
    return reference
