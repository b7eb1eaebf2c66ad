"""The conversations of releases of `llm` before 0.32: a row for each response."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from convo.importing import items
from convo.importing.reading import text, when
from convo.importing.records import ImportedSession, ImportedTurn
from convo.importing.sources.llm_log import Log, attachment_of, call_of, output_of, run_of
from convo.items.encoding import Item


def session(log: Log, conversation: dict[str, Any]) -> ImportedSession:
    """A conversation without threads."""
    turns = turns_of(log, conversation["id"])
    began = turns[0].created_at if turns else None
    return ImportedSession(conversation["id"], text(conversation["name"]), turns, began)


def turns_of(log: Log, conversation: str) -> list[ImportedTurn]:
    """The turns of a conversation of an older release: a response without a prompt goes on."""
    turns: list[ImportedTurn] = []
    system = ""
    for row in log.rows("responses", id=conversation):
        found = list(_answer(log, row))
        prompt = _joined(log, row, "prompt")
        shown = [attachment_of(one) for one in log.rows("attachments_of_response", id=row["id"])]
        runs = (run_of(log, row),)
        if turns and not prompt and not shown:
            turns[-1] = replace(
                turns[-1], items=turns[-1].items + found, runs=turns[-1].runs + runs
            )
            continue
        said = _joined(log, row, "system")
        lead = [items.instructed(said)] if said and said != system else []
        system = said or system
        parent = turns[-1].id if turns else None
        asked = [*lead, items.asked(prompt, shown), *found]
        turns.append(
            ImportedTurn(str(row["id"]), parent, asked, when(row.get("datetime_utc")), None, runs)
        )
    return turns


def _answer(log: Log, row: dict[str, Any]) -> Iterator[Item]:
    """What a response was given by tools, and what it says and calls."""
    for result in log.rows("tool_results", id=row["id"]):
        yield items.returned(call_of(result)[0], output_of(result))
    if thinking := text(row.get("reasoning")):
        yield items.thought(thinking)
    if said := text(row.get("response")):
        yield items.answered(said)
    for call in log.rows("tool_calls", id=row["id"]):
        yield items.called(*call_of(call), call.get("arguments"))


def _joined(log: Log, row: dict[str, Any], kind: str) -> str:
    """The prompt or the instructions, after their fragments."""
    fragments = log.rows(f"{kind}_fragments", id=row["id"])
    pieces = [*(one["content"] for one in fragments), row.get(kind)]
    return "\n".join(piece for piece in pieces if isinstance(piece, str) and piece)
