"""Estimates what further requests will cost, from recorded token counts and prices."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from convo.history.transcript import TranscriptTurn
from convo.usage.prices import Prices
from convo.usage.rates import Counts, Priced, cost
from convo.usage_records import RunRecord, Tokens

if TYPE_CHECKING:
    from convo.store import ConversationStore

_TOKEN = 4
"""Characters of a token, roughly, of a text that no model has counted."""

_ANSWER = 300
"""Tokens of an answer that nothing is known about."""


class Estimate(NamedTuple):
    """What requests will probably take; `cost` is in US dollars, None without a price.

    `known` is whether the tokens come from recorded ones; otherwise they are a guess.
    """

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    known: bool = True

    def __add__(self, other: "Estimate") -> "Estimate":  # type: ignore[override]
        known = self.known and other.known
        both = None if self.cost is None or other.cost is None else self.cost + other.cost
        return Estimate(
            self.requests + other.requests,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            both,
            known,
        )

    def times(self, count: int) -> "Estimate":
        """The same so many times."""
        each = None if self.cost is None else self.cost * count
        counts = (self.requests * count, self.input_tokens * count, self.output_tokens * count)
        return Estimate(*counts, each, self.known)


async def recorded_turns(
    store: "ConversationStore", session_id: str, branch_id: str, first: int, last: int
) -> list[Tokens]:
    """The tokens of turns as recorded; a turn without any is taken to be like the others.

    Without any record they are guessed from the texts.
    """
    turns = await store.whole_turns(session_id, branch_id, first, last)
    spent = {usage.turn: usage.tokens for usage in turns.usage() if usage.tokens.total_tokens}
    if not spent:
        return _by_texts(await store.whole_turns(session_id, branch_id, None, last), first)
    unknown = _mean(list(spent.values()))
    return [spent.get(turn, unknown) for turn in turns.numbers if turn]


def _by_texts(turns: Iterable[TranscriptTurn], first: int) -> list[Tokens]:
    """Guesses for the turns from `first` on, each of which is sent all that was said before it."""
    found = []
    before = 0
    for turn in turns:
        asks = sum(len(part.text or "") for part in turn.items if part.kind == "user") // _TOKEN
        texts = (part.text or part.output or part.arguments or "" for part in turn.items)
        whole = sum(map(len, texts)) // _TOKEN
        if turn.turn >= max(first, 1):
            answer = max(whole - asks, 1)
            found.append(Tokens(1, before + asks + 1, 0, answer, 0, before + whole + 1, True))
        before += whole
    return found


def guessed(text: str, before: Tokens | None = None) -> Tokens:
    """The tokens of a prompt that was never asked, after a turn that took so many."""
    earlier = 0 if before is None else before.input_tokens + before.output_tokens
    output = before.output_tokens if before is not None and before.output_tokens else _ANSWER
    asks = earlier + len(text) // _TOKEN + 1
    return Tokens(1, asks, 0, output, 0, asks + output, True)


def estimated(turns: Iterable[Tokens], priced: Priced | None) -> Estimate:
    """What turns like these will take of a model with those rates.

    That a server will have cached a part of the input is not counted on.
    """
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    whole = Estimate(cost=0.0)
    for one in turns:
        requests = max(1, one.requests)
        rate = None if priced is None else priced.rate(now, one.input_tokens // requests)
        counts = Counts(input=one.input_tokens, output=one.output_tokens)
        spent = None if rate is None else cost(rate, counts, requests)
        known = bool(one.total_tokens) and not one.estimated
        whole += Estimate(requests, one.input_tokens, one.output_tokens, spent, known)
    return whole


def cost_of_run(run: RunRecord, prices: Prices) -> float | None:
    """What a run has cost, in US dollars; None if its model has no price."""
    if run.model is None:
        return None
    (priced,) = prices.priced([(run.model, run.base_url)])
    requests = max(1, run.requests)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    rate = priced.rate(now, run.input_tokens // requests)
    if rate is None or (run.estimated and not rate.is_free):
        return None
    counts = Counts.of_entry(
        {
            "input_tokens": run.input_tokens,
            "output_tokens": run.output_tokens,
            "input_tokens_details": run.input_details,
            "output_tokens_details": run.output_details,
        }
    )
    return cost(rate, counts, run.requests)


def _mean(known: Sequence[Tokens]) -> Tokens:
    if not known:
        return Tokens(requests=1)
    whole = sum(known, Tokens())
    count = len(known)
    return Tokens(
        requests=max(1, whole.requests // count),
        input_tokens=whole.input_tokens // count,
        output_tokens=whole.output_tokens // count,
        total_tokens=whole.total_tokens // count,
        estimated=True,
    )
