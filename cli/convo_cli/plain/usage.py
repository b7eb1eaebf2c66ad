"""Records the usage of a run, from the numbers that the server reports."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from convo.usage.details import added, numbers
from convo.usage_records import RunRecord
from convo_cli.turn.events import Event, OnEvent, ReasoningDelta, TextDelta
from convo_cli.wire.responses_answers import said_in
from convo_cli.wire.tokens import estimate

# Chat completions have other names for the same numbers.
INPUT = ("input_tokens_details", "prompt_tokens_details")
OUTPUT = ("output_tokens_details", "completion_tokens_details")


NO_INPUT = {"cached_tokens": 0, "cache_write_tokens": 0}
NO_OUTPUT = {"reasoning_tokens": 0}


class Clock:
    """Measures how long a turn takes."""

    def __init__(self) -> None:
        self.started_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._begun = perf_counter()
        self._running: dict[str, float] = {}
        self.first_token_s: float | None = None
        self.tool_times: dict[str, float] = {}

    def seconds(self) -> float:
        """Seconds since the start of the turn."""
        return round(perf_counter() - self._begun, 3)

    def note_token(self) -> None:
        """Note that a part of an answer has arrived."""
        if self.first_token_s is None:
            self.first_token_s = self.seconds()

    def noting(self, on_event: OnEvent) -> OnEvent:
        """Pass events on, and note when the first part of an answer arrives."""

        def told(event: Event) -> None:
            if isinstance(event, TextDelta | ReasoningDelta):
                self.note_token()
            on_event(event)

        return told

    def begin_call(self, call_id: str) -> None:
        """Note that a tool call begins."""
        self._running[call_id] = perf_counter()

    def end_call(self, call_id: str) -> None:
        """Note that a tool call has ended."""
        begun = self._running.pop(call_id, None)
        if begun is not None:
            self.tool_times[call_id] = round(perf_counter() - begun, 3)


def with_answer(
    record: RunRecord, usage: Mapping[str, Any] | None, response_id: str | None
) -> RunRecord:
    """The record with the usage of one more answer, as the server reported it.

    The request is counted even if the server reports no tokens.
    """
    if usage is None:
        return record._replace(requests=record.requests + 1)
    own_input = _with(details_of(usage, INPUT), "cached_tokens", "cache_write_tokens")
    own_output = _with(details_of(usage, OUTPUT), "reasoning_tokens")
    record = _with_request(record, usage, own_input, own_output)
    counts = _counts(usage)
    if not any(counts.values()):
        return record
    entry = {**counts, "input_tokens_details": own_input, "output_tokens_details": own_output}
    named = {"response_id": response_id} if response_id is not None else {}
    return record._replace(request_entries=[*record.request_entries, entry | named])


def with_failed(record: RunRecord, failed: Iterable[Mapping[str, Any]]) -> RunRecord:
    """The record with the tokens of failed answers, as the server reported them."""
    for usage in failed:
        details = (numbers(details_of(usage, names)) for names in (INPUT, OUTPUT))
        record = _with_request(record, usage, *details)
        record = record._replace(request_entries=[*record.request_entries, _counts(usage)])
    return record


def with_estimate(
    record: RunRecord, history: list[dict[str, Any]], turn: list[dict[str, Any]]
) -> RunRecord:
    """The record with an estimate if the model reported no tokens, as an agent's own may not.

    `turn` are the items of the run, the user's first.
    """
    if record.total_tokens or not record.requests:
        return record
    usage = estimate({"input": [*history, *turn[:1]]}, said_in(turn[1:]), "responses")
    return record._replace(
        input_tokens=usage["input_tokens"],
        output_tokens=usage["output_tokens"],
        total_tokens=usage["total_tokens"],
        estimated=True,
    )


def details_of(usage: Mapping[str, Any], names: tuple[str, str]) -> dict[str, Any]:
    """The details of the tokens, under whichever of these names they have."""
    return next((usage[name] for name in names if isinstance(usage.get(name), dict)), {})


def _with_request(
    record: RunRecord,
    usage: Mapping[str, Any],
    input_details: Mapping[str, Any],
    output_details: Mapping[str, Any],
) -> RunRecord:
    counts = _counts(usage)
    return record._replace(
        requests=record.requests + 1,
        input_tokens=record.input_tokens + counts["input_tokens"],
        output_tokens=record.output_tokens + counts["output_tokens"],
        total_tokens=record.total_tokens + counts["total_tokens"],
        input_details=added(record.input_details or {}, input_details),
        output_details=added(record.output_details or {}, output_details),
    )


def _counts(usage: Mapping[str, Any]) -> dict[str, Any]:
    """The tokens of a request, by the names of a request's entry."""
    return {
        "input_tokens": _first(usage, ("input_tokens", "prompt_tokens")),
        "output_tokens": _first(usage, ("output_tokens", "completion_tokens")),
        "total_tokens": _first(usage, ("total_tokens",)),
    }


def _with(details: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The numbers among the details; those with these names are always included."""
    return {**numbers(details), **{name: details.get(name) or 0 for name in names}}


def _first(usage: Mapping[str, Any], names: tuple[str, ...]) -> int:
    return next((usage[name] for name in names if isinstance(usage.get(name), int)), 0)
