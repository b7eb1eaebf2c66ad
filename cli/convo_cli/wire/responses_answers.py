"""Normalises answers of the Responses API of any server to the form that OpenAI uses."""

from collections.abc import Iterator, Mapping
from typing import Any

from convo_cli.wire.chat_answers import as_arguments, as_name
from convo_cli.wire.thinking import Said, Thinking, parted
from convo_cli.wire.tokens import counted, estimate

JsonObject = dict[str, Any]

_ENDS = ("response.completed", "response.incomplete", "response.failed")
_TEXT = "response.output_text.delta"
_DELTAS = (_TEXT, "response.reasoning_text.delta", "response.reasoning_summary_text.delta")


class ResponsesAnswer:
    """Normalises one response, as a whole or event by event."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        self._request = request
        self._thinking: dict[Any, Thinking] = {}
        self._done: dict[int, JsonObject] = {}
        self._begun: JsonObject | None = None
        self.is_estimated = self.is_whole = False

    def whole(self, body: JsonObject) -> JsonObject:
        """A response that was not streamed, normalised."""
        output = body.get("output")
        if not isinstance(output, list):
            return body
        items = [made for item in output if isinstance(item, dict) for made in _items(item)]
        usage = counted(body.get("usage"), "responses")
        self.is_estimated = usage is None
        told = usage or estimate(self._request, said_in(items), "responses")
        own = {} if isinstance(body.get("id"), str | None) else {"id": str(body["id"])}
        return {**body, **own, "output": items, "usage": told}

    def events_of(self, body: JsonObject) -> Iterator[JsonObject]:
        """The events of a response that the server did not stream although it was asked to."""
        output = body.get("output")
        if not isinstance(output, list) or not all(isinstance(item, dict) for item in output):
            return
        response = self.whole(body)
        for at, item in enumerate(response["output"]):
            yield {"type": "response.output_item.added", "output_index": at, "item": item}
            for number, part in enumerate(_parts(item)):
                if isinstance(part.get("text"), str):
                    where = {"item_id": item.get("id"), "output_index": at, "content_index": number}
                    kind = "response.output_text.delta"
                    yield {"type": kind, **where, "delta": part["text"], "logprobs": []}
            yield {"type": "response.output_item.done", "output_index": at, "item": item}
        status = response.get("status")
        ended = status if status in ("incomplete", "failed") else "completed"
        yield {"type": f"response.{ended}", "response": {**response, "status": ended}}

    def mended(self, event: JsonObject) -> Iterator[JsonObject]:
        """The normalised events that replace one event."""
        kind, response, item = event.get("type"), event.get("response"), event.get("item")
        if kind in _DELTAS:
            if isinstance(event.get("delta"), str):
                yield from self._deltas(event) if kind == _TEXT else (event,)
        elif kind in _ENDS:
            if isinstance(response, Mapping):
                self._begun, self.is_whole = None, True
                yield from self._waiting()
                yield {**event, "response": self._ended(dict(response), str(kind))}
        elif kind in ("response.output_item.added", "response.output_item.done"):
            if isinstance(item, dict):
                at = event.get("output_index")
                at = at if isinstance(at, int) else len(self._done)
                # Reasoning within a text becomes an item of its own only in the whole response.
                *_, item = _items(item)
                if kind == "response.output_item.done":
                    self._done[at] = item
                yield {**event, "item": item}
        else:
            if kind == "response.created" and isinstance(response, dict):
                self._begun = response
            yield event

    def ended(self) -> Iterator[JsonObject]:
        """The final event if the server left it out although all items are complete."""
        if self._begun is not None and self._done:
            response = {**self._begun, "status": "completed"}
            yield from self.mended({"type": "response.completed", "response": response})

    def _ended(self, response: JsonObject, kind: str) -> JsonObject:
        if kind == "response.failed":
            return response
        if not response.get("output") and self._done:
            response["output"] = [self._done[at] for at in sorted(self._done)]
        return self.whole(response)

    def _deltas(self, event: JsonObject) -> Iterator[JsonObject]:
        where = tuple(_place(event.get(name)) for name in ("output_index", "content_index"))
        for said in self._thinking.setdefault(where, Thinking()).read(event["delta"]):
            yield _delta(event, said)

    def _waiting(self) -> Iterator[JsonObject]:
        for (output, content), thinking in self._thinking.items():
            where = {"item_id": "", "output_index": output, "content_index": content}
            for said in thinking.rest():
                yield _delta({**where, "logprobs": []}, said)


def response(events: list[JsonObject]) -> JsonObject | None:
    """The response in the last event of a stream; None if there is none."""
    ended = (one.get("response") for one in reversed(events) if one.get("type") in _ENDS)
    return next((found for found in ended if isinstance(found, dict)), None)


def _place(index: Any) -> int | None:
    return index if isinstance(index, int) else None


def _items(item: JsonObject) -> Iterator[JsonObject]:
    """The items that replace one: a message with reasoning in it becomes two items."""
    kind = item.get("type")
    if kind == "function_call":
        arguments = as_arguments(item.get("arguments"))
        yield {**item, "name": as_name(item.get("name")), "arguments": arguments}
        return
    if kind == "reasoning":
        yield _with_texts(_with_texts(item, "summary", "summary_text"), "content", "reasoning_text")
        return
    thoughts: list[str] = []
    if kind == "message":
        parts = [_part(part, thoughts) for part in _parts(item)]
        item = {**item, "content": parts}
    if any(thoughts):
        yield _reasoning(item, "\n\n".join(thoughts))
        if not any(part.get("text") or part.get("refusal") for part in item["content"]):
            return
    yield item


def _parts(item: Mapping[str, Any]) -> list[JsonObject]:
    content = item.get("content")
    if isinstance(content, str):
        return [{"type": "output_text", "text": content, "annotations": []}]
    parts = content if isinstance(content, list) else []
    return [part for part in parts if isinstance(part, dict)]


def _with_texts(item: JsonObject, name: str, kind: str) -> JsonObject:
    """The reasoning with all texts of one field in parts of this kind."""
    given = item.get(name)
    if given is None:
        return item
    parts = given if isinstance(given, list) else [given]
    made = [{"type": kind, "text": one} if isinstance(one, str) else one for one in parts]
    return {**item, name: [one for one in made if _is_text(one)]}


def _is_text(part: Any) -> bool:
    return isinstance(part, Mapping) and isinstance(part.get("text"), str)


def _part(part: JsonObject, thoughts: list[str]) -> JsonObject:
    if part.get("type") == "text":
        # Some servers use the name that chat completions have for it.
        part = {**part, "type": "output_text"}
    if part.get("type") != "output_text":
        return part
    if not isinstance(part.get("text"), str):
        return {**part, "text": ""}
    thought, answered = parted(part["text"])
    if answered == part["text"]:
        return part
    thoughts.append(thought)
    return {**part, "text": answered}


def _reasoning(message: JsonObject, thought: str) -> JsonObject:
    """A reasoning item with the placeholder id that marks reasoning of other servers."""
    summary = [{"type": "summary_text", "text": thought}]
    own = f"rs_{message.get('id') or 'think'}"
    return {"type": "reasoning", "id": own, "summary": summary, "provider_data": {"tag": "think"}}


def _delta(event: JsonObject, said: Said) -> JsonObject:
    if said.kind == "answered":
        return {**event, "type": "response.output_text.delta", "delta": said.text}
    return {**event, "type": "response.reasoning_text.delta", "delta": said.text}


def said_in(items: list[Any]) -> str:
    """All text that a model wrote in its items."""
    texts: list[Any] = []
    for item in items:
        if isinstance(item, Mapping):
            texts += [item.get("name"), item.get("arguments")]
            texts += [part.get("text") for part in _parts(item)]
    return "".join(text for text in texts if isinstance(text, str))
