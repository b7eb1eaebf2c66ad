"""What a trial asks, who answers it, and what came of it."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from convo.items.encoding import Item, texts_of
from convo.sdk.runs import result_record
from convo.usage_records import RunRecord, Tokens

if TYPE_CHECKING:
    from convo.sdk import AdvancedSession
    from convo.trials.recorded import RecordedOutputs


class Prompt(NamedTuple):
    """What is asked in one turn.

    `input` is what `Runner.run` takes: text, or the user's items if they are more than a text. The
    fields after it are those of the recorded turn that the prompt comes from, if any: its number,
    the outputs of tools that were recorded up to its end, the JSON Schema, as JSON, that its answer
    had to match, and the text of its answer. `instructions` take the place of those of whoever is
    asked.
    """

    input: str | list[Item]
    turn: int | None = None
    outputs: "RecordedOutputs | None" = None
    schema: str | None = None
    answer: str | None = None
    instructions: str | None = None

    @property
    def content(self) -> Any:
        """The content of the user's message: text, or a list of parts."""
        return self.input if isinstance(self.input, str) else self.input[0].get("content", "")

    @property
    def text(self) -> str:
        """What the prompt says, without what is attached to it."""
        content = self.content
        return content if isinstance(content, str) else "".join(texts_of(content))


class Outcome(NamedTuple):
    """What came of a prompt.

    `cost` is in US dollars, None if it is not known. `error` says why there is no answer. `branch`
    and `turn` are where the turn was stored, if whoever asked it knows that.
    """

    text: str = ""
    tokens: Tokens = Tokens()
    cost: float | None = None
    seconds: float = 0.0
    error: str | None = None
    branch: str | None = None
    turn: int | None = None


class Asker(Protocol):
    """Asks a prompt at the end of the branch that a session is on, and stores the turn there.

    It may return an `Outcome`, or the result of a run of the Agents SDK. If it raises, the prompt
    has failed.
    """

    async def __call__(self, session: "AdvancedSession", prompt: Prompt, /) -> Any:
        """Ask the prompt, store the whole turn, and return what came of it."""


async def asked(asker: Asker, session: "AdvancedSession", prompt: Prompt) -> Outcome:
    """Ask a prompt, and return what came of it. Raises what the asker raises."""
    begun = time.monotonic()
    result = await asker(session, prompt)
    if isinstance(result, Outcome):
        return result
    return outcome_of(result, time.monotonic() - begun)


def outcome_of(result: Any, seconds: float) -> Outcome:
    """The outcome that a result of the Agents SDK stands for, or a text."""
    if not hasattr(result, "context_wrapper"):
        return Outcome("" if result is None else str(result), seconds=seconds)
    text = "" if result.final_output is None else str(result.final_output)
    return Outcome(text, tokens_of(result_record(result)), seconds=seconds)


def tokens_of(run: RunRecord) -> Tokens:
    """The token counts of a run."""
    return Tokens(
        run.requests,
        run.input_tokens,
        _count(run.input_details, "cached_tokens"),
        run.output_tokens,
        _count(run.output_details, "reasoning_tokens"),
        run.total_tokens,
        run.estimated,
    )


def total(outcomes: Sequence[Outcome]) -> Outcome:
    """The sum of outcomes: their tokens, seconds and known costs, and the last answer and error."""
    costs = [one.cost for one in outcomes if one.cost is not None]
    return Outcome(
        outcomes[-1].text if outcomes else "",
        sum((one.tokens for one in outcomes), Tokens()),
        sum(costs) if costs else None,
        sum(one.seconds for one in outcomes),
        outcomes[-1].error if outcomes else None,
    )


def _count(details: Any, name: str) -> int:
    found = details.get(name) if isinstance(details, dict) else None
    return found if isinstance(found, int) else 0
