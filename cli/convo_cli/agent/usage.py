"""What a run cost, in plain numbers."""

from collections.abc import Iterable, Mapping
from typing import Any

from agents.items import ModelResponse
from agents.models.fake_id import FAKE_RESPONSES_ID
from agents.usage import RequestUsage, Usage

from convo.records import RunRecord
from convo_cli.wire.responses_answers import said_in
from convo_cli.wire.tokens import estimate

# The same numbers have other names in chat completions.
_INPUT = ("input_tokens_details", "prompt_tokens_details")
_OUTPUT = ("output_tokens_details", "completion_tokens_details")


def run_record(
    usage: Usage,
    responses: list[ModelResponse],
    *,
    model: str | None,
    started_at: str,
    duration_s: float,
    estimated: bool = False,
    base_url: str | None = None,
    api: str | None = None,
    agent: str | None = None,
    model_chosen: bool = False,
    context: str | None = None,
    last_agent: str | None = None,
) -> RunRecord:
    """The record of a run whose model answered with these responses.

    A server that reports no tokens still answered requests: they are counted.
    """
    return RunRecord(
        model=model,
        requests=max(usage.requests, len(responses)),
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        total_tokens=usage.total_tokens,
        input_details=_sum(
            [_details(response, _INPUT) for response in responses],
            usage.input_tokens_details.model_dump(),
        ),
        output_details=_sum(
            [_details(response, _OUTPUT) for response in responses],
            usage.output_tokens_details.model_dump(),
        ),
        request_entries=_entries(usage.request_usage_entries, responses),
        estimated=estimated,
        started_at=started_at,
        duration_s=duration_s,
        base_url=base_url,
        api=api,
        agent=agent,
        model_chosen=model_chosen,
        context=context,
        last_agent=last_agent,
    )


def with_failed(record: RunRecord, failed: Iterable[Mapping[str, Any]]) -> RunRecord:
    """The record with the tokens of answers that failed, as their server reported them."""
    for usage in failed:
        entry = {
            "input_tokens": _first(usage, ("input_tokens", "prompt_tokens")),
            "output_tokens": _first(usage, ("output_tokens", "completion_tokens")),
            "total_tokens": _first(usage, ("total_tokens",)),
        }
        details: dict[str, Mapping[str, Any]] = {
            "input": next((usage[name] for name in _INPUT if usage.get(name)), {}),
            "output": next((usage[name] for name in _OUTPUT if usage.get(name)), {}),
        }
        record = record._replace(
            requests=record.requests + 1,
            input_tokens=record.input_tokens + entry["input_tokens"],
            output_tokens=record.output_tokens + entry["output_tokens"],
            total_tokens=record.total_tokens + entry["total_tokens"],
            input_details=_added(record.input_details or {}, details["input"]),
            output_details=_added(record.output_details or {}, details["output"]),
            request_entries=[*record.request_entries, entry],
        )
    return record


def _first(usage: Mapping[str, Any], names: tuple[str, ...]) -> int:
    return next((usage[name] for name in names if isinstance(usage.get(name), int)), 0)


def with_estimate(
    record: RunRecord, history: list[dict[str, Any]], turn: list[dict[str, Any]]
) -> RunRecord:
    """The record with an estimate where the model told of no tokens, as those of agents may not.

    `turn` are the items of the run, of which the user's is the first.
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


def _entries(
    requests: Iterable[RequestUsage], responses: list[ModelResponse]
) -> list[dict[str, Any]]:
    """A dict per request, with the id of the response that has the same numbers.

    The requests of an agent that is another agent's tool are counted, but their responses are not
    handed out; those have no id.
    """
    remaining = list(responses)
    entries = []
    for request in requests:
        response = next((one for one in remaining if _same(request, one.usage)), None)
        if response is not None:
            remaining.remove(response)
        entries.append(_entry(request, response))
    return entries


def _entry(request: RequestUsage, response: ModelResponse | None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "input_tokens": request.input_tokens,
        "output_tokens": request.output_tokens,
        "total_tokens": request.total_tokens,
        "input_tokens_details": _sum(
            [_details(response, _INPUT)], request.input_tokens_details.model_dump()
        ),
        "output_tokens_details": _sum(
            [_details(response, _OUTPUT)], request.output_tokens_details.model_dump()
        ),
    }
    if response is not None and response.response_id not in (None, FAKE_RESPONSES_ID):
        entry["response_id"] = response.response_id
    return entry


def _same(request: RequestUsage, usage: Usage) -> bool:
    return (request.input_tokens, request.output_tokens, request.total_tokens) == (
        usage.input_tokens,
        usage.output_tokens,
        usage.total_tokens,
    )


def _details(response: ModelResponse | None, names: tuple[str, str]) -> dict[str, Any]:
    raw = (response.raw_usage if response is not None else None) or {}
    return next((raw[name] for name in names if isinstance(raw.get(name), dict)), {})


def _sum(parts: Iterable[Mapping[str, Any]], known: Mapping[str, Any]) -> dict[str, Any]:
    """All numbers that the servers reported, added up; where the SDK adds up too, its sum."""
    total: dict[str, Any] = {}
    for part in parts:
        total = _added(total, part)
    return {**total, **_added({}, known)}


def _added(total: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(total)
    for name, value in part.items():
        if isinstance(value, Mapping):
            below = result.get(name)
            result[name] = _added(below if isinstance(below, Mapping) else {}, value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            before = result.get(name, 0)
            result[name] = value + (before if isinstance(before, int | float) else 0)
    return result
