"""Records the usage of a run."""

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any

from agents.items import ModelResponse
from agents.models.fake_id import FAKE_RESPONSES_ID
from agents.usage import RequestUsage, Usage

from convo.sdk.runs import usage_record
from convo.usage.details import added, numbers
from convo.usage_records import COMPLETED, RunRecord
from convo_cli.agent.models import OpenedModel
from convo_cli.config.mcp import names_text
from convo_cli.plain.usage import INPUT, OUTPUT, Clock, details_of, with_failed
from convo_cli.turn.choice import ModelChoice


def run_record(
    usage: Usage,
    responses: list[ModelResponse],
    *,
    model: str | None,
    started_at: str,
    duration_s: float,
) -> RunRecord:
    """The record of a run whose model answered with these responses.

    Requests are counted even if the server reports no tokens.
    """
    record = usage_record(
        usage, [], model=model, status=COMPLETED, started_at=started_at, duration_s=duration_s
    )
    return record._replace(
        requests=max(record.requests, len(responses)),
        input_details=_sum(
            [_details(response, INPUT) for response in responses], record.input_details
        ),
        output_details=_sum(
            [_details(response, OUTPUT) for response in responses], record.output_details
        ),
        request_entries=_entries(usage.request_usage_entries, responses),
    )


def cost_of(
    choice: ModelChoice, opened: OpenedModel, clock: Clock
) -> Callable[[Usage, list[ModelResponse]], RunRecord]:
    """The usage of the requests of a turn so far."""

    def cost(usage: Usage, responses: list[ModelResponse]) -> RunRecord:
        spent = run_record(
            usage,
            responses,
            model=opened.asked.model,
            started_at=clock.started_at,
            duration_s=clock.seconds(),
        )
        spent = spent._replace(
            base_url=opened.asked.base_url,
            api=opened.api,
            agent=None if choice.agent is None else choice.agent.recorded_as,
            model_chosen=choice.agent is not None and choice.overrules_agent,
            context=None if choice.context is None else choice.context.recorded_as,
            estimated=opened.has_estimated,
            mcp=names_text(choice.mcp or ()),
            first_token_s=clock.first_token_s,
            tool_times=clock.tool_times or None,
        )
        return with_failed(spent, opened.failed)

    return cost


def _entries(
    requests: Iterable[RequestUsage], responses: list[ModelResponse]
) -> list[dict[str, Any]]:
    """A dict for each request, with the id of the response that has the same numbers.

    Requests of an agent that is another agent's tool have no id: the SDK counts them, but does not
    return their responses.
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
            [_details(response, INPUT)], request.input_tokens_details.model_dump()
        ),
        "output_tokens_details": _sum(
            [_details(response, OUTPUT)], request.output_tokens_details.model_dump()
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
    return details_of((response.raw_usage if response is not None else None) or {}, names)


def _sum(parts: Iterable[Mapping[str, Any]], known: Mapping[str, Any] | None) -> dict[str, Any]:
    """The sums of all numbers that the servers reported; the SDK's own sums take precedence."""
    return {**reduce(added, map(numbers, parts), {}), **numbers(known or {})}
