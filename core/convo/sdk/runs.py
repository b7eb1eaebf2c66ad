"""The branch, turn and usage of each run of the SDK.

The SDK hands its run context to every session method that takes a `wrapper`; the run's result and
its hooks carry the same usage object. So a run's items and its usage find the run's own turn even
if several runs share a session, or the session has moved to another branch.
"""

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from convo.records import TurnRef
from convo.sdk.file import CurrentBranch
from convo.usage_records import RunRecord

if TYPE_CHECKING:
    from agents import Usage

T = TypeVar("T")

_SIMPLE = (str, int, float, bool, type(None))


class Asked:
    """Where a run was asked: the branch that it first read, and the turn that it wrote last.

    `generation` is the session's generation when the run wrote that turn.
    """

    __slots__ = ("generation", "read_at", "turn")

    def __init__(self) -> None:
        self.read_at: CurrentBranch | None = None
        self.turn: TurnRef | None = None
        self.generation: int | None = None


class Trace:
    """Where a run's usage is stored: its turn, and its row in the ledger."""

    __slots__ = ("run_id", "turn")

    def __init__(self) -> None:
        self.turn: TurnRef | None = None
        self.run_id: int | None = None


class ByRun(Generic[T]):
    """A value for each run, kept for as long as an object of the run lives.

    That object is the run's usage, which it shares with agents that it calls as tools, unless
    `known_by` returns another object for a context.
    """

    def __init__(
        self,
        make: Callable[[], T],
        known_by: Callable[[Any], Any] = lambda context: getattr(context, "usage", None),
    ) -> None:
        self._make = make
        self._known_by = known_by
        self._held: dict[int, tuple[weakref.ref[Any], T]] = {}

    def of(self, context: Any) -> T:
        """The value for the run with this context; a new one if there is no context."""
        run = self._known_by(context)
        if run is None or not type(run).__weakrefoffset__:
            # Nothing is kept for substitutes of the SDK's objects without weak references.
            return self._make()
        key = id(run)
        held = self._held.get(key)
        if held is None or held[0]() is not run:
            # Python reuses the id of a deleted object: compare the reference too.
            held = weakref.ref(run, lambda _: self._held.pop(key, None)), self._make()
            self._held[key] = held
        return held[1]


def result_record(result: Any) -> RunRecord:
    """The usage of a run of the SDK, from its result or, if it failed, from its error details."""
    status = "completed"
    if getattr(result, "interruptions", None):
        status = "interrupted"
    elif not hasattr(result, "final_output"):
        status = "failed"
    responses = getattr(result, "raw_responses", None) or []
    return usage_record(
        result.context_wrapper.usage,
        [getattr(response, "response_id", None) for response in responses],
        model=model_name(getattr(result, "last_agent", None)),
        status=status,
    )


def usage_record(
    usage: "Usage",
    response_ids: list[str | None],
    *,
    model: str | None,
    status: str,
    started_at: str | None = None,
    duration_s: float | None = None,
) -> RunRecord:
    """A usage object of the SDK as plain values; missing counts are 0."""
    return RunRecord(
        model=model,
        requests=usage.requests or 0,
        input_tokens=usage.input_tokens or 0,
        output_tokens=usage.output_tokens or 0,
        total_tokens=usage.total_tokens or 0,
        input_details=plain(usage.input_tokens_details),
        output_details=plain(usage.output_tokens_details),
        request_entries=_request_entries(usage, response_ids),
        status=status,
        started_at=started_at,
        duration_s=duration_s,
    )


def model_name(agent: Any) -> str | None:
    """The name of an agent's model; None if the agent leaves that to the runner."""
    model = getattr(agent, "model", None)
    name = model if isinstance(model, str) else getattr(model, "model", None)
    return name if isinstance(name, str) else None


def plain(value: Any) -> Any:
    """A details object of any provider as dicts, lists and simple values, nested ones included."""
    if isinstance(value, _SIMPLE):
        return value
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(entry) for entry in value]
    dump = getattr(value, "model_dump", None)
    fields = dump() if callable(dump) else getattr(value, "__dict__", None)
    return plain(fields) if isinstance(fields, dict) else str(value)


def _request_entries(usage: Any, response_ids: list[str | None]) -> list[dict[str, Any]]:
    entries = [
        {
            "input_tokens": entry.input_tokens or 0,
            "output_tokens": entry.output_tokens or 0,
            "total_tokens": entry.total_tokens or 0,
        }
        for entry in getattr(usage, "request_usage_entries", None) or []
    ]
    if len(entries) == len(response_ids):
        # The ids distinguish two runs with the same usage.
        for entry, response_id in zip(entries, response_ids, strict=True):
            if response_id:
                entry["response_id"] = response_id
    return entries
