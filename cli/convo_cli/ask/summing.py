"""Has a model sum up turns: only the model is asked, without tools, an agent or a schema."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from convo.items.encoding import Item
from convo.pending.pending import Progress
from convo.records import Location
from convo.store import ConversationStore
from convo.store.merging import Span
from convo.usage_records import RunRecord
from convo_cli.ask.conversation import Destination, check_writable
from convo_cli.ask.hosts import host_for
from convo_cli.ask.permission import permitted
from convo_cli.ask.question import Question
from convo_cli.ask.signals import StoppedError, stoppable
from convo_cli.invocation import Invocation
from convo_cli.turn.choice import ModelChoice, TurnOutcome, check_choice
from convo_cli.turn.nobody import choose_none, refuse

_INSTRUCTIONS = (
    "You write summaries that a conversation can go on from. Keep what was asked for, tried, found "
    "and decided, names, numbers, paths, code that is still needed, and what is open. Leave out "
    "what no longer matters. Answer with the summary only."
)


def to_merge(span: Span) -> str:
    """The question for a summary of a side line: it stands before the summary on the other one."""
    return f"Summarize what came of the branch '{span.branch_id}' in its last {_turns(span)}."


def to_squash(span: Span) -> str:
    """The question for a summary that takes the place of turns."""
    return f"Summarize the last {_turns(span)}."


def _turns(span: Span) -> str:
    count = span.last - span.first + 1
    return "turn" if count == 1 else f"{count:,} turns"


class Summing:
    """A summary that is asked for and not stored yet; `run` is what it has cost so far."""

    run: RunRecord | None = None

    async def note(self, progress: Progress) -> None:
        """Note what the model has cost."""
        self.run = progress.run


@asynccontextmanager
async def accounted(store: ConversationStore, location: Location) -> AsyncIterator[Summing]:
    """Keep in the ledger what a summary has cost if it is not stored at the end of the block."""
    summing = Summing()
    try:
        yield summing
    except BaseException:
        if summing.run is not None:
            await store.enter_failed_summary(*location, summing.run)
        raise


async def summed_up(
    invocation: Invocation,
    store: ConversationStore,
    choice: ModelChoice,
    location: Location,
    history: list[Item],
    question: str,
    summing: Summing,
) -> TurnOutcome:
    """What the model of the choice, completed by the session, says of a history.

    Nothing is stored. Raises `ConvoError`.
    """
    recorded = await store.session_model(location.session_id)
    destination = Destination(location.session_id, True, location.branch_id, recorded)
    asked = Question(destination, question)
    bare = replace(choice, goes_on_with_agent=False, goes_on_with_template=False, mcp=())
    choice = asked.completed(bare, invocation.environ, invocation.config)
    choice = replace(
        choice,
        instructions=_INSTRUCTIONS,
        **dict.fromkeys(("agent", "context", "active", "mcp", "schema", "template")),  # type: ignore[arg-type]
    )
    check_writable(invocation.settings)
    choice = await permitted(invocation, choice)
    check_choice(choice, invocation.environ)
    host = host_for(choice, history, Progress())
    try:
        return await stoppable(
            host.run_turn(
                choice,
                history,
                question,
                lambda event: None,
                refuse,
                choose_none,
                reached=Progress(),
                on_progress=summing.note,
            )
        )
    except StoppedError:
        raise KeyboardInterrupt("nothing was changed") from None
    finally:
        await host.close()
