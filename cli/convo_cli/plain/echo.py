"""The built-in model: it says what it was asked and sent, and needs no network.

The same conversation always gets the same answer. Tokens are an estimate, a quarter of the bytes.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from convo_cli.wire.chat import PLACEHOLDER_ID
from convo_cli.wire.tokens import estimated_tokens, text_of_tokens

_LONGEST_QUOTE = 200


def answer(
    items: list[dict[str, Any]],
    instructions: str | None,
    tools: Sequence[str] = (),
    agents: Sequence[str] = (),
) -> str:
    """The answer: one line, and one each for instructions, tools and other agents."""
    asked = [item for item in items if item.get("role") == "user"]
    words = _text(asked[-1].get("content")) if asked else ""
    said = (
        f"This is turn {len(asked)}. You said {_quoted(words)}, and I was sent {_counted(items)}."
    )
    lines = [said]
    if instructions and instructions.strip():
        lines.append(f"My instructions say {_quoted(instructions)}")
    if tools:
        lines.append(f"I do not use my tools: {', '.join(tools)}")
    if agents:
        lines.append(f"I do not hand over to {', '.join(agents)}")
    return "\n".join(lines)


def cut(text: str, limit: int | None) -> str | None:
    """The part of an answer that the limit of tokens allows; None if it allows all of it."""
    if limit is None or estimated_tokens(text) <= limit:
        return None
    return text_of_tokens(text, max(1, limit))


def words_of(text: str) -> list[str]:
    """The pieces in which an answer is streamed."""
    return re.findall(r"\S+\s*|\s+", text)


def message(text: str) -> dict[str, Any]:
    """The only item of an answer.

    It has the placeholder id that the SDK gives to items of servers without ids, and removes before
    it sends them to OpenAI: a conversation may go on with another model.
    """
    part = {"type": "output_text", "text": text, "annotations": []}
    fixed = {"type": "message", "role": "assistant", "status": "completed"}
    return {"id": PLACEHOLDER_ID, **fixed, "content": [part]}


def usage(items: list[dict[str, Any]], instructions: str | None, said: str) -> dict[str, Any]:
    """An estimate of the tokens that were read and written."""
    sent = [_text(item["content"]) if "role" in item else json.dumps(item) for item in items]
    read = estimated_tokens(instructions or "", *sent)
    written = estimated_tokens(said)
    return {"input_tokens": read, "output_tokens": written, "total_tokens": read + written}


def _text(content: object) -> str:
    """The text of a message; other parts (images, files) are named by their type."""
    if not isinstance(content, list):
        return str(content)
    parts = [part for part in content if isinstance(part, dict)]
    return " ".join(str(part.get("text") or f"[{part.get('type', 'part')}]") for part in parts)


def _quoted(text: str) -> str:
    """The text on one line, shortened, without lone surrogates, which cannot be sent."""
    line = " ".join(text.encode("utf-8", "replace").decode().split())
    if len(line) > _LONGEST_QUOTE:
        line = f"{line[:_LONGEST_QUOTE].rstrip()}..."
    return f'"{line}"'


def _counted(items: list[dict[str, Any]]) -> str:
    messages = sum("role" in item for item in items)
    counted = f"{messages} message{'' if messages == 1 else 's'}"
    others = len(items) - messages
    return f"{counted} and {others} other item{'' if others == 1 else 's'}" if others else counted
