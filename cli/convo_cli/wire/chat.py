"""Adapts a history to chat completions. The result are items; the SDK makes messages of them."""

from collections.abc import Sequence

from convo_cli.wire.contents import parts_of, text_of, texts
from convo_cli.wire.kinds import Item, fate, kind_of
from convo_cli.wire.legal import legal_call
from convo_cli.wire.pairs import CALL_OF, OUTPUT_OF, call_id
from convo_cli.wire.told import as_call, told

_LONGEST_ID = 40
"""The longest id of a call that OpenAI accepts, in characters."""

_THOUGHT = "__thought__"
"""Marks an id in which LiteLLM keeps what has to be sent back to Gemini, of any length."""

PLACEHOLDER_ID = "__fake_id__"
"""The SDK takes a message with an id for one of the model; it sends no ids to chat completions."""


def fits(call_id: str) -> bool:
    """Whether the API accepts this id of a call."""
    return 0 < len(call_id) <= _LONGEST_ID or _THOUGHT in call_id


def for_chat(items: Sequence[Item], *, with_images: bool = True) -> list[Item]:
    """The items in an order and a form that chat completions accept. Calls must have outputs.

    Between two messages of other roles, the model's items form one answer: its reasoning, its text
    and its calls, followed immediately by the outputs. With `with_images`, outputs may contain
    images and files; otherwise these are named in text.
    """
    made = [one for item in items if (one := _made(item, with_images)) is not None]
    outputs = {call_id(item): item for item in made if kind_of(item) in CALL_OF}
    result: list[Item] = []
    answer = _Answer()
    for item in made:
        kind = kind_of(item)
        if item.get("role") == "assistant":
            answer.parts += item["content"]
            answer.message = item
        elif kind in OUTPUT_OF:
            answer.calls.append(item)
        elif kind == "reasoning":
            answer.reasoning.append(item)
        else:
            result += answer.ended(outputs)
            answer = _Answer()
            if kind not in CALL_OF:
                result.append(item)
    return result + answer.ended(outputs)


class _Answer:
    """The model's items between two messages of other roles."""

    def __init__(self) -> None:
        self.reasoning: list[Item] = []
        self.parts: list[Item] = []
        self.message: Item = {}
        self.calls: list[Item] = []

    def ended(self, outputs: dict[str, Item]) -> list[Item]:
        message = [{**self.message, "content": self.parts}] if self.parts else []
        returned = [outputs[call_id(call)] for call in self.calls]
        return [*self.reasoning, *message, *self.calls, *returned]


def _made(item: Item, with_images: bool) -> Item | None:
    """One item in its form for chat completions; None if no part of it can be sent."""
    kind = kind_of(item)
    match fate(kind, "chat"):
        case "left out":
            return None
        case "as text":
            text = told(item)
            return _assistant({}, texts(text, "answered")) if text else None
        case "as a call":
            return as_call(item)
    return _sent(item, kind, with_images)


def _sent(item: Item, kind: str, with_images: bool) -> Item | None:
    if kind == "function_call":
        return legal_call(item)
    if kind == "function_call_output":
        return {**item, "output": _output(item.get("output"), with_images)}
    if kind == "reasoning":
        return {key: value for key, value in item.items() if value is not None}
    return _message(item)


def _output(output: object, with_images: bool) -> object:
    """The output as text if possible: many servers do not accept a list here."""
    if isinstance(output, str):
        return output
    parts = parts_of(output, "said", "chat")
    is_text = all(part["type"] == "input_text" for part in parts)
    return parts if with_images and not is_text else text_of(parts)


def _message(item: Item) -> Item | None:
    role, content = item.get("role"), item.get("content")
    if role == "assistant":
        parts = parts_of(content, "answered", "chat")
        return _assistant(item, parts) if any(part["text"] for part in parts) else None
    if role == "user":
        said = content if isinstance(content, str) else parts_of(content, "said", "chat")
        return {"role": "user", "content": said or ""}
    # Few servers other than OpenAI know the developer role, which replaced the system role.
    return {"role": "system", "content": text_of(content)}


def _assistant(item: Item, parts: list[Item]) -> Item:
    given = {key: value for key, value in item.items() if value is not None}
    fixed = {"type": "message", "role": "assistant", "status": "completed", "content": parts}
    return {"id": PLACEHOLDER_ID, **given, **fixed}
