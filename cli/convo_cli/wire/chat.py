"""A history as chat completions take it, in the items that the SDK makes messages of."""

from collections.abc import Sequence

from convo_cli.wire.contents import parts_of, text_of, texts
from convo_cli.wire.kinds import Item, fate, kind_of
from convo_cli.wire.legal import legal_call
from convo_cli.wire.pairs import CALL_OF, OUTPUT_OF, call_id
from convo_cli.wire.told import as_call, told

_LONGEST_ID = 40
"""Characters that OpenAI takes for the id of a call."""

_THOUGHT = "__thought__"
"""In an id, it is where LiteLLM keeps what Gemini has to be sent again, however long."""

PLACEHOLDER_ID = "__fake_id__"
"""The SDK knows an answer of a model by its having an id; it sends none to chat completions."""


def fits(call_id: str) -> bool:
    """Whether a call can have this id."""
    return 0 < len(call_id) <= _LONGEST_ID or _THOUGHT in call_id


def for_chat(items: Sequence[Item], *, with_images: bool = True) -> list[Item]:
    """The items of whole pairs, in an order and a form that chat completions take.

    Between two messages of others the model says everything at once: its reasoning, its text, and
    its calls, which are followed at once by what they gave back. With `with_images` that may hold
    images and files; else they are named.
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
    """What the model says between two messages of others."""

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
    """One item in its form for chat completions, None where nothing of it can be sent."""
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
    """A text where it can be one: many servers take no list in this place."""
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
    # Few servers other than OpenAI know the role of a developer, which took the system's place.
    return {"role": "system", "content": text_of(content)}


def _assistant(item: Item, parts: list[Item]) -> Item:
    given = {key: value for key, value in item.items() if value is not None}
    fixed = {"type": "message", "role": "assistant", "status": "completed", "content": parts}
    return {"id": PLACEHOLDER_ID, **given, **fixed}
