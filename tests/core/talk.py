"""Items, runs and models that the tests of the core make conversations of."""

from types import SimpleNamespace
from typing import Any

from agents import Agent, Usage
from agents.testing import ScriptedModel, assistant_message

from convo import RunRecord


def user(text: Any) -> dict[str, Any]:
    return {"role": "user", "content": text}


def assistant(text: str) -> dict[str, Any]:
    return {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": text}],
    }


def call(name: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "function_call",
        "call_id": f"c-{name}",
        "name": name,
        "arguments": "{}",
        **more,
    }


def output(name: str) -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": f"c-{name}", "output": "done"}


def turn(question: str) -> list[dict[str, Any]]:
    """One whole turn: a question and its answer."""
    return [user(question), assistant(f"About {question}")]


def texts(items: list[Any]) -> list[str]:
    """What items say, for short comparisons."""
    return [
        item["content"] if isinstance(item["content"], str) else item["content"][0]["text"]
        for item in items
    ]


def run(total: int = 15, *, entries: list[dict[str, Any]] | None = None) -> RunRecord:
    """A run of `total` tokens, a third of them in the answer."""
    answered = total // 3
    return RunRecord(
        model="m",
        requests=len(entries) if entries else 1,
        input_tokens=total - answered,
        output_tokens=answered,
        total_tokens=total,
        input_details={"cached_tokens": 1},
        output_details={"reasoning_tokens": 2},
        request_entries=entries or [],
    )


def result(*totals: int) -> Any:
    """A finished run, as the SDK hands it over: one request for each total."""
    usage = Usage()
    for total in totals:
        usage.add(Usage(requests=1, input_tokens=total - 5, output_tokens=5, total_tokens=total))
    return SimpleNamespace(context_wrapper=SimpleNamespace(usage=usage), raw_responses=[])


def scripted_agent(*answers: str) -> Agent:
    """An agent that gives these answers in turn, at 10 input and 5 output tokens each."""
    model = ScriptedModel([[assistant_message(answer)] for answer in answers])
    model.set_default_usage(Usage(requests=1, input_tokens=10, output_tokens=5, total_tokens=15))
    return Agent(name="Assistant", instructions="Reply very concisely.", model=model)
