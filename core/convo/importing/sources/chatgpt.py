"""`chatgpt`: the export of ChatGPT, as the zip archive, its folder or its `conversations.json`.

A conversation is a tree of messages under `mapping`. Tools are called by answers to a recipient
other than all, and answer with messages of their own.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from convo.importing import items
from convo.importing.archives import documents
from convo.importing.reading import array, json_array, number, table, text, when
from convo.importing.records import ImportedSession, ImportedTurn
from convo.importing.source import Places, Report
from convo.importing.trees import Group, Message, Role, Turns, by_path
from convo.items.encoding import Item

_NAMED = re.compile(r"conversations(-\d+)?\.json")
_MARK = re.compile("\ue200([^\ue200\ue201]*)\ue201|[\ue200-\ue20f]")
"""A source or a name in an answer, between characters that no font has; and others of those."""
_INSTRUCTIONS = ("user_profile", "user_instructions", "model_set_context")
_SAID = ("text", "result", "content", "summary")
"""The fields of contents without parts that hold a text, the best first."""


class ChatGPT:
    """Conversations, whose edited questions and repeated answers are branches."""

    name = "chatgpt"

    def find(self, places: Places) -> Iterable[Path]:
        """An export is wherever it was saved."""
        return ()

    def sessions(self, path: Path, report: Report) -> Iterator[ImportedSession]:
        """A session for each conversation of the export's documents."""
        for name, document in documents(path, _NAMED, report):
            for line, value in json_array(document, name, report):
                mapping = table(value).get("mapping")
                session_id = text(table(value).get("conversation_id"))
                session_id = session_id or text(table(value).get("id"))
                if not isinstance(mapping, dict) or session_id is None:
                    what = ", but one of Claude" if "chat_messages" in table(value) else ""
                    report.skip(name, line, f"it is not a conversation of ChatGPT{what}")
                    continue
                yield _session(session_id, value, mapping, name, line, report)


def _session(
    session_id: str,
    value: dict[str, Any],
    mapping: dict[str, Any],
    name: str,
    line: int,
    report: Report,
) -> ImportedSession:
    messages = _messages(mapping)
    turns = by_path(messages)
    if turns.is_cut:
        report.skip(name, line, "some of its messages are in a circle, or in too many branches")
    shown = turns.turn_of.get(text(value.get("current_node")) or "")
    return ImportedSession(
        session_id,
        text(value.get("title")),
        _turns(turns, messages),
        when(value.get("create_time")),
        main=shown,
    )


def _messages(mapping: Mapping[str, Any]) -> dict[str, Message]:
    """The messages of a conversation, the oldest first, so that branches keep their order."""
    nodes = [(name, table(node)) for name, node in mapping.items() if name]
    nodes.sort(key=lambda node: number(table(node[1].get("message")).get("create_time")) or 0)
    return {
        name: Message(
            name, text(node.get("parent")), _role(table(node.get("message"))), node.get("message")
        )
        for name, node in nodes
    }


def _role(message: dict[str, Any]) -> Role:
    who = table(message.get("author")).get("role")
    content = table(message.get("content"))
    attached = array(table(message.get("metadata")).get("attachments"))
    if who not in ("user", "assistant", "tool") or not (_said(content) or attached):
        return "nothing"
    if content.get("content_type") in ("user_editable_context", "model_editable_context"):
        return "nothing"
    is_hidden = table(message.get("metadata")).get("is_visually_hidden_from_conversation") is True
    if who == "user":
        return "nothing" if is_hidden else "asked"
    # What tools are told and answer is hidden from the screen, and part of the conversation.
    if is_hidden and who == "assistant" and not _recipient(message):
        return "nothing"
    return "answered"


def _turns(turns: Turns, messages: Mapping[str, Message]) -> Iterator[ImportedTurn]:
    for group in turns.groups:
        question = table(group.messages[0].content)
        is_asked = table(question.get("author")).get("role") == "user"
        found = [_question(question)] if is_asked else [items.asked("")]
        if group.parent is None:
            found += map(items.instructed, _instructions(group, messages))
        model, created_at = None, None
        for message in map(_content, group.messages):
            created_at = created_at or when(message.get("create_time"))
            model = text(table(message.get("metadata")).get("model_slug")) or model
        found += _answers(map(_content, group.messages[1:] if is_asked else group.messages))
        yield ImportedTurn(group.id, group.parent, found, created_at, model)


def _content(message: Message) -> dict[str, Any]:
    return table(message.content)


def _instructions(group: Group, messages: Mapping[str, Message]) -> list[str]:
    """What the user has told ChatGPT for all conversations, which stands before the first one."""
    found: list[str] = []
    passed: set[str] = set()
    name = group.messages[0].parent or ""
    while name in messages and name not in passed:
        passed.add(name)
        content = table(_content(messages[name]).get("content"))
        found += [said for field in _INSTRUCTIONS if (said := text(content.get(field)))]
        name = messages[name].parent or ""
    return found[::-1]


def _question(message: dict[str, Any]) -> Item:
    content = table(message.get("content"))
    attached = array(table(message.get("metadata")).get("attachments"))
    names = [name for one in attached if (name := text(table(one).get("name")))]
    if not names:
        return items.asked(_said(content))
    # Images are attachments too, with their names; a part only points to them.
    parts = array(content.get("parts"))
    said = [one for one in parts if isinstance(one, str) or text(table(one).get("text"))]
    return items.asked(_said({**content, "parts": said}), map(items.attached, names))


def _answers(messages: Iterable[dict[str, Any]]) -> Iterator[Item]:
    """The items of answers, with each call of a tool before what the tool has answered."""
    calls = 0
    open_call = ""
    outputs: list[str] = []
    for message in messages:
        content = table(message.get("content"))
        author = table(message.get("author"))
        if author.get("role") == "tool":
            if not open_call:
                calls, open_call = calls + 1, f"call-{calls + 1}"
                yield items.called(open_call, text(author.get("name")) or "tool", {})
            outputs.append(_said(content))
            continue
        if open_call:
            yield items.returned(open_call, "\n".join(outputs))
            open_call, outputs = "", []
        kind = content.get("content_type")
        if recipient := _recipient(message):
            calls, open_call = calls + 1, f"call-{calls + 1}"
            yield items.called(open_call, recipient, _arguments(content))
        elif kind in ("thoughts", "reasoning_recap"):
            yield items.thought(_said(content))
        else:
            yield items.answered(_said(content))
    if open_call:
        yield items.returned(open_call, "\n".join(outputs))


def _recipient(message: dict[str, Any]) -> str | None:
    """The tool that an answer calls."""
    recipient = text(message.get("recipient"))
    return None if recipient in (None, "all", "assistant", "user") else recipient


def _arguments(content: dict[str, Any]) -> Any:
    """The arguments of a call: code is one of them, unless it is JSON."""
    said = _said(content)
    try:
        return said if isinstance(json.loads(said), dict) else {"input": said}
    except (ValueError, RecursionError):
        return {"input": said}


def _said(content: dict[str, Any]) -> str:
    """The text of a content, in which other parts are named."""
    if "parts" in content:
        return _unmarked("\n".join(filter(None, map(_part, array(content["parts"])))))
    if thoughts := array(content.get("thoughts")):
        steps = (table(one) for one in thoughts)
        told = (text(step.get("content")) or text(step.get("summary")) for step in steps)
        return "\n\n".join(filter(None, told))
    fields = (text(content.get(field)) for field in (*_SAID, *_INSTRUCTIONS))
    return _unmarked(next(filter(None, fields), ""))


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    part = table(part)
    kind = text(part.get("content_type")) or ""
    if said := text(part.get("text")):
        return said
    if "audio" in kind or "video" in kind:
        return "[recording]"
    if "image" not in kind:
        return f"[{kind}]" if kind else ""
    prompt = table(table(part.get("metadata")).get("dalle")).get("prompt")
    pointer = (text(part.get("asset_pointer")) or "").rpartition("://")[2]
    return str(items.attached(text(prompt) or pointer, "image")["text"])


def _unmarked(said: str) -> str:
    return said if said.isascii() else _MARK.sub(_named, said)


def _named(mark: re.Match[str]) -> str:
    """The name in a mark; nothing for one that refers to a source."""
    kind, _, given = (mark[1] or "").partition("\ue202")
    try:
        names = json.loads(given) if kind == "entity" else []
    except (ValueError, RecursionError):
        return ""
    return text(array(names)[1]) or "" if len(array(names)) > 1 else ""


SOURCE = ChatGPT()
