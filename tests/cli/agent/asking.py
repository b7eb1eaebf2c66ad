"""One turn in a line, against the test server, as the program asks it or in a way that is named."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any, Literal

import pytest

from convo.errors import ModelError
from convo_cli.agent.host import AgentHost
from convo_cli.plain.host import PlainHost
from convo_cli.plain.needs import needs_sdk
from convo_cli.turn.choice import ModelChoice, TurnOutcome
from convo_cli.turn.events import Event, TextDelta
from convo_cli.turn.reference import AgentReference

KEY = "sk-proj-0123456789abcdefghij"

both_apis = pytest.mark.parametrize("api", ["chat", "responses"])
both_ways = pytest.mark.parametrize("stream", [True, False], ids=["streamed", "at-once"])


Way = Literal["plain", "sdk"]


@dataclass
class Asker:
    """Asks a server, one turn after the other, and keeps what was shown.

    Without a `way`, plain questions go without the SDK, and everything else by it.
    """

    base_url: str
    way: Way | None = None
    events: list[Event] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)

    async def ask(self, prompt: str = "Hello?", **choice: Any) -> TurnOutcome:
        asked = {"model": "test-model", "base_url": self.base_url, "timeout": 5.0} | choice
        chosen = ModelChoice(**asked)
        async with self._host(chosen) as host:
            outcome = await host.run_turn(chosen, self.history, prompt, self.events.append)
        self.history += outcome.items
        return outcome

    def _host(self, choice: ModelChoice) -> AgentHost | PlainHost:
        by_sdk = self.way == "sdk" or needs_sdk(choice, self.history, os.environ)
        return AgentHost() if by_sdk and self.way != "plain" else PlainHost()

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
