"""`claude`: the export of Claude, as its zip archives, their folder or its `conversations.json`."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from convo.importing import items
from convo.importing.archives import documents
from convo.importing.claude_content import blocks_of, items_of_answer, part_of
from convo.importing.reading import array, json_array, table, text, when
from convo.importing.records import ImportedSession, ImportedTurn
from convo.importing.source import Places, Report
from convo.importing.trees import Group, Message, Role, Turns, by_path
from convo.items.encoding import Item

_NAMED = re.compile(r"conversations(-\d+)?\.json")


class Claude:
    """Conversations, whose edited questions and repeated answers are branches."""

    name = "claude"

    def find(self, places: Places) -> Iterable[Path]:
        """An export is wherever it was saved."""
        return ()

    def sessions(self, path: Path, report: Report) -> Iterator[ImportedSession]:
        """A session for each conversation of the export's documents."""
        for name, document in documents(path, _NAMED, report):
            for line, value in json_array(document, name, report):
                session_id = text(table(value).get("uuid"))
                given = table(value).get("chat_messages")
                if not isinstance(given, list) or session_id is None:
                    what = ", but one of ChatGPT" if "mapping" in table(value) else ""
                    report.skip(name, line, f"it is not a conversation of Claude{what}")
                    continue
                messages = _messages(session_id, given)
                turns = by_path(messages)
                if turns.is_cut:
                    report.skip(name, line, "some messages are in a circle or too many branches")
                yield _session(session_id, value, messages, turns)


def _session(
    session_id: str, value: dict[str, Any], messages: dict[str, Message], turns: Turns
) -> ImportedSession:
    model = text(value.get("model"))
    leaf = text(value.get("current_leaf_message_uuid")) or next(reversed(messages), "")
    shown = turns.turn_of.get(leaf)
    return ImportedSession(
        session_id,
        text(value.get("name")),
        (_turn(group, model) for group in turns.groups),
        when(value.get("created_at")),
        text(table(value.get("project")).get("name")),
        main=shown,
    )


def _messages(session_id: str, given: list[Any]) -> dict[str, Message]:
    """The messages in their order; old exports do not say what they follow: the one before."""
    found: dict[str, Message] = {}
    is_tree = any(text(table(one).get("parent_message_uuid")) for one in given)
    for number, one in enumerate(given):
        message = table(one)
        name = text(message.get("uuid")) or f"{session_id}/{number}"
        parent = (
            text(message.get("parent_message_uuid")) if is_tree else next(reversed(found), None)
        )
        if message and name not in found:
            found[name] = Message(name, parent, _role(message), message)
    return found


def _role(message: dict[str, Any]) -> Role:
    if message.get("sender") == "human":
        return "asked"
    return "answered" if _blocks(message) else "nothing"


def _blocks(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The blocks of a message; old exports have only a text."""
    return blocks_of(message.get("content")) or blocks_of(text(message.get("text")))


def _turn(group: Group, model: str | None) -> ImportedTurn:
    first = table(group.messages[0].content)
    is_asked = first.get("sender") == "human"
    found = [_question(first)] if is_asked else [items.asked("")]
    for message in group.messages[1 if is_asked else 0 :]:
        found += items_of_answer(_blocks(table(message.content)), message.id)
    created_at = when(first.get("created_at"))
    return ImportedTurn(group.id, group.parent, found, created_at, model)


def _question(message: dict[str, Any]) -> Item:
    parts = [part for block in _blocks(message) if (part := part_of(block))]
    for attachment in map(table, array(message.get("attachments"))):
        name = items.attached(text(attachment.get("file_name")) or "")
        content = text(attachment.get("extracted_content"))
        parts.append({**name, "text": f"{name['text']}\n{content}"} if content else name)
    files: dict[str, Item] = {}
    for one in map(table, [*array(message.get("files")), *array(message.get("files_v2"))]):
        # Newer exports name a file in both lists.
        if name := text(one.get("file_name")):
            files.setdefault(text(one.get("file_uuid")) or name, items.attached(name))
    parts += files.values()
    return items.asked(parts[0]["text"]) if len(parts) == 1 else items.asked("", parts)


SOURCE = Claude()
