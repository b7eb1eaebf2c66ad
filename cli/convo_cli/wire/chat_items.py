"""Makes the items of a chat completion, the same that the Agents SDK makes.

`ChatItems` takes the normalised chunks of a stream, `items_of` a normalised completion. A test
compares both with the SDK.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from convo_cli.wire.chat import PLACEHOLDER_ID
from convo_cli.wire.kinds import Item
from convo_cli.wire.messages import REASONING_FIELD
from convo_cli.wire.thinking import Said


class ChatItems:
    """Collects the items of one streamed answer; `model` is the name that was asked for."""

    def __init__(self, model: str) -> None:
        self._origin = {"model": model}
        self._thought: Item | None = None
        self._blocks = ThinkingBlocks()
        self._is_summing_up = False
        self._message: list[Item] = []
        self._text: Item | None = None
        self._refusal: Item | None = None
        self._calls: dict[Any, Item] = {}
        self._place = 0
        """The place of the message among the items when it began."""

    def take(self, chunk: Mapping[str, Any]) -> Iterator[Said]:
        """Take the next chunk, and yield the reasoning and the text that it adds."""
        for choice in chunk.get("choices") or ():
            delta = choice.get("delta")
            if choice.get("index") != 0 or not isinstance(delta, Mapping):
                continue
            if chunk.get("id"):
                self._origin["response_id"] = chunk["id"]
            yield from self._think(delta)
            yield from self._say(delta, choice.get("logprobs"))
            self._call(delta.get("tool_calls"))

    def items(self) -> list[Item]:
        """The items of the complete answer."""
        self._blocks.put_into(self._thought)
        calls = list(self._calls.values())
        # Negative if reasoning began after the message: then all calls but the last go before it.
        at = self._place - bool(self._thought)
        message = [_message(self._message, self._origin)] if self._message else []
        thought = [self._thought] if self._thought else []
        return [*thought, *calls[:at], *message, *calls[at:]]

    def _think(self, delta: Mapping[str, Any]) -> Iterator[Said]:
        if self._blocks.take(delta.get("thinking_blocks")):
            self._begin_thought({"summary": []})["provider_data"].pop(REASONING_FIELD, None)
        summary, text = delta.get("reasoning_content"), delta.get("reasoning")
        if summary:
            thought = self._begin_thought({"summary": []})
            thought["provider_data"].pop(REASONING_FIELD, None)
            if not self._is_summing_up:
                thought["summary"].append({"text": "", "type": "summary_text"})
                self._is_summing_up = True
            thought["summary"][-1]["text"] += summary
            yield Said("thought", summary)
        if isinstance(text, str) and text:
            own = {REASONING_FIELD: "reasoning"}
            thought = self._begin_thought({"summary": [], "content": []}, own)
            parts = thought.setdefault("content", [])
            if not parts:
                parts.append({"text": "", "type": "reasoning_text"})
            parts[0]["text"] += text
            yield Said("thought", text)
        others = (delta.get("refusal"), delta.get("tool_calls"))
        if not summary and (delta.get("content") is not None or any(others)):
            self._is_summing_up = False

    def _begin_thought(self, fields: Item, origin: Item | None = None) -> Item:
        if self._thought is None:
            given = {**self._origin, **(origin or {})}
            self._thought = {"id": PLACEHOLDER_ID, "type": "reasoning", **fields}
            self._thought["provider_data"] = given
        return self._thought

    def _say(self, delta: Mapping[str, Any], logprobs: Any) -> Iterator[Said]:
        content, refusal = delta.get("content"), delta.get("refusal")
        if content is not None and (content or self._text is not None):
            if self._text is None:
                self._begin_message()
                self._text = _text("")
                self._message.append(self._text)
            self._text["text"] += content
            self._text["logprobs"] += _logprobs(logprobs)
            yield Said("answered", content)
        if self._text is not None:
            self._text["annotations"] += _citations(delta.get("annotations"))
        if refusal:
            if self._refusal is None:
                self._begin_message()
                self._refusal = {"refusal": "", "type": "refusal"}
                self._message.append(self._refusal)
            self._refusal["refusal"] += refusal

    def _begin_message(self) -> None:
        if not self._message:
            has_called = any(call["name"] for call in self._calls.values())
            self._place = bool(self._thought) + len(self._calls) * has_called

    def _call(self, calls: Any) -> None:
        for call in calls or ():
            item = self._calls.setdefault(call.get("index", 0), _call({}, self._origin))
            function = call.get("function") or {}
            item["arguments"] += function.get("arguments") or ""
            item["name"] = function.get("name") or item["name"]
            item["call_id"] = call.get("id") or item["call_id"]
            item["provider_data"].update(_signature(call))


class ThinkingBlocks:
    """The signed blocks of a model's reasoning, which have to be sent back unchanged."""

    def __init__(self) -> None:
        self._blocks: list[Item] = []

    def take(self, blocks: Any) -> bool:
        """Take pieces of blocks; return whether there were any."""
        pieces = [block for block in blocks or () if isinstance(block, dict)]
        return [self._take(piece) for piece in pieces].count(True) > 0

    def put_into(self, thought: Item | None) -> None:
        """Add the blocks to the reasoning item that they belong to."""
        if not self._blocks or thought is None:
            return
        thought["provider_data"]["thinking_blocks"] = self._blocks
        texts = [block for block in self._blocks if block.get("type") == "thinking"]
        if text := "".join(block.get("thinking") or "" for block in texts):
            part = {"text": text, "type": "reasoning_text"}
            thought["content"] = [*thought.get("content", []), part]
        if signed := [block["signature"] for block in texts if block.get("signature")]:
            thought["encrypted_content"] = signed[-1]

    def _take(self, piece: Item) -> bool:
        kind = piece.get("type", "thinking")
        if kind == "redacted_thinking":
            self._blocks.append(dict(piece))
            return True
        rest = {
            name: value
            for name, value in piece.items()
            if name not in ("type", "thinking", "signature")
        }
        text, signature = piece.get("thinking") or "", piece.get("signature") or ""
        if kind != "thinking" or not (text or signature or rest):
            return False
        last = self._blocks[-1] if self._blocks else {}
        if last.get("type") != "thinking" or "signature" in last:
            last = {"type": "thinking", "thinking": ""}
            self._blocks.append(last)
        last.update(rest)
        last["thinking"] += text
        if signature:
            last["signature"] = signature
        return True


def items_of(completion: Mapping[str, Any], model: str) -> list[Item]:
    """The items of a completion that was not streamed."""
    choice = completion["choices"][0]
    message = choice["message"]
    origin = {"model": model, "response_id": completion.get("id")}
    thought = _whole_thought(message, origin)
    parts: list[Item] = []
    if message.get("content"):
        text = _text(message["content"])
        text["annotations"] = _citations(message.get("annotations"))
        text["logprobs"] = _logprobs(choice.get("logprobs"))
        parts.append(text)
    if message.get("refusal"):
        parts.append({"refusal": message["refusal"], "type": "refusal"})
    calls = [call for call in message.get("tool_calls") or () if call.get("type") == "function"]
    return [
        *([thought] if thought else ()),
        *([_message(parts, origin)] if parts else ()),
        *(_whole_call(call, origin) for call in calls),
    ]


def _whole_thought(message: Mapping[str, Any], origin: Item) -> Item | None:
    blocks = [one for one in message.get("thinking_blocks") or () if isinstance(one, dict)]
    summary, text = message.get("reasoning_content"), message.get("reasoning")
    if summary or blocks or not isinstance(text, str):
        text = ""
    if not (summary or text or blocks):
        return None
    thought: Item = {"id": PLACEHOLDER_ID, "type": "reasoning", "provider_data": dict(origin)}
    thought["summary"] = [{"text": summary, "type": "summary_text"}] if summary else []
    if text:
        thought["content"] = [{"text": text, "type": "reasoning_text"}]
        thought["provider_data"][REASONING_FIELD] = "reasoning"
    if blocks:
        thought["provider_data"]["thinking_blocks"] = blocks
        said = [block["thinking"] for block in blocks if block.get("thinking")]
        thought["content"] = [{"text": one, "type": "reasoning_text"} for one in said]
        if signed := [block["signature"] for block in blocks if block.get("signature")]:
            thought["encrypted_content"] = "\n".join(signed)
    return thought


def _whole_call(call: Mapping[str, Any], origin: Item) -> Item:
    item = _call(call, origin)
    function = call["function"]
    return {**item, "arguments": function["arguments"], "name": function.get("name")}


def _call(call: Mapping[str, Any], origin: Item) -> Item:
    given = {**origin, **_signature(call)}
    fixed = {"id": PLACEHOLDER_ID, "type": "function_call", "provider_data": given}
    return {**fixed, "call_id": call.get("id") or "", "arguments": "", "name": ""}


def _signature(call: Mapping[str, Any]) -> Item:
    """The signature that has to be sent back to Gemini with a call."""
    extra = call.get("extra_content")
    google = extra.get("google") if isinstance(extra, Mapping) else None
    signature = google.get("thought_signature") if isinstance(google, Mapping) else None
    return {"thought_signature": signature} if signature else {}


def _message(parts: list[Item], origin: Item) -> Item:
    return {
        "id": PLACEHOLDER_ID,
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": parts,
        "provider_data": dict(origin),
    }


def _text(text: str) -> Item:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


_CITED: Mapping[str, type] = {"start_index": int, "end_index": int, "url": str, "title": str}


def _citations(annotations: Any) -> list[Item]:
    made = []
    for annotation in annotations if isinstance(annotations, list) else ():
        cited = annotation.get("url_citation") if isinstance(annotation, Mapping) else None
        if isinstance(cited, Mapping) and annotation.get("type") == "url_citation":
            fields = {name: cited.get(name) for name in _CITED}
            if all(isinstance(fields[name], kind) for name, kind in _CITED.items()):
                made.append({"type": "url_citation", **fields})
    return made


def _logprobs(logprobs: Any) -> list[Item]:
    tokens = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    return [
        {**_logprob(token), "top_logprobs": [_logprob(top) for top in token["top_logprobs"] or ()]}
        for token in tokens or ()
    ]


def _logprob(token: Mapping[str, Any]) -> Item:
    bytes_ = token.get("bytes") or []
    return {"token": token["token"], "logprob": token["logprob"], "bytes": bytes_}
