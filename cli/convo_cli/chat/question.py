"""What is asked, where its turn goes, and how it is asked again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from convo.errors import (
    BranchNotFoundError,
    NotFoundError,
    NotWaitingError,
    SessionNotFoundError,
    TurnNotFoundError,
)
from convo.held import AskedTurn, HeldTurn, Progress
from convo.records import TurnPlace
from convo.store import ConversationStore
from convo_cli.agent.choice import Content, ModelChoice, Recorded
from convo_cli.agent.context_reference import context_reference
from convo_cli.agent.redact import without_credentials
from convo_cli.agent.reference import agent_reference
from convo_cli.chat.conversation import Conversation, slug, with_recorded
from convo_cli.config.addresses import same_server
from convo_cli.render.held import typed_text

_LONGEST_BRANCH = 24
"""Characters of a branch's name that is made of a prompt."""

_OPTIONS = ("model", "base_url", "api", "instructions", "agent", "context")

_REFERENCES = ("agent", "context")


GO_ON = "Go on with your answer exactly where it was cut off, without repeating any of it."
"""What is asked to have an answer continued: it stands in the history as any question does."""


class NothingToContinueError(NotFoundError):
    """The last answer of the branch has its end, or there is none."""


class NothingToRetryError(NotFoundError):
    """No turn of the branch was asked yet."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked in a conversation.

    With `from_turn` it takes the place of that turn, in a branch that is made with its answer and
    named after `stem`. `retries` is the held turn that is asked again, `options` how it was asked,
    `reached` how far it came: the model goes on from there, unless it is asked `from_start`, and
    `note` what is not as it was then. `ran` are the tools that have run for it.
    """

    there: Conversation
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
        """The same, to be asked from its start, if that is wanted, as if nothing had run."""
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
        """The items that go before the question, those that other shells have added included.

        Raises a `NotFoundError` where the branch is gone or has no turn `from_turn`.
        """
        there = self.there
        if there.session is None or not there.exists:
            if self.from_turn is not None:
                raise TurnNotFoundError(f"no turn {self.from_turn}: nothing was said yet")
            return []
        if self.from_turn is not None:
            return await store.history_before(there.session, there.branch, self.from_turn)
        await store.require_branch(there.session, there.branch)
        return await store.history(there.session, there.branch)

    def completed(self, choice: ModelChoice, environ: Mapping[str, str]) -> ModelChoice:
        """The choice; what it leaves open is as it was asked before, as in the environment, or
        else as the session was last run."""
        asked = replace(choice, **_missing(choice, self.options))
        return with_recorded(with_environ(asked, environ), self.there.recorded)

    async def last_agent(self, store: ConversationStore) -> str | None:
        """The agent that the turn before handed over to, None where none did."""
        there = self.there
        if there.session is None or not there.exists:
            return None
        return await store.last_agent(there.session, there.branch, self.from_turn)

    async def going_on(self, store: ConversationStore, choice: ModelChoice) -> ModelChoice:
        """The choice, with the agent that goes on, unless the user has named one in its file."""
        agent = choice.agent
        if agent is None or (agent.name is not None and not agent.is_recorded):
            return choice
        return replace(choice, active=await self.last_agent(store))

    def asked(self, choice: ModelChoice) -> AskedTurn:
        """The question as it is held while it is answered."""
        options = {name: getattr(choice, name) for name in _OPTIONS}
        if choice.base_url is not None:
            options["base_url"] = without_credentials(choice.base_url)
        for name in _REFERENCES:
            if options[name] is not None:
                options[name] = options[name].recorded_as
        options["is_chosen"] = choice.is_chosen
        return AskedTurn(
            self.there.session,
            self.there.branch,
            [self.item],
            self.from_turn,
            self.stem,
            options,
            self.retries,
            self.from_start,
        )

    def place(self) -> TurnPlace:
        """Where the turn goes once it is answered."""
        there = self.there
        return TurnPlace(
            there.session or slug(self.text),
            there.branch,
            None if there.exists else "named" if there.session else "unique",
            self.from_turn,
            self.stem or slug(self.text, _LONGEST_BRANCH),
            there.head,
        )


def with_environ(choice: ModelChoice, environ: Mapping[str, str]) -> ModelChoice:
    """The choice, completed by the environment. A variable that is empty is not set."""
    url = environ.get("OPENAI_BASE_URL") or None
    if choice.base_url is None or (url and same_server(url, choice.base_url)):
        # Held questions know their server, but not how one is let in there.
        choice = replace(choice, base_url=url, recorded=choice.recorded - {"base_url"})
    return replace(choice, model=choice.model or environ.get("CONVO_MODEL") or None)


async def question_again(
    store: ConversationStore, there: Conversation, *, or_new: bool = False
) -> Question:
    """The newest question that waits in a conversation; where none does, the last one, beside it.

    With `or_new`, one that should have begun another session counts too. Raises `ConflictError`
    while another process is still answering, and `NothingToRetryError`.
    """
    failed = await store.failed_turn(there.session, there.branch, or_new=or_new)
    return (
        await last_question(store, there) if failed is None else await held_question(store, failed)
    )


async def newest_here(
    store: ConversationStore, there: Conversation, *, or_new: bool = False
) -> HeldTurn:
    """The newest prompt that waits in a conversation. Raises `NotWaitingError`."""
    held = await store.failed_turn(there.session, there.branch, or_new=or_new)
    if held is None:
        raise NotWaitingError(f"no prompt waits on branch '{there.branch}'")
    return held


async def last_question(store: ConversationStore, there: Conversation) -> Question:
    """The last turn of a conversation, to be asked again beside it.

    Raises `NothingToRetryError`.
    """
    if there.session is None or not there.exists:
        raise NothingToRetryError(
            "nothing to retry: nothing was asked yet", hint="ask something with `convo chat`"
        )
    last = await store.last_turn(there.session, there.branch)
    if not last:
        raise NothingToRetryError(
            f"nothing to retry: branch '{there.branch}' has no turns yet",
            hint="ask something with `convo chat`",
        )
    return Question(there, await asked_in(store, there, last), last, f"retry-{last}")


async def continuing(store: ConversationStore, there: Conversation) -> Question:
    """The question that has the last answer of a conversation gone on with.

    Raises `NothingToContinueError` where that is whole.
    """
    infos = []
    if there.session is not None and there.exists:
        infos = await store.turns(there.session, there.branch, 1)
    if not infos or infos[0].cut is None:
        last = f"turn {infos[0].turn} of '{there.branch}' is whole" if infos else "no turn is there"
        raise NothingToContinueError(
            f"nothing to continue: {last}", hint="only an answer that was cut is continued"
        )
    return Question(there, GO_ON)


async def held_question(
    store: ConversationStore, held: HeldTurn, there: Conversation | None = None
) -> Question:
    """The question of a held turn, to be asked again where it was asked.

    Where its branch has gone on, that is at its end; where the branch is gone, at the end of the
    session's current one; where the session is gone, that begins again. With `there`, it is asked
    at the end of that branch. Raises `ConflictError` while a process is still at the answer.
    """
    held.require_ended()
    asked, note, from_turn = held.asked, None, held.asked.from_turn
    if there is None:
        there, note = await _place_again(store, held)
        last = 0 if not there.exists else await store.last_turn(there.session or "", there.branch)
        if note is not None or (from_turn or 0) > last:
            from_turn = None
        if note is None and from_turn is None and there.exists:
            note = _gone_on(held, there, last)
    else:
        from_turn = None
    return Question(
        there,
        asked.items[0]["content"],
        from_turn,
        asked.stem if from_turn is not None else None,
        retries=held.number,
        options=_mapping(asked.options),
        reached=Progress(held.resumable(), agent=held.agent),
        note=note,
        ran=tuple(held.tools_run()),
    )


async def _place_again(store: ConversationStore, held: HeldTurn) -> tuple[Conversation, str | None]:
    """The conversation in which a held turn was asked, or what stands for it now, and why."""
    session, branch = held.asked.session_id, held.asked.branch_id
    if session is None:
        return Conversation(None, False), None
    try:
        head = await store.session_head(session)
    except SessionNotFoundError:
        gone = f"the session '{session}' is not there any more, and begins again"
        return Conversation(session, False), gone if held.turn > 1 else None
    note = None
    try:
        await store.require_branch(session, branch)
    except BranchNotFoundError:
        note = f"its branch '{branch}' is not there any more: it is asked on '{head.branch_id}'"
        branch = head.branch_id
    recorded = await store.session_model(session)
    return Conversation(session, True, branch, recorded, head.branch_id), note


def _gone_on(held: HeldTurn, there: Conversation, last: int) -> str | None:
    if last + 1 == held.turn and not held.has_gone_on:
        return None
    return f"'{there.branch}' has changed since: it is asked as turn {last + 1}, at its end"


async def asked_in(store: ConversationStore, there: Conversation, turn: int) -> Content:
    """What was asked in a turn, attachments included. Raises `TurnNotFoundError`."""
    if there.session is None or not there.exists:
        raise TurnNotFoundError(f"no turn {turn}: nothing was said yet")
    (found,) = await store.transcript(there.session, there.branch, turn, turn)
    content: Content = next(
        (part.item["content"] for part in found.items if part.kind == "user"), ""
    )
    return content


def _missing(choice: ModelChoice, options: Mapping[str, Any]) -> dict[str, Any]:
    """What a choice leaves open, as it was when the question was asked before.

    What is there is text: anything else was not written by convo, and is as good as missing.
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
    by_database: set[Recorded] = {"agent", "base_url", "context", "model"}
    found["recorded"] = choice.recorded | (found.keys() & by_database)
    if "model" in found:
        found["is_chosen"] = bool(options.get("is_chosen"))
    return found


def _mapping(options: object) -> Mapping[str, Any]:
    return options if isinstance(options, Mapping) else {}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
