"""The choice of a model, what a turn asks of its caller, and its outcome; loads nothing slow."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from convo.errors import ModelError
from convo.pending.pending import Progress
from convo.usage_records import RunRecord
from convo_cli.turn.context_reference import ContextReference
from convo_cli.turn.reference import AgentReference

if TYPE_CHECKING:
    from convo_cli.config.mcp import McpServer
    from convo_cli.turn.tool_policy import ToolPolicy

ECHO = "echo"
"""The name of the built-in model, which needs neither a key nor a network."""

ROUTED_ELSEWHERE = ("litellm/", "any-llm/")
"""Prefixes of models that the SDK passes to other libraries, which find keys of their own."""

Api = Literal["responses", "chat"]

Recorded = Literal["agent", "base_url", "context", "mcp", "model"]
"""The fields of a choice that may come from a database."""

Content = str | list[dict[str, Any]]
"""The content of a user's message: text, or a list of parts, which may be images and files."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model answers, and how it is asked.

    `model` None is the SDK's default, or on another server its only model. `api` None is the
    Responses API at OpenAI, and chat completions at a `base_url`. `timeout` is the longest that the
    server may be silent, in seconds, not the longest that an answer may take.

    With an `agent`, its own model answers if it has one, unless the model `is_chosen`; its own
    instructions apply unless others are given. Without an agent, the session's agent goes on,
    unless `goes_on_with_agent` is false. `context` is the object that its tools get. `active` is
    the name of the agent that goes on, if that is not the named one. `settings` are model settings
    by name. The answer has to fit `schema`, a JSON Schema. `mcp` names the MCP servers whose tools
    can be called; None means those of the session. `mcp_servers` has those that are known so far.

    `template` is the name of the template, `template_values` are its values, and `opening` is its
    prompt, which goes before the typed one. The agent of a template may not import from the current
    folder. Without a template, the session's template goes on, unless `goes_on_with_template` is
    false.

    `server_is_of_model` means that the `base_url` came with the name of the model: an agent's own
    model is not asked for there.

    `recorded` has the fields that only the database names, which may come from somebody else: a
    turn is not run before the user has named them too.

    `tools` says what becomes of tool calls; None means that they are run.
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
    tools: "ToolPolicy | None" = None

    @property
    def overrules_agent(self) -> bool:
        """Whether the model replaces the agent's own; echo always does."""
        return self.model is not None and (self.is_chosen or self.model == ECHO)

    @property
    def runs_code(self) -> bool:
        """Whether other code runs in the turn, which may print, read lines, or block."""
        return self.agent is not None or bool(self.mcp)

    def asking(self, model: str) -> "ModelChoice":
        """The same choice with another model, which the user has named."""
        recorded = self.recorded - {"model"}
        return replace(self, model=model, is_chosen=True, recorded=recorded)


OnProgress = Callable[[Progress], Awaitable[None]]
"""Records the progress of a turn, which continues afterwards."""


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """A tool call that needs approval; the arguments are JSON."""

    tool: str
    arguments: str
    agent: str


Approval = Literal["yes", "no", "always"]
Approve = Callable[[ApprovalRequest], Awaitable[Approval]]
"""Asks the user; "always" applies to that tool until the chat ends."""


Choose = Callable[[str, Sequence[str]], Awaitable[str | None]]
"""Asks the user to choose an agent of a file, by name; None if nobody chooses."""


@dataclass(frozen=True, slots=True)
class TurnOutcome:
    """A finished turn: all its items, the user's first, the final answer, and its usage.

    `is_cut` means that the answer was cut off at the limit of tokens.
    """

    items: list[dict[str, Any]]
    text: str
    run: RunRecord
    is_cut: bool = False


def server_url(choice: ModelChoice, environ: Mapping[str, str]) -> str | None:
    """The URL of the server; None for OpenAI itself, even if its URL was given."""
    url = (choice.base_url or environ.get("OPENAI_BASE_URL") or "").strip()
    if not url:
        return None
    host = _host(url)
    if host is None:
        raise ModelError(
            f"the base URL {url.rpartition('@')[2].partition('?')[0]!r} is not a web address",
            hint="it looks like http://localhost:11434/v1",
        )
    return None if host == "api.openai.com" else url


def _host(url: str) -> str | None:
    """The host of a web address; None for any other text."""
    try:
        parts = urlsplit(url)
        port_is_sane = parts.port != 0
    except ValueError:
        return None
    return parts.hostname if parts.scheme in ("http", "https") and port_is_sane else None


def named_by_database(choice: ModelChoice) -> set[Recorded]:
    """The recorded fields that decide which code runs, or where the question and keys are sent.

    A model's name decides that only if another library derives a server from it.
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
    """Assert, before an agent is run or a server is asked, that no recorded field is unnamed."""
    if unnamed := named_by_database(choice):
        raise AssertionError(f"nobody has named the {', '.join(sorted(unnamed))} of this choice")


def check_choice(choice: ModelChoice, environ: Mapping[str, str]) -> None:
    """Raise ModelError if it is certain without a request that no model can answer.

    The model of an agent is not checked, because only the agent's code knows it.
    """
    if choice.agent is None or choice.overrules_agent:
        check_answerable(choice, environ)


def check_answerable(choice: ModelChoice, environ: Mapping[str, str]) -> None:
    """The same for the named model, even if it is for an agent."""
    if choice.model == ECHO or (choice.model or "").startswith(ROUTED_ELSEWHERE):
        return
    # Imported here because commands that list turns need no keys.
    from convo_cli.config.credentials import credential_for

    if server_url(choice, environ) is None and credential_for(None, environ) is None:
        raise ModelError(
            "no model to ask: there is neither an API key nor a server",
            hint="set OPENAI_API_KEY or use `convo key set`, or name a server with "
            "`convo server add` or --base-url (OPENAI_BASE_URL), or try --model echo, which is "
            "built in and works offline",
        )
