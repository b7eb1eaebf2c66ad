"""Records the usage of a run, from the numbers that the server reports."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from convo.records import RunRecord
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

    def seconds(self) -> float:
        """Seconds since the start of the turn."""
        return round(perf_counter() - self._begun, 3)


def with_answer(
    record: RunRecord, usage: Mapping[str, Any] | None, response_id: str | None
) -> RunRecord:
    """The record with the usage of one more answer, as the server reported it.

    The request is counted even if the server reports no tokens.
    """
    record = record._replace(requests=record.requests + 1)
    if usage is None:
        return record
    read, written, total = tokens_of(usage)
    own_input = _with(details_of(usage, INPUT), "cached_tokens", "cache_write_tokens")
    own_output = _with(details_of(usage, OUTPUT), "reasoning_tokens")
    entries = record.request_entries
    if read or written or total:
        entry: dict[str, Any] = {
            "input_tokens": read,
            "output_tokens": written,
            "total_tokens": total,
            "input_tokens_details": own_input,
            "output_tokens_details": own_output,
        }
        named = {"response_id": response_id} if response_id is not None else {}
        entries = [*entries, entry | named]
    return record._replace(
        input_tokens=record.input_tokens + read,
        output_tokens=record.output_tokens + written,
        total_tokens=record.total_tokens + total,
        input_details=added(record.input_details or {}, own_input),
        output_details=added(record.output_details or {}, own_output),
        request_entries=entries,
    )


def with_failed(record: RunRecord, failed: Iterable[Mapping[str, Any]]) -> RunRecord:
    """The record with the tokens of failed answers, as the server reported them."""
    for usage in failed:
        read, written, total = tokens_of(usage)
        entry = {"input_tokens": read, "output_tokens": written, "total_tokens": total}
        details: dict[str, Mapping[str, Any]] = {
            "input": next((usage[name] for name in INPUT if usage.get(name)), {}),
            "output": next((usage[name] for name in OUTPUT if usage.get(name)), {}),
        }
        record = record._replace(
            requests=record.requests + 1,
            input_tokens=record.input_tokens + read,
            output_tokens=record.output_tokens + written,
            total_tokens=record.total_tokens + total,
            input_details=added(record.input_details or {}, details["input"]),
            output_details=added(record.output_details or {}, details["output"]),
            request_entries=[*record.request_entries, entry],
        )
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


def tokens_of(usage: Mapping[str, Any]) -> tuple[int, int, int]:
    """The input tokens, the output tokens, and their sum."""
    return (
        _first(usage, ("input_tokens", "prompt_tokens")),
        _first(usage, ("output_tokens", "completion_tokens")),
        _first(usage, ("total_tokens",)),
    )


def details_of(usage: Mapping[str, Any], names: tuple[str, str]) -> dict[str, Any]:
    """The details of the tokens, under whichever of these names they have."""
    return next((usage[name] for name in names if isinstance(usage.get(name), dict)), {})


def added(total: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    """The sums of the numbers in both, including nested ones."""
    result = dict(total)
    for name, value in part.items():
        if isinstance(value, Mapping):
            below = result.get(name)
            result[name] = added(below if isinstance(below, Mapping) else {}, value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            before = result.get(name, 0)
            result[name] = value + (before if isinstance(before, int | float) else 0)
    return result


def _with(details: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The numbers among the details; those with these names are always included."""
    return {**added({}, details), **{name: details.get(name) or 0 for name in names}}


def _first(usage: Mapping[str, Any], names: tuple[str, ...]) -> int:
    return next((usage[name] for name in names if isinstance(usage.get(name), int)), 0)
