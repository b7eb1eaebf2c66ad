"""From the SDK's usage to the record that is stored."""

from typing import Any

from agents.items import ModelResponse
from agents.usage import Usage
from openai.types.responses.response_usage import InputTokensDetails, OutputTokensDetails

from convo.usage_records import RunRecord
from convo_cli.agent.usage import run_record


def _usage(tokens: int, cached: int = 0) -> Usage:
    return Usage(
        requests=1,
        input_tokens=tokens,
        output_tokens=1,
        total_tokens=tokens + 1,
        input_tokens_details=InputTokensDetails(cached_tokens=cached, cache_write_tokens=0),
        output_tokens_details=OutputTokensDetails(reasoning_tokens=0),
    )


def _response(usage: Usage, response_id: str | None = None, **raw: Any) -> ModelResponse:
    return ModelResponse(output=[], usage=usage, response_id=response_id, raw_usage=raw or None)


def _record(*responses: ModelResponse) -> RunRecord:
    total = Usage()
    for response in responses:
        total.add(response.usage)
    return run_record(total, list(responses), model="m", started_at="t", duration_s=1.5)


def test_every_number_that_a_server_reports_is_added_up() -> None:
    record = _record(
        _response(
            _usage(10, cached=3),
            prompt_tokens_details={"cached_tokens": 3, "audio": {"text_tokens": 2}, "tier": "x"},
            completion_tokens_details={"accepted_prediction_tokens": 4},
        ),
        _response(
            _usage(20), input_tokens_details={"audio": {"text_tokens": 5}, "image_tokens": 7}
        ),
    )
    assert (record.requests, record.input_tokens, record.total_tokens) == (2, 30, 32)
    assert record.input_details == {
        "cached_tokens": 3,
        "cache_write_tokens": 0,
        "audio": {"text_tokens": 7},
        "image_tokens": 7,
    }
    assert record.output_details == {"accepted_prediction_tokens": 4, "reasoning_tokens": 0}


def test_each_request_has_its_own_entry_with_the_id_of_its_response() -> None:
    record = _record(
        _response(_usage(10, cached=3), "resp_1"), _response(_usage(20), "__fake_id__")
    )
    assert record.request_entries == [
        {
            "input_tokens": 10,
            "output_tokens": 1,
            "total_tokens": 11,
            "input_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
            "response_id": "resp_1",
        },
        {
            "input_tokens": 20,
            "output_tokens": 1,
            "total_tokens": 21,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
    ]


def test_requests_with_the_same_numbers_keep_their_own_ids() -> None:
    record = _record(_response(_usage(10), "resp_1"), _response(_usage(10), "resp_2"))
    assert [entry["response_id"] for entry in record.request_entries] == ["resp_1", "resp_2"]


def test_requests_of_an_agent_that_is_a_tool_are_counted_but_have_no_id() -> None:
    total = Usage()
    total.add(_usage(5))
    total.add(_usage(10))
    record = run_record(
        total, [_response(_usage(10), "resp_1")], model="m", started_at="t", duration_s=0.0
    )
    assert record.requests == 2
    assert [entry.get("response_id") for entry in record.request_entries] == [
        None,
        "resp_1",
    ]


def test_requests_are_counted_where_tokens_are_not() -> None:
    record = _record(_response(Usage(requests=0)), _response(Usage(requests=0)))
    assert (record.requests, record.total_tokens, record.request_entries) == (2, 0, [])
