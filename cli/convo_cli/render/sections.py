"""Splits a turn into sections with titles, for all formats that show turns."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from convo.history.transcript import TranscriptTurn
from convo.items.contents import TranscriptItem
from convo.items.encoding import Item
from convo.records import Cut, Merged, TurnMarks
from convo_cli.render.terminal.text import counted, one_line

_SPEAKERS = {"user": "User", "assistant": "Assistant", "system": "System", "reasoning": "Reasoning"}

_CUT: dict[Cut, str] = {
    "tokens": "cut off at the limit of tokens",
    "interrupted": "cut off: interrupted",
}


OUR_TITLES = re.compile(
    r"[\W_]*(Turn\s+\d+|Before the first turn|User|Assistant|System|Reasoning"
    r"|(Tool call|Tool output|Handoff to|Item)\b.*)[\W_]*$",
    re.IGNORECASE,
)
"""Matches the titles of turns and of sections, with any marks around them."""


class Section(NamedTuple):
    """A part of a turn.

    `name` is the name of a tool, an agent or a type, and follows the title. `language` is None for
    Markdown; other texts are shown unrendered. `item` is the item that has the attachments.
    """

    kind: str
    title: str
    text: str = ""
    name: str = ""
    language: str | None = None
    attachments: tuple[str, ...] = ()
    item: Item = None


def sections(turn: TranscriptTurn) -> Iterator[Section]:
    """The sections of a turn, in order, without empty ones."""
    handoffs = {item.call_id for item in turn.items if item.kind == "handoff"}
    for item in turn.items:
        match item.kind:
            case "tool_call":
                yield from _call(item)
            case "tool_output" if item.call_id not in handoffs:
                yield _output(item)
            case "handoff":
                yield Section("handoff", "Handoff to", name=item.text or "")
            case "other":
                kind = item.item.get("type") if isinstance(item.item, dict) else None
                yield Section("other", "Item", item.text or "", str(kind or ""), "json")
            case _ if item.kind in _SPEAKERS and (item.text or item.attachments):
                text, title = item.text or "", _SPEAKERS[item.kind]
                yield Section(item.kind, title, text, "", None, item.attachments, item.item)


def _call(item: TranscriptItem) -> Iterator[Section]:
    arguments = item.arguments or ""
    name = item.tool or ""
    attachments = item.attachments if item.output is None else ()
    language = _language(arguments)
    yield Section("tool_call", "Tool call", arguments, name, language, attachments, item.item)
    if item.output is not None:
        yield _output(item)


def _output(item: TranscriptItem) -> Section:
    text, name = item.output or "", item.tool or ""
    language = _language(text)
    return Section("tool_output", "Tool output", text, name, language, item.attachments, item.item)


def _language(text: str) -> str:
    """The language of a tool's text: `json`, as for most tools, or ""."""
    return "json" if text[:1] in ("{", "[") and text.rstrip()[-1:] in ("}", "]") else ""


def about(turn: TranscriptTurn) -> list[str]:
    """The facts about a turn, such as its model and its tokens, as text."""
    facts = [turn.model] if turn.model else []
    if turn.tokens is not None and not turn.tokens.is_unknown:
        mark = "~" if turn.tokens.estimated else ""
        facts.append(mark + counted(turn.tokens.total_tokens, "token"))
    if turn.cut is not None:
        facts.append(_CUT[turn.cut])
    if turn.merged is not None:
        facts.append(how_merged(turn.merged))
    return [*facts, *marked(turn.marks)]


def marked(marks: TurnMarks) -> list[str]:
    """The star, the tags and the note of a turn, as text."""
    tags = [f"tag {name}" for name in marks.tags]
    return ["starred"] * marks.starred + tags + ([f"note: {marks.note}"] if marks.note else [])


def how_merged(merged: Merged) -> str:
    """Where a turn came from, as text."""
    turns = (
        f"turn {merged.first}"
        if merged.first == merged.last
        else f"turns {merged.first}-{merged.last}"
    )
    if merged.source is None:
        return f"squashed from {turns}"
    of = f"{turns} of '{one_line(merged.source)}'"
    return f"summary of {of}" if merged.kind == "summary" else f"copied from {of}"


def title_of(turn: TranscriptTurn) -> str:
    """The title of a turn."""
    return f"Turn {turn.turn}" if turn.turn > 0 else "Before the first turn"
