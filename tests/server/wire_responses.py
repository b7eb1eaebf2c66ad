"""The wire format of `POST /v1/responses`, plain and streamed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import count

from tests.server.received import Request
from tests.server.steps import Answer, Failed, Usage
from tests.server.strict.memory import Memory
from tests.server.strict.responses import encrypted_content
from tests.server.wire import Frame, JsonObject, call_ids, dumps, new_id

_ECHOED: JsonObject = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "store": True,
    "temperature": 1.0,
    "tool_choice": "auto",
    "tools": [],
    "top_p": 1.0,
    "truncation": "disabled",
}
_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}


class ResponsesWire:
    """Responses: an answer is a list of output items, each streamed from added to done."""

    def __init__(self, request: Request, memory: Memory | None = None) -> None:
        self._request = request
        self._memory = memory
        self._head: JsonObject = {
            "id": new_id("resp"),
            "object": "response",
            "created_at": int(time.time()),
            "model": request.model,
            **{name: request.data.get(name, usual) for name, usual in _ECHOED.items()},
        }
        self._numbers = count()

    def body(self, answer: Answer) -> JsonObject:
        return self._response(answer, self._output(answer))

    def frames(self, answer: Answer) -> Iterator[Frame]:
        started = self._started()
        yield self._frame("response.created", response=started)
        yield self._frame("response.in_progress", response=started)
        output = self._output(answer)
        for at, item in enumerate(output):
            yield from self._item(answer, item, at)
        response = self._response(answer, output)
        yield self._frame(f"response.{response['status']}", response=response)

    def _output(self, answer: Answer) -> list[JsonObject]:
        output = _output(answer)
        if "reasoning.encrypted_content" in (self._request.data.get("include") or ()):
            for item in output:
                if item["type"] == "reasoning":
                    item["encrypted_content"] = encrypted_content(item["id"])
        if self._memory is not None and self._request.data.get("store") is not False:
            self._memory.keep(output)
        return output

    def failed_frames(self, failed: Failed) -> Iterator[Frame]:
        if failed.how == "failed":
            yield self._frame("response.failed", response=self._failure(failed))
        else:
            yield self._frame("error", code=failed.code, message=failed.message, param=None)

    def failed_body(self, failed: Failed) -> tuple[int, JsonObject]:
        if failed.how == "failed":
            return 200, self._failure(failed)
        error = {"message": failed.message, "type": failed.code, "code": failed.code}
        return 500, {"error": error}

    def _started(self) -> JsonObject:
        unfinished: JsonObject = {
            "error": None,
            "incomplete_details": None,
            "output": [],
            "usage": None,
        }
        return {**self._head, "status": "in_progress", **unfinished}

    def _failure(self, failed: Failed) -> JsonObject:
        error = {"code": failed.code, "message": failed.message}
        return {**self._started(), "status": "failed", "error": error}

    def _response(self, answer: Answer, output: list[JsonObject]) -> JsonObject:
        reason = _INCOMPLETE.get(answer.finish)
        return {
            **self._head,
            "status": "incomplete" if reason else "completed",
            "error": None,
            "incomplete_details": {"reason": reason} if reason else None,
            "output": output,
            "usage": None if answer.usage is None else _usage(answer.usage),
        }

    def _item(self, answer: Answer, item: JsonObject, at: int) -> Iterator[Frame]:
        where = {"item_id": item["id"], "output_index": at}
        empty: JsonObject
        if item["type"] == "reasoning":
            empty, pieces = {"summary": []}, answer.pieces(answer.reasoning)
            content = self._summary(where, pieces)
        elif item["type"] == "function_call":
            empty, pieces = {"arguments": ""}, answer.pieces(item["arguments"])
            content = self._arguments(where, pieces)
        else:
            empty = {"content": []}
            content = self._message(where, answer, item["content"])
        added = {**item, **empty, "status": "in_progress"}
        yield self._frame("response.output_item.added", output_index=at, item=added)
        yield from content
        yield self._frame("response.output_item.done", output_index=at, item=item)

    def _summary(self, where: JsonObject, pieces: Sequence[str]) -> Iterator[Frame]:
        name, where = "response.reasoning_summary", {**where, "summary_index": 0}
        text = "".join(pieces)
        yield self._frame(f"{name}_part.added", **where, part=_summary_text(""))
        for piece in pieces:
            yield self._frame(f"{name}_text.delta", **where, delta=piece)
        yield self._frame(f"{name}_text.done", **where, text=text)
        yield self._frame(f"{name}_part.done", **where, part=_summary_text(text))

    def _arguments(self, where: JsonObject, pieces: Sequence[str]) -> Iterator[Frame]:
        name = "response.function_call_arguments"
        for piece in pieces:
            yield self._frame(f"{name}.delta", **where, delta=piece)
        yield self._frame(f"{name}.done", **where, arguments="".join(pieces))

    def _message(
        self, where: JsonObject, answer: Answer, parts: list[JsonObject]
    ) -> Iterator[Frame]:
        for index, part in enumerate(parts):
            is_text = part["type"] == "output_text"
            kind, key = ("output_text", "text") if is_text else ("refusal", "refusal")
            pieces = answer.text_pieces() if is_text else answer.pieces(answer.refusal)
            extra: JsonObject = {"logprobs": []} if is_text else {}
            here = {**where, "content_index": index}
            added, full = {**part, key: ""}, {key: part[key]}
            yield self._frame("response.content_part.added", **here, part=added)
            for piece in pieces:
                yield self._frame(f"response.{kind}.delta", **here, delta=piece, **extra)
            yield self._frame(f"response.{kind}.done", **here, **full, **extra)
            yield self._frame("response.content_part.done", **here, part=part)

    def _frame(self, kind: str, **fields: object) -> Frame:
        data = {"type": kind, "sequence_number": next(self._numbers), **fields}
        return Frame(dumps(data), kind, is_delta=kind.endswith(".delta"))


def _output(answer: Answer) -> list[JsonObject]:
    """The output items of an answer, in the order in which the API sends them."""
    status = "completed" if answer.finish == "stop" else "incomplete"
    output: list[JsonObject] = []
    if answer.reasoning:
        summary = [_summary_text(answer.reasoning)]
        output.append({"type": "reasoning", "id": new_id("rs"), "summary": summary})
    if parts := _parts(answer):
        message = {"type": "message", "id": new_id("msg"), "role": "assistant"}
        output.append({**message, "status": status, "content": parts})
    for call, call_id in zip(answer.calls, call_ids(answer), strict=True):
        function = {"type": "function_call", "id": new_id("fc"), "call_id": call_id}
        arguments = {"name": call.name, "arguments": call.json}
        output.append({**function, **arguments, "status": status})
    return output


def _parts(answer: Answer) -> list[JsonObject]:
    parts: list[JsonObject] = []
    if answer.full_text:
        text = answer.full_text
        parts.append({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
    if answer.refusal:
        parts.append({"type": "refusal", "refusal": answer.refusal})
    return parts


def _summary_text(text: str) -> JsonObject:
    return {"type": "summary_text", "text": text}


def _usage(usage: Usage) -> JsonObject:
    return {
        "input_tokens": usage.input,
        "input_tokens_details": {"cached_tokens": usage.cached, "cache_write_tokens": 0},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.total,
    }
