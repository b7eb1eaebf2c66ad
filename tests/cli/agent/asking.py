"""One turn in a line, against the test server."""

from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from convo.errors import ModelError
from convo_cli.agent.host import run_turn
from convo_cli.turn.choice import Event, ModelChoice, TextDelta, TurnOutcome
from convo_cli.turn.reference import AgentReference

KEY = "sk-proj-0123456789abcdefghij"

both_apis = pytest.mark.parametrize("api", ["chat", "responses"])
both_ways = pytest.mark.parametrize("stream", [True, False], ids=["streamed", "at-once"])


@dataclass
class Asker:
    """Asks a server, one turn after the other, and keeps what was shown."""

    base_url: str
    events: list[Event] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)

    async def ask(self, prompt: str = "Hello?", **choice: Any) -> TurnOutcome:
        asked = {"model": "test-model", "base_url": self.base_url, "timeout": 5.0} | choice
        outcome = await run_turn(ModelChoice(**asked), self.history, prompt, self.events.append)
        self.history += outcome.items
        return outcome

    async def fail(self, **choice: Any) -> ModelError:
        with pytest.raises(ModelError) as caught:
            await self.ask(**choice)
        return caught.value

    @property
    def streamed(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))


def agent_in(folder: Path, source: str, name: str = "desk.py") -> AgentReference:
    """An agent in a file of its own."""
    file = folder / name
    file.write_text(dedent(source))
    return AgentReference(file)
