"""Makes the messages of a chat completion from the items that `sendable` returns.

They are the same messages that the Agents SDK makes; a test compares the two.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from convo_cli.wire.kinds import Item, kind_of

REASONING_FIELD = "_chat_completions_reasoning_field"
"""The key in the provider data that names the field in which a model expects its reasoning."""


def messages_of(items: Iterable[Item], model: str, instructions: str | None) -> list[Item]:
    """The messages, the instructions first."""
    made = _Messages(model)
    for item in items:
        made.add(item)
    made.end_answer()
    first = [{"role": "system", "content": instructions}] if instructions else []
    return [*first, *made.messages]


class _Messages:
    """Collects messages; the model's items between two messages of other roles become one."""

    def __init__(self, model: str) -> None:
        self.messages: list[Item] = []
        self._model = model
        self._answer: Item | None = None
        self._thoughts: dict[str, str] = {}

    def add(self, item: Item) -> None:
        kind = kind_of(item)
        if kind == "reasoning":
            self._thoughts = _thoughts(item, self._model)
        elif kind == "function_call":
            self._calling().append(_call(item, self._model))
        elif kind == "function_call_output":
            self.end_answer()
            output = {"tool_call_id": item["call_id"], "content": item["output"]}
            self.messages.append({"role": "tool", **output})
        elif item["role"] == "assistant":
            self._say(item)
        else:
            self.end_answer()
            content = item["content"]
            parts = content if isinstance(content, str) else [_part(part) for part in content]
            self.messages.append({"role": item["role"], "content": parts})

    def end_answer(self) -> None:
        """End the model's current message; later items belong to another one."""
        self._end()
        self._thoughts = {}

    def _end(self) -> None:
        if self._answer is None:
            return
        if not self._answer["tool_calls"]:
            del self._answer["tool_calls"]
            self._thoughts = {}
        self.messages.append(self._answer)
        self._answer = None

    def _say(self, item: Item) -> None:
        self._end()
        text = "\n".join(part["text"] for part in item["content"])
        self._answer = {"role": "assistant", "content": text, "tool_calls": []}
        self._think()

    def _calling(self) -> list[Item]:
        if self._answer is None:
            self._answer = {"role": "assistant", "content": None, "tool_calls": []}
        self._think()
        calls: list[Item] = self._answer["tool_calls"]
        return calls

    def _think(self) -> None:
        assert self._answer is not None
        self._answer.update(self._thoughts)
        self._thoughts = {}


def _part(part: Item) -> Item:
    kind = part["type"]
    if kind == "input_text":
        made: Item = {"type": "text", "text": part["text"]}
    elif kind == "input_image":
        detail = part.get("detail", "auto")
        # The highest detail of chat completions is `high`.
        best = "high" if detail == "original" else detail
        made = {"type": "image_url", "image_url": {"url": part["image_url"], "detail": best}}
    elif kind == "input_file":
        where = next(name for name in ("file_data", "file_id") if part.get(name))
        named = {"filename": part["filename"]} if part.get("filename") else {}
        made = {"type": "file", "file": {where: part[where], **named}}
    elif kind == "input_audio":
        sound = part["input_audio"]
        audio = {"data": sound["data"], "format": sound["format"]}
        made = {"type": "input_audio", "input_audio": audio}
    else:
        return {"type": "video_url", "video_url": {"url": part["video_url"]["url"]}}
    breakpoint_ = part.get("prompt_cache_breakpoint")
    return made if breakpoint_ is None else {**made, "prompt_cache_breakpoint": breakpoint_}


def _call(item: Item, model: str) -> Item:
    function = {"name": item["name"], "arguments": item["arguments"]}
    made: Item = {"id": item["call_id"], "type": "function", "function": function}
    given = item.get("provider_data")
    signature = given.get("thought_signature") if isinstance(given, Mapping) else None
    if signature and "gemini" in model.lower():
        made["extra_content"] = {"google": {"thought_signature": signature}}
    return made


def _thoughts(item: Item, model: str) -> dict[str, str]:
    """The reasoning that is sent back to the model, by the field that it belongs in."""
    given: Any = item.get("provider_data") or {}
    thoughts: dict[str, str] = {}
    origin = given.get("model", "")
    if given.get(REASONING_FIELD) == "reasoning" and model == origin:
        said = _texts(item.get("content"), "reasoning_text")
        thoughts |= {"reasoning": said} if said else {}
    is_known = bool(given.keys() - {"thinking_blocks"})
    is_own = "deepseek" in (origin or "").lower() or not is_known
    if "deepseek" in model.lower() and is_own:
        said = _texts(item.get("summary"))
        thoughts |= {"reasoning_content": said} if said else {}
    return thoughts


def _texts(parts: Any, kind: str | None = None) -> str:
    return "\n".join(
        part["text"]
        for part in parts or ()
        if isinstance(part, Mapping) and part.get("text") and kind in (None, part.get("type"))
    )
