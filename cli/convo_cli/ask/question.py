"""A question: its content, the destination of its turn, and its record while it is pending."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from convo.errors import TurnNotFoundError
from convo.names import slug
from convo.pending.pending import AskedTurn, Progress
from convo.records import Beside, Location, NewSession, TurnPlace
from convo.store import ConversationStore
from convo_cli.ask.configured import settled, with_environ, with_name
from convo_cli.ask.conversation import Destination
from convo_cli.ask.schema import recorded_schema, schema_text
from convo_cli.config.file import Config
from convo_cli.config.mcp import recorded_names
from convo_cli.render.pending import typed_text
from convo_cli.turn.choice import Content, ModelChoice, Recorded
from convo_cli.turn.context_reference import context_reference
from convo_cli.turn.redact import without_credentials
from convo_cli.turn.reference import agent_reference

_LONGEST_BRANCH = 24
"""The longest branch name that is made from a prompt, in characters."""

_OPTIONS = ("model", "base_url", "api", "instructions", "agent", "context")

_REFERENCES = ("agent", "context")


@dataclass(frozen=True, slots=True)
class Question:
    """A question asked in a conversation.

    With `from_turn` it replaces that turn, in a new branch that is created when the answer is
    stored and named after `stem`. For a retry, `retries` is the pending turn, `options` how it was
    asked, `reached` its progress, from which the model continues unless `from_start` is set,
    `note` what has changed since, and `ran` the tools that have already run for it.
    """

    destination: Destination
    content: Content
    from_turn: int | None = None
    stem: str | None = None
    retries: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    reached: Progress = field(default_factory=Progress)
    from_start: bool = False
    note: str | None = None
    ran: tuple[str, ...] = ()

    def again(self, *, from_start: bool) -> "Question":
        """The same question; with `from_start`, asked as if nothing had run."""
        return replace(self, reached=Progress(), from_start=True) if from_start else self

    @property
    def item(self) -> dict[str, Any]:
        """The question as an item of the conversation."""
        return {"role": "user", "content": self.content}

    @property
    def text(self) -> str:
        """What the question says, without what is attached to it."""
        return typed_text(self.content)

    async def history(self, store: ConversationStore) -> list[dict[str, Any]]:
        """The items before the question, including those that other shells have added.

        Raises a `NotFoundError` if the branch is gone or has no turn `from_turn`.
        """
        destination = self.destination
        if destination.session is None or not destination.exists:
            if self.from_turn is not None:
                raise TurnNotFoundError(f"no turn {self.from_turn}: nothing was said yet")
            return []
        if self.from_turn is not None:
            return await store.history_before(
                destination.session, destination.branch, self.from_turn
            )
        await store.require_branch(destination.session, destination.branch)
        return await store.history(destination.session, destination.branch)

    def completed(
        self, choice: ModelChoice, environ: Mapping[str, str], config: Config
    ) -> ModelChoice:
        """The choice, completed by the environment, the retried question, the configuration and
        the session, in this order."""
        choice = with_name(choice, config, self.destination.recorded)
        choice = with_environ(choice, environ, config)
        asked = replace(choice, **_missing(choice, self.options))
        # The question has recorded its server, but not the key that the environment has for it.
        return settled(with_environ(asked, environ, config), config, self.destination.recorded)

    async def last_agent(self, store: ConversationStore) -> str | None:
        """The agent that the turn before handed over to; None without a handoff."""
        destination = self.destination
        if destination.session is None or not destination.exists:
            return None
        return await store.last_agent(destination.session, destination.branch, self.from_turn)

    async def going_on(self, store: ConversationStore, choice: ModelChoice) -> ModelChoice:
        """The choice with the agent that goes on, unless the user has named one in its file."""
        agent = choice.agent
        if agent is None or (agent.name is not None and not agent.is_recorded):
            return choice
        return replace(choice, active=await self.last_agent(store))

    def asked(self, choice: ModelChoice) -> AskedTurn:
        """The record of the question while its turn is pending."""
        options = {name: getattr(choice, name) for name in _OPTIONS}
        if choice.base_url is not None:
            options["base_url"] = without_credentials(choice.base_url)
        for name in _REFERENCES:
            if options[name] is not None:
                options[name] = options[name].recorded_as
        options["is_chosen"] = choice.is_chosen
        if choice.schema is not None:
            options["schema"] = schema_text(choice.schema)
        if choice.mcp:
            options["mcp"] = list(choice.mcp)
        if choice.template is not None:
            options["template"] = choice.template
            options["template_values"] = dict(choice.template_values)
        return AskedTurn(
            self.destination.session,
            self.destination.branch,
            [self.item],
            self.from_turn,
            self.stem,
            options,
            self.retries,
            self.from_start,
        )

    def place(self) -> TurnPlace:
        """Where the turn is stored once it is answered."""
        destination = self.destination
        if destination.session is None:
            return NewSession(slug(self.text), is_unique=True)
        if not destination.exists:
            return NewSession(destination.session)
        location = Location(destination.session, destination.branch)
        if self.from_turn is None:
            return location
        stem = self.stem or slug(self.text, _LONGEST_BRANCH)
        head = None if destination.keep_branch else destination.head
        return Beside(location, self.from_turn, stem, head)


def _missing(choice: ModelChoice, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of the earlier question that the choice leaves open.

    Values other than text were not written by convo, and are ignored.
    """
    known = {name: options.get(name) for name in _OPTIONS if not getattr(choice, name)}
    found: dict[str, Any] = {name: value for name, value in known.items() if _is_text(value)}
    if found.get("api") not in {"responses", "chat"}:
        found.pop("api", None)
    if not choice.goes_on_with_agent:
        found.pop("agent", None)
        found.pop("context", None)
    if agent := found.get("agent"):
        found["agent"] = agent_reference(agent, is_recorded=True)
    if context := found.get("context"):
        found["context"] = context_reference(context, is_recorded=True)
    if choice.mcp is None and options.get("mcp"):
        found["mcp"] = recorded_names(options["mcp"])
    by_database: set[Recorded] = {"agent", "base_url", "context", "mcp", "model"}
    found["recorded"] = choice.recorded | (found.keys() & by_database)
    if choice.schema is None:
        found["schema"] = recorded_schema(options.get("schema"))
    if "model" in found:
        found["is_chosen"] = bool(options.get("is_chosen"))
    if choice.template is None and choice.goes_on_with_template:
        found |= _template(options)
    return found


def _template(options: Mapping[str, Any]) -> dict[str, Any]:
    """The template of the earlier question, whose instructions stand there already."""
    name, values = options.get("template"), options.get("template_values")
    if not _is_text(name):
        return {}
    given = values if isinstance(values, dict) else {}
    kept = {key: value for key, value in given.items() if isinstance(value, str)}
    return {"template": name, "template_values": kept}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
