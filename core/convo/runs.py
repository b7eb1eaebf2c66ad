"""Which turn each run of the SDK writes to, and what it cost.

The SDK hands its run context to every session method that takes a `wrapper`, and the finished
run's result carries the same context. So a run's items and its usage find the run's own turn
even where several runs share a session.
"""

import weakref
from typing import TYPE_CHECKING, Any

from convo.history import TurnRef
from convo.records import RunRecord

if TYPE_CHECKING:
    from agents import Usage

_SIMPLE = (str, int, float, bool, type(None))


class RunTurns:
    """Remembers, for as long as a run's context lives, the turn that the run wrote last."""

    def __init__(self) -> None:
        self._turns: dict[int, tuple[weakref.ref[Any], TurnRef]] = {}

    def note(self, context: object | None, turn: TurnRef) -> None:
        """Remember the turn of the run with this context; without one there is nothing to do."""
        if context is None:
            return
        key = id(context)
        self._turns[key] = (weakref.ref(context, lambda _: self._turns.pop(key, None)), turn)

    def get(self, context: object | None) -> TurnRef | None:
        """The turn that the run with this context wrote last, if it has written any."""
        held = self._turns.get(id(context))
        return held[1] if held and held[0]() is context else None


def run_record(result: Any) -> RunRecord:
    """What a finished run of the SDK cost, in plain values; 0 where it does not say.

    `result` is a `RunResult`, or a `RunResultStreaming` that has been read to its end.
    """
    usage: Usage = result.context_wrapper.usage
    responses = list(getattr(result, "raw_responses", None) or [])
    return RunRecord(
        model=None,
        requests=usage.requests or 0,
        input_tokens=usage.input_tokens or 0,
        output_tokens=usage.output_tokens or 0,
        total_tokens=usage.total_tokens or 0,
        input_details=plain(usage.input_tokens_details),
        output_details=plain(usage.output_tokens_details),
        request_entries=_request_entries(usage, responses),
    )


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


def _request_entries(usage: Any, responses: list[Any]) -> list[dict[str, Any]]:
    entries = [
        {
            "input_tokens": entry.input_tokens or 0,
            "output_tokens": entry.output_tokens or 0,
            "total_tokens": entry.total_tokens or 0,
        }
        for entry in getattr(usage, "request_usage_entries", None) or []
    ]
    if len(entries) == len(responses):
        # The ids tell two runs apart that cost the same.
        for entry, response in zip(entries, responses, strict=True):
            if response_id := getattr(response, "response_id", None):
                entry["response_id"] = response_id
    return entries
