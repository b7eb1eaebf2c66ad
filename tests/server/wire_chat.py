"""The wire format of `POST /v1/chat/completions`, plain and streamed."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tests.server.received import Request
from tests.server.steps import Answer, Failed, ToolCall, Usage
from tests.server.strict.memory import Memory
from tests.server.wire import Frame, JsonObject, call_ids, dumps, new_id


class ChatWire:
    """Chat completions. Reasoning goes where DeepSeek and vLLM put it: `reasoning_content`."""

    def __init__(self, request: Request, memory: Memory | None = None) -> None:
        self._head = {
            "id": new_id("chatcmpl").replace("_", "-"),
            "created": int(time.time()),
            "model": request.model,
        }
        options = request.data.get("stream_options") or {}
        self._include_usage = options.get("include_usage") is True

    def body(self, answer: Answer) -> JsonObject:
        message: JsonObject = {
            "role": "assistant",
            "content": answer.full_text or None,
            "refusal": answer.refusal or None,
        }
        if answer.reasoning:
            message["reasoning_content"] = answer.reasoning
        if answer.calls:
            message["tool_calls"] = [
                _call(call, call_id, call.json)
                for call, call_id in zip(answer.calls, call_ids(answer), strict=True)
            ]
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": _finish_reason(answer),
        }
        body = {**self._head, "object": "chat.completion", "choices": [choice]}
        return body if answer.usage is None else {**body, "usage": _usage(answer.usage)}

    def frames(self, answer: Answer) -> Iterator[Frame]:
        yield self._choice({"role": "assistant", "content": "", "refusal": None})
        for piece in answer.pieces(answer.reasoning):
            yield self._choice({"reasoning_content": piece}, is_delta=True)
        for piece in answer.text_pieces():
            yield self._choice({"content": piece}, is_delta=True)
        for piece in answer.pieces(answer.refusal):
            yield self._choice({"refusal": piece}, is_delta=True)
        for at, (call, call_id) in enumerate(zip(answer.calls, call_ids(answer), strict=True)):
            yield self._choice({"tool_calls": [{"index": at, **_call(call, call_id, "")}]})
            for piece in answer.pieces(call.json):
                delta = {"index": at, "function": {"arguments": piece}}
                yield self._choice({"tool_calls": [delta]}, is_delta=True)
        yield self._choice({}, finish_reason=_finish_reason(answer))
        if self._include_usage and answer.usage is not None:
            yield self._chunk([], _usage(answer.usage))
        yield Frame("[DONE]")

    def failed_frames(self, failed: Failed) -> Iterator[Frame]:
        yield Frame(dumps(_error(failed)))

    def failed_body(self, failed: Failed) -> tuple[int, JsonObject]:
        """Aggregators answer 200 and put the failure of the model behind them into the body."""
        return (200 if failed.how == "failed" else 500), _error(failed)

    def _choice(
        self, delta: JsonObject, *, finish_reason: str | None = None, is_delta: bool = False
    ) -> Frame:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return self._chunk([choice], None, is_delta=is_delta)

    def _chunk(
        self, choices: list[JsonObject], usage: JsonObject | None, *, is_delta: bool = False
    ) -> Frame:
        chunk = {**self._head, "object": "chat.completion.chunk", "choices": choices}
        if self._include_usage:
            chunk["usage"] = usage
        return Frame(dumps(chunk), is_delta=is_delta)


def _call(call: ToolCall, call_id: str, arguments: str) -> JsonObject:
    function = {"name": call.name, "arguments": arguments}
    return {"id": call_id, "type": "function", "function": function}


def _error(failed: Failed) -> JsonObject:
    return {"error": {"message": failed.message, "type": failed.code, "code": failed.code}}


def _finish_reason(answer: Answer) -> str:
    if answer.finish == "stop" and answer.calls:
        return "tool_calls"
    return answer.finish


def _usage(usage: Usage) -> JsonObject:
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.total,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning, "audio_tokens": 0},
    }
