"""Normalises a streamed chat completion, chunk by chunk, to the form that OpenAI uses."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from convo_cli.wire.chat_answers import (
    as_arguments,
    as_name,
    chunks_of,
    end_reason,
    plain_content,
    said_in,
    sound_logprobs,
    usage_of,
    whole_answer,
)
from convo_cli.wire.thinking import Said, Thinking
from convo_cli.wire.tokens import counted, estimate

JsonObject = dict[str, Any]

_NAMES = {"thought": "reasoning_content", "answered": "content"}


class ChatStream:
    """Normalises the chunks of one answer.

    Reasoning is separated from the answer, every call gets an index of its own, a complete answer
    gets a finish reason, and one without usage gets an estimate.
    """

    def __init__(self, request: Mapping[str, Any]) -> None:
        self._request = request
        self._calls = _Calls()
        self._thinking = Thinking()
        self._said: JsonObject = {}
        self._head: JsonObject = {}
        self.is_finished = self._is_counted = self._counted_last = False
        self.is_estimated = False

    def mended(self, chunk: JsonObject) -> Iterator[JsonObject]:
        """The normalised chunks that replace one chunk."""
        self._head = {name: chunk[name] for name in ("id", "created", "model") if name in chunk}
        usage = counted(usage_of(chunk), "chat")
        self._is_counted = self._is_counted or usage is not None
        choices = chunk.get("choices")
        choices = choices if isinstance(choices, list) else []
        self._counted_last = usage is not None and not choices
        first = next((one for one in choices if _is_first(one)), None)
        if first is None:
            yield {**chunk, "choices": [], "usage": usage}
            return
        delta = first.get("delta") or first.get("message") or {}
        deltas = list(self._deltas(delta)) if isinstance(delta, Mapping) else []
        reason = first.get("finish_reason") or None
        if reason:
            self.is_finished = True
            deltas += self._waiting()
        rest = {name: value for name, value in first.items() if name not in ("delta", "message")}
        if "logprobs" in rest:
            rest["logprobs"] = sound_logprobs(rest["logprobs"])
        for at, made in enumerate(deltas or [{}]):
            is_last = at == max(len(deltas), 1) - 1
            choice = {**rest, "index": 0, "delta": made}
            choice["finish_reason"] = reason if is_last else None
            yield {**chunk, "choices": [choice], "usage": usage if is_last else None}

    def ended(self, *, is_done: bool) -> Iterator[JsonObject]:
        """The chunks that are missing at the end; `is_done` if the server marked the end."""
        for delta in self._waiting():
            yield self._chunk(delta, None)
        reason = end_reason(self._said)
        if reason and not self.is_finished and (is_done or self._counted_last):
            self.is_finished = True
            yield self._chunk({}, reason)
        if self.is_finished and not self._is_counted:
            self.is_estimated = True
            usage = estimate(self._request, said_in(self._said), "chat")
            empty: list[JsonObject] = []
            kind = "chat.completion.chunk"
            yield {**self._head, "object": kind, "choices": empty, "usage": usage}

    def whole(self, body: JsonObject) -> Iterator[JsonObject]:
        """The chunks of an answer that the server did not stream although it was asked to."""
        answer, self.is_estimated = whole_answer(body, self._request)
        choices = answer.get("choices")
        first = choices[0] if isinstance(choices, list) and choices else None
        if isinstance(first, Mapping) and isinstance(first.get("message"), Mapping):
            yield from chunks_of(answer)

    def _chunk(self, delta: JsonObject, reason: str | None) -> JsonObject:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return {**self._head, "object": "chat.completion.chunk", "choices": [choice]}

    def _deltas(self, given: Mapping[str, Any]) -> Iterator[JsonObject]:
        delta = plain_content(dict(given))
        if isinstance(calls := delta.get("tool_calls"), list):
            delta["tool_calls"] = [made for call in calls if (made := self._calls.told(call))]
            self._said["tool_calls"] = self._calls.whole
        content = delta.get("content")
        if isinstance(content, str):
            said = self._thinking.read(content)
            delta.pop("content")
            yield from self._noted({**delta, **(_named(said[0]) if said else {})})
            for one in said[1:]:
                yield from self._noted(_named(one))
        else:
            yield from self._noted(delta)

    def _waiting(self) -> list[JsonObject]:
        return [delta for one in self._thinking.rest() for delta in self._noted(_named(one))]

    def _noted(self, delta: JsonObject) -> Iterator[JsonObject]:
        for name in ("reasoning_content", "reasoning", "content", "refusal"):
            if isinstance(delta.get(name), str):
                self._said[name] = self._said.get(name, "") + delta[name]
        yield delta


def completion(chunks: list[JsonObject]) -> JsonObject | None:
    """The completion made of normalised chunks; None if they have no finish reason."""
    message: JsonObject = {"role": "assistant", "content": None}
    calls: dict[int, JsonObject] = {}
    reason = usage = None
    for chunk in chunks:
        usage = chunk.get("usage") or usage
        for choice in chunk.get("choices") or ():
            reason = choice.get("finish_reason") or reason
            delta = choice["delta"]
            for name in ("reasoning_content", "reasoning", "content", "refusal"):
                if isinstance(delta.get(name), str):
                    message[name] = (message.get(name) or "") + delta[name]
            for call in delta.get("tool_calls") or ():
                _add(calls.setdefault(call["index"], {"function": {"arguments": ""}}), call)
    if reason is None:
        return None
    if calls:
        message["tool_calls"] = [calls[at] for at in sorted(calls)]
    choice = {"index": 0, "message": message, "finish_reason": reason}
    head = {name: chunks[0].get(name) for name in ("id", "created", "model")}
    return {**head, "object": "chat.completion", "choices": [choice], "usage": usage}


def _add(call: JsonObject, piece: Mapping[str, Any]) -> None:
    function = piece["function"]
    arguments = call["function"]["arguments"] + (function.get("arguments") or "")
    name = call["function"].get("name") or function.get("name")
    call["function"] = {"name": name, "arguments": arguments}
    call["type"], call["id"] = "function", call.get("id") or piece.get("id")


def _is_first(choice: Any) -> bool:
    return isinstance(choice, Mapping) and choice.get("index") in (0, None)


def _named(said: Said) -> JsonObject:
    return {_NAMES[said.kind]: said.text}


class _Calls:
    """Tells the calls of one answer apart: by index, by id, or by the name that begins a call."""

    def __init__(self) -> None:
        self._given: list[tuple[Any, Any]] = []
        self._custom: list[Any] = []
        """The indexes of calls other than of functions, which are left out."""
        self.whole: list[JsonObject] = []

    def told(self, call: Any) -> JsonObject | None:
        """The piece of a call, with the index of its call."""
        if not isinstance(call, Mapping) or not isinstance(call.get("function") or {}, Mapping):
            return None
        if call.get("type") == "custom":
            self._custom.append(call.get("index"))
            return None
        if call.get("type", "function") not in ("function", None, ""):
            return dict(call)
        function = call.get("function") or {}
        if call.get("index") is not None and call["index"] in self._custom and not function:
            return None
        given = as_name(function.get("name")) or None
        number = self._number(call.get("index"), call.get("id"), given)
        if number == len(self.whole):
            self._given.append((call.get("index"), call.get("id")))
            self.whole.append({"function": {}})
        arguments = as_arguments(function.get("arguments"))
        mine = self.whole[number]["function"]
        name = None if mine.get("name") else given
        mine["name"] = mine.get("name") or name
        mine["arguments"] = mine.get("arguments", "") + arguments
        made = {**call, "index": number, "type": "function"}
        made["function"] = {**function, "name": name, "arguments": arguments}
        return made

    def _number(self, index: Any, own: Any, name: Any) -> int:
        """The index of the call that a piece belongs to; a new one if the piece begins a call."""
        new = len(self.whole)
        if index is None:
            at = next((at for at in range(new) if own and self._given[at][1] == own), None)
            if at is not None:
                return at
            return new if new == 0 or own or (name and self._has_name(new - 1)) else new - 1
        at = next((at for at in reversed(range(new)) if self._given[at][0] == index), None)
        if at is None:
            return new
        other = own and self._given[at][1] and own != self._given[at][1]
        # Some servers give every call the same index: a name then begins another call.
        return new if name and (other or (not own and self._is_complete(at))) else at

    def _has_name(self, at: int) -> bool:
        return bool(self.whole[at]["function"].get("name"))

    def _is_complete(self, at: int) -> bool:
        try:
            return isinstance(json.loads(self.whole[at]["function"].get("arguments", "")), dict)
        except ValueError:
            return False
