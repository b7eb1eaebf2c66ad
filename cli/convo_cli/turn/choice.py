"""Which model to ask, and what a running turn tells: plain records that import nothing heavy."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from convo.errors import ModelError
from convo.pending.pending import Progress
from convo.records import RunRecord
from convo_cli.turn.context_reference import ContextReference
from convo_cli.turn.reference import AgentReference

if TYPE_CHECKING:
    from convo_cli.config.mcp import McpServer

ECHO = "echo"
"""The name of the model that is built in and needs neither a key nor a network."""

ROUTED_ELSEWHERE = ("litellm/", "any-llm/")
"""Names that the SDK hands to other libraries, which look for keys of their own."""

Api = Literal["responses", "chat"]

Recorded = Literal["agent", "base_url", "context", "mcp", "model"]
"""The fields of a choice that may come from a database."""

Content = str | list[dict[str, Any]]
"""What a user says: text, or a list of content parts, of which some may be images and files."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model answers, and how it is asked.

    `model` None is the SDK's default, or on another server the only model that it has. `api` None
    is the Responses API at OpenAI, and chat completions at a `base_url`. `timeout` is how many
    seconds the server may say nothing, not how long an answer may take.

    With an `agent`, its own model answers where it has one, unless the model `is_chosen`; its own
    instructions are followed unless others are given. Without one, a session's own agent goes on,
    unless `goes_on_with_agent` is false. `context` is the object that its tools are given along.
    `active` is the name of the agent that goes on, where that is not the one that was named.
    `settings` are model settings by name. `schema` is a JSON Schema that the answer is to fit.
    `mcp` names the MCP servers whose tools can be called, and is None where those of the session
    go on; `mcp_servers` has them, as far as they are known yet.

    `template` is the name of the one that it was made from, `template_values` what its instructions
    were given, and `opening` what it asks before what was typed. The agent of a template was named
    in no folder that it could import from. Without one a session's own template goes on, unless
    `goes_on_with_template` is false.

    `server_is_of_model` says that the `base_url` came with the name of the model: a model that an
    agent brings is not asked for there.

    `recorded` has the fields that nobody named but the database, which may be somebody else's: a
    turn is run once the user has named them too.
    """

    model: str | None = None
    base_url: str | None = None
    api: Api | None = None
    instructions: str | None = None
    max_turns: int = 10
    timeout: float = 600.0
    trace: bool = False
    stream: bool = True
    agent: AgentReference | None = None
    context: ContextReference | None = None
    active: str | None = None
    goes_on_with_agent: bool = True
    is_chosen: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    schema: Mapping[str, Any] | None = None
    server_is_of_model: bool = False
    template: str | None = None
    template_values: Mapping[str, str] = field(default_factory=dict)
    opening: str = ""
    goes_on_with_template: bool = True
    agent_is_of_template: bool = False
    mcp: tuple[str, ...] | None = None
    mcp_servers: Mapping[str, "McpServer"] = field(default_factory=dict)
    recorded: frozenset[Recorded] = frozenset()

    @property
    def overrules_agent(self) -> bool:
        """Whether the model answers in the place of the agent's own; echo always does."""
        return self.model is not None and (self.is_chosen or self.model == ECHO)

    @property
    def runs_code(self) -> bool:
        """Whether code of others runs in the turn, which may print, ask, or take its time."""
        return self.agent is not None or bool(self.mcp)

    def asking(self, model: str) -> "ModelChoice":
        """The same with another model, which the user has named."""
        recorded = self.recorded - {"model"}
        return replace(self, model=model, is_chosen=True, recorded=recorded)


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """The next piece of what the model says about its thinking."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """The model called a tool; the arguments are JSON as the model wrote it."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolReturned:
    """A tool gave its answer, here as text."""

    name: str
    output: str


@dataclass(frozen=True, slots=True)
class ToolFailed:
    """A tool raised an error, told as Python tells it. What the model is told is up to the SDK."""

    name: str
    error: str


@dataclass(frozen=True, slots=True)
class HandedOff:
    """Another agent goes on with the turn."""

    name: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something about the turn that the person should know, and that is no part of the answer."""

    text: str


Event = TextDelta | ReasoningDelta | ToolCalled | ToolReturned | ToolFailed | HandedOff | Noticed

OnEvent = Callable[[Event], None]

OnProgress = Callable[[Progress], Awaitable[None]]
"""Keeps how far a turn has come; the turn goes on afterwards."""


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """A call of a tool that a person has to approve; the arguments are JSON."""

    tool: str
    arguments: str
    agent: str


Approval = Literal["yes", "no", "always"]
Approve = Callable[[ApprovalRequest], Awaitable[Approval]]
"""Asks a person; "always" goes for that tool until the chat ends."""


Choose = Callable[[str, Sequence[str]], Awaitable[str | None]]
"""Has a person choose one of the agents of a place, by name; None where nobody chooses."""


@dataclass(frozen=True, slots=True)
class TurnOutcome:
    """A finished turn: all its items, the user's first, the final answer, and what it cost.

    `is_cut` says that the answer was cut off at the limit of tokens.
    """

    items: list[dict[str, Any]]
    text: str
    run: RunRecord
    is_cut: bool = False


def server_url(choice: ModelChoice, environ: Mapping[str, str]) -> str | None:
    """The server to ask, None for OpenAI itself, whose own address counts as none given."""
    url = (choice.base_url or environ.get("OPENAI_BASE_URL") or "").strip()
    if not url:
        return None
    host = _host(url)
    if host is None:
        raise ModelError(
            f"the base URL {url.rpartition('@')[2]!r} is no web address",
            hint="it looks like http://localhost:11434/v1",
        )
    return None if host == "api.openai.com" else url


def _host(url: str) -> str | None:
    """The host that a web address names, None for anything that is no web address."""
    try:
        parts = urlsplit(url)
        port_is_sane = parts.port != 0
    except ValueError:
        return None
    return parts.hostname if parts.scheme in ("http", "https") and port_is_sane else None


def named_by_database(choice: ModelChoice) -> set[Recorded]:
    """The recorded fields that say which code is run on what, or where the question and keys go.

    A model's name says so only where another library reads a server or a provider out of it.
    """
    found: set[Recorded] = set()
    if choice.agent is not None:
        found.add("agent")
        if choice.context is not None:
            found.add("context")
    if choice.mcp:
        found.add("mcp")
    if choice.model != ECHO and choice.base_url is not None:
        found.add("base_url")
    if choice.base_url is None and (choice.model or "").startswith(ROUTED_ELSEWHERE):
        found.add("model")
    return found & choice.recorded


def check_named(choice: ModelChoice) -> None:
    """The last gate before an agent is run or a server is asked: nothing passes by mistake."""
    if unnamed := named_by_database(choice):
        raise AssertionError(f"nobody has named the {', '.join(sorted(unnamed))} of this choice")


def check_choice(choice: ModelChoice, environ: Mapping[str, str]) -> None:
    """Raise ModelError where it is clear without asking that nobody can answer.

    Which model an agent asks, only its own code knows: that is not looked at here.
    """
    if choice.agent is None or choice.overrules_agent:
        check_answerable(choice, environ)


def check_answerable(choice: ModelChoice, environ: Mapping[str, str]) -> None:
    """The same, of the model that is named, whichever agent it is for."""
    if choice.model == ECHO or (choice.model or "").startswith(ROUTED_ELSEWHERE):
        return
    # Imported here: what lists turns has no use for keys.
    from convo_cli.config.credentials import credential_for

    if server_url(choice, environ) is None and credential_for(None, environ) is None:
        raise ModelError(
            "no model to ask: there is neither an API key nor a server",
            hint="set OPENAI_API_KEY or use `convo key set`, or name a server with "
            "`convo server add` or --base-url (OPENAI_BASE_URL), or try --model echo, which is "
            "built in and works offline",
        )
