"""The model and the server of a request, as error messages name them."""

from dataclasses import dataclass, field

from convo_cli.turn.choice import ROUTED_ELSEWHERE

Fault = tuple[str, str | None]
"""A message, and a hint about what to do."""


@dataclass(frozen=True)
class Asked:
    """The names to use in error messages, and the secrets that must never appear there."""

    model: str | None = None
    base_url: str | None = None
    has_key: bool = False
    key_help: str = "set OPENAI_API_KEY"
    timeout: float = 600.0
    max_turns: int = 10
    streams: bool = False
    has_agent: bool = False
    has_context: bool = False
    proxy: tuple[str, str] | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def where(self) -> str:
        """The name of the server in a message."""
        if self.base_url is not None:
            return self.base_url
        routed = (self.model or "").startswith(ROUTED_ELSEWHERE)
        return f"the provider of {self.model}" if routed else "OpenAI"
