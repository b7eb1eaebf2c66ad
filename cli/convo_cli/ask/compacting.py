"""The question that has a model sum up the oldest turns of a branch, and where its answer goes."""

from typing import NamedTuple

from convo.errors import TurnNotFoundError
from convo.items.encoding import Item
from convo.records import Beside, TurnPlace
from convo.store import ConversationStore
from convo_cli.ask.conversation import Destination
from convo_cli.ask.question import Question

SUM_UP = (
    "Summarize our conversation so far, so that it can go on from the summary alone. Keep what was "
    "asked for and decided, names, numbers, paths, code that is still needed, and what is open. "
    "Leave out what no longer matters. Answer with the summary only."
)
"""What is asked: it stands in the history before the summary, as any question does."""


class Compaction(NamedTuple):
    """A summary of the turns up to `last`, to be asked for and put in their place."""

    question: Question
    history: list[Item]
    last: int

    @property
    def place(self) -> TurnPlace:
        """A new branch, in which the summary comes first and the turns after it follow."""
        place = self.question.place()
        assert isinstance(place, Beside)
        return place._replace(sums_up_to=self.last)


async def compaction(
    store: ConversationStore, destination: Destination, count: int | None
) -> Compaction:
    """The compaction of the oldest `count` turns; without one, of all but the last.

    Raises `TurnNotFoundError` where there are not so many.
    """
    session, branch = destination.session, destination.branch
    infos = [] if session is None or not destination.exists else await store.turns(session, branch)
    numbers = [info.turn for info in infos]
    if session is None or not numbers:
        raise TurnNotFoundError(f"there are no turns on branch '{branch}' to be summed up")
    count = max(len(numbers) - 1, 1) if count is None else count
    if not 1 <= count <= len(numbers):
        raise TurnNotFoundError(
            f"{count:,} turns cannot be summed up: branch '{branch}' has {len(numbers):,}"
        )
    if count == len(numbers):
        history = await store.history(session, branch)
    else:
        history = await store.history_before(session, branch, numbers[count])
    question = Question(destination, SUM_UP, numbers[0], f"{branch}-compact")
    return Compaction(question, history, numbers[count - 1])
