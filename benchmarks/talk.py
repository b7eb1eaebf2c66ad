"""The turns that every subject stores: 4 items of about 1.5 kB together, and what they cost."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

ITEMS = 4
"""Rows of a turn: the question, a call of a tool, what the tool said, the answer."""

TWO_LETTERS = "f7"
"""Two letters of the tokens of a few turns, in no other word of a prompt."""

COMMON_WORD = "weather"
"""A word of every prompt."""

_OUTPUT = " ".join(f"{hour:02}:00 {12 + hour % 7}C wind {hour % 9} m/s;" for hour in range(24))
_ANSWER = (
    "The night stays clear until about four, then clouds come in from the west. Take a coat: it "
    "will feel colder than the thermometer says, because the wind picks up along the river. "
    "Trains run as planned, and the bridge is open again since this morning. "
) * 2


def items(turn: str, token: str) -> list[dict[str, Any]]:
    """The items of a turn. Only its user message, which a search looks through, has `token`."""
    call_id = f"call_{turn}"
    arguments = f'{{"place": "station {turn}", "hours": 24, "units": "metric"}}'
    answer = {"type": "output_text", "text": f"{turn}. {_ANSWER}", "annotations": []}
    return [
        {
            "role": "user",
            "content": f"Turn {turn}: what is the weather like tonight on the way to platform "
            f"{token}, and do I need a coat for the walk from there?",
        },
        {
            "type": "function_call",
            "call_id": call_id,
            "name": "get_weather",
            "arguments": arguments,
            "id": f"fc_{turn}",
            "status": "completed",
        },
        {"type": "function_call_output", "call_id": call_id, "output": _OUTPUT},
        {
            "type": "message",
            "role": "assistant",
            "id": f"msg_{turn}",
            "status": "completed",
            "content": [answer],
        },
    ]


def token_of(turn: int) -> str:
    """A word that no other turn has; the bulk SQL of `databases.py` makes the same."""
    return f"{turn * 2654435761 % 2**32:08x}"


def result() -> Any:
    """A finished run, as far as `store_run_usage` looks at one. Needs the SDK."""
    from agents import Usage
    from openai.types.responses.response_usage import InputTokensDetails, OutputTokensDetails

    usage = Usage()
    usage.add(
        Usage(
            requests=1,
            input_tokens=1200,
            input_tokens_details=InputTokensDetails(cached_tokens=800, cache_write_tokens=0),
            output_tokens=300,
            output_tokens_details=OutputTokensDetails(reasoning_tokens=100),
            total_tokens=1500,
        )
    )
    return SimpleNamespace(
        context_wrapper=SimpleNamespace(usage=usage),
        raw_responses=[SimpleNamespace(response_id="resp_1")],
        final_output="done",
        last_agent=None,
        interruptions=[],
    )
