"""Runs of the SDK, as far as their usage goes, and what a turn comes to that had several."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from types import SimpleNamespace
from typing import Any, Self

from agents import Usage
from hypothesis import strategies as st
from openai.types.responses.response_usage import (
    InputTokensDetails,
    InputTokensDetailsCacheWriteTokensDetails,
    OutputTokensDetails,
)


@dataclass(frozen=True)
class Request:
    """One request of a run to a model."""

    input_tokens: int
    cached_tokens: int
    output_tokens: int
    reasoning_tokens: int
    response_id: str

    def usage(self) -> Usage:
        """The request as the SDK accounts for it."""
        return Usage(
            requests=1,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            total_tokens=self.input_tokens + self.output_tokens,
            input_tokens_details=InputTokensDetails(
                cached_tokens=self.cached_tokens, cache_write_tokens=0
            ),
            output_tokens_details=OutputTokensDetails(reasoning_tokens=self.reasoning_tokens),
        )


@dataclass(frozen=True)
class Run:
    """A finished run: its requests, and whether the provider details its cache writes."""

    requests: tuple[Request, ...]
    has_ids: bool = False
    has_nested_details: bool = False

    def result(self) -> Any:
        """What the SDK hands to `store_run_usage`."""
        usage = Usage()
        for request in self.requests:
            usage.add(request.usage())
        if self.has_nested_details:
            usage.input_tokens_details.cache_write_tokens_details = _NESTED
        responses = [SimpleNamespace(response_id=r.response_id) for r in self.requests]
        return SimpleNamespace(
            context_wrapper=SimpleNamespace(usage=usage),
            raw_responses=responses if self.has_ids else [],
        )

    def written(self) -> dict[str, Any]:
        """The run as JSON, for another process."""
        return {"run": asdict(self)}

    @staticmethod
    def is_written(value: Any) -> bool:
        """Whether a value is a run as `written` has it; no argument of a session is like it."""
        return isinstance(value, dict) and set(value) == {"run"}

    @classmethod
    def read(cls, value: dict[str, Any]) -> Self:
        """The run that was written."""
        fields = value["run"]
        return cls(**fields | {"requests": tuple(Request(**r) for r in fields["requests"])})

    def row(self) -> dict[str, Any]:
        """What the run alone comes to."""
        count = {name: sum(getattr(r, name) for r in self.requests) for name in _COUNTS}
        writes = _NESTED.model_dump() if self.has_nested_details else None
        return {
            "requests": len(self.requests),
            "input_tokens": count["input_tokens"],
            "output_tokens": count["output_tokens"],
            "total_tokens": count["input_tokens"] + count["output_tokens"],
            "input_tokens_details": {
                "cached_tokens": count["cached_tokens"],
                "cache_write_tokens": 0,
                "cache_write_tokens_details": writes,
            },
            "output_tokens_details": {"reasoning_tokens": count["reasoning_tokens"]},
        }

    def after(self, earlier: "Run") -> "Run":
        """The run that began with an earlier one, as it is after a resumption."""
        return replace(self, requests=earlier.requests + self.requests)

    def begins(self, later: "Run") -> bool:
        """Whether `later` is this run, gone on with: its requests begin with these."""
        begun = later.requests[: len(self.requests)]
        ids_count = self.has_ids and later.has_ids
        return bool(begun) and [_key(r, ids_count) for r in self.requests] == [
            _key(r, ids_count) for r in begun
        ]


_COUNTS = ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")
_NESTED = InputTokensDetailsCacheWriteTokensDetails(ttl_12h_tokens=3, ttl_30m_tokens=4)


def _key(request: Request, ids_count: bool) -> tuple[int, int, str | None]:
    name = request.response_id if ids_count else None
    return request.input_tokens, request.output_tokens, name


def billed(runs: Sequence[Run]) -> dict[str, Any]:
    """What the runs of one turn come to: all of them, one that was gone on with once."""
    distinct: list[Run] = []
    for run in runs:
        begun = next((at for at, earlier in enumerate(distinct) if earlier.begins(run)), None)
        if begun is None:
            distinct.append(run)
        else:
            distinct[begun] = run
    total: Any = None
    for run in distinct:
        total = _added(total, run.row())
    return total


def _added(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: _added(one[key], other[key]) for key in one}
    if one is None or other is None:
        return other if one is None else one
    return one + other


_requests = st.builds(
    Request,
    input_tokens=st.integers(1, 900),
    cached_tokens=st.integers(0, 9),
    output_tokens=st.integers(0, 90),
    reasoning_tokens=st.integers(0, 9),
    response_id=st.uuids().map(str),
)
request_lists = st.lists(_requests, max_size=3).map(tuple)
runs = st.builds(
    Run,
    requests=request_lists,
    has_ids=st.booleans(),
    has_nested_details=st.sampled_from([False, False, True]),
)
