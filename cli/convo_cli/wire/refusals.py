"""Remembers what a server has refused, so that later requests are sent without it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

SEALED = "reasoning.encrypted_content"
"""The value of `include` that asks for the encrypted content of reasoning."""

THOUGHTS = ("reasoning", "reasoning_content", "reasoning_details", "thinking_blocks")
"""The fields of a message that may contain reasoning."""

_UNKNOWN_ITEM = re.compile(
    r"\bitems?\b.{0,200}(not found|no longer|not exist|not persisted|not be found)"
    r"|without its required",
    re.IGNORECASE | re.DOTALL,
)
_SEALED = re.compile(r"encrypted.content", re.IGNORECASE)
_INCLUDE = re.compile(r"\binclude\b")
_STREAM_OPTIONS = re.compile(r"stream_options|include_usage")
_THOUGHTS = re.compile(r"\breasoning_(content|details)\b|thinking_blocks|[.'\"`]reasoning\b(?!\.)")
_NO_THOUGHTS = re.compile(
    r"reasoning_content\b.{0,60}(missing|passed back)|(requires|missing) reasoning_content",
    re.IGNORECASE | re.DOTALL,
)
_SHORT_IDS = re.compile(r"tool.call.id.*(length of|exactly) (9|nine)\b", re.IGNORECASE | re.DOTALL)
_UNREADABLE = re.compile(r"verif|decrypt|invalid_encrypted_content|pars", re.IGNORECASE)


@dataclass
class Refusals:
    """What one server has refused in this chat; `tell` reports it to the user.

    `stored_items`: it cannot look up items, or what belongs to them, by their ids.
    `sealed_reasoning`: it cannot read the encrypted content of reasoning.
    `sealing`: it cannot include encrypted content.
    `stream_options`: it does not know the field that asks for the usage of a stream.
    `thoughts`: it accepts no reasoning in the messages of a chat.
    `no_thoughts`: it accepts no messages of the model without reasoning.
    `long_ids`: it accepts only ids of calls with nine letters and digits.
    """

    tell: Callable[[str], None] = field(default=lambda _: None, repr=False)
    stored_items: bool = False
    sealed_reasoning: bool = False
    sealing: bool = False
    stream_options: bool = False
    thoughts: bool = False
    no_thoughts: bool = False
    long_ids: bool = False

    def learn(self, status: int, said: str, body: dict[str, Any]) -> bool:
        """Record what an error response says that the server refuses.

        `said` is the message of the error, with its code and parameter. Returns whether that is
        new, and the same request can be sent again without it.
        """
        if _SHORT_IDS.search(said) and "messages" in body:
            # Chat templates check ids too, and their errors often arrive as status 500.
            return self._note("long_ids")
        if status not in (400, 404, 422):
            return False
        if _NO_THOUGHTS.search(said) and "messages" in body:
            return self._note("no_thoughts")
        if _THOUGHTS.search(said) and _has_thoughts(body):
            return self._note("thoughts")
        if _STREAM_OPTIONS.search(said) and body.get("stream_options"):
            return self._note("stream_options")
        if _SEALED.search(said) or _INCLUDE.search(said):
            return self._learn_of_sealed(said, body)
        if _UNKNOWN_ITEM.search(said) and isinstance(body.get("input"), list):
            return self._note("stored_items")
        return False

    def _learn_of_sealed(self, said: str, body: dict[str, Any]) -> bool:
        if _UNREADABLE.search(said):
            return self._note("sealed_reasoning")
        return SEALED in (body.get("include") or ()) and self._note("sealing")

    def _note(self, name: str) -> bool:
        if getattr(self, name):
            return False
        setattr(self, name, True)
        if name in _TOLD:
            self.tell(_TOLD[name])
        return True


def _has_thoughts(body: dict[str, Any]) -> bool:
    """Whether an error about reasoning can mean a message: `reasoning` is also a setting."""
    messages = body.get("messages")
    return any(
        isinstance(message, dict) and not message.keys().isdisjoint(THOUGHTS)
        for message in (messages if isinstance(messages, list) else ())
    )


_TOLD = {
    "stored_items": "the server no longer knows earlier items of this conversation: "
    "they are sent in full, without their reasoning",
    "sealed_reasoning": "the server cannot read earlier reasoning: it is left out",
}
