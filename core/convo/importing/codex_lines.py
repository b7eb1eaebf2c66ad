"""Reads the turns of one rollout file of Codex, as they are written: forks are resolved elsewhere.

A file holds what the model was sent and gave (`response_item`), and events for the screen, which
repeat most of it. A question of the user is told from what the program writes in the user's place
by its event, if the version wrote those.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from convo.importing import items
from convo.importing.codex_items import items_of, plan_in, question_in, question_of, said_in
from convo.importing.json_lines import located
from convo.importing.reading import array, count, table, text, when
from convo.importing.records import ImportedRun
from convo.importing.source import Report
from convo.items.encoding import Item

_INJECTED = re.compile(
    r"\s*(<(?P<tag>[\w -]+)>.*</(?P=tag)>\s*$|# AGENTS\.md instructions)", re.DOTALL
)
"""What the program writes in the user's place: texts in a tag, and the files for agents."""
_MARKS = re.compile(rb'"type"\s*:\s*"(user_message|UserMessage|token_usage_record)"')
"""The events of questions, in the older and the newer form, and the newer record of usage."""
_COUNTS = (
    "input_tokens",
    "output_tokens",
    "cached_input_tokens",
    "cache_write_input_tokens",
    "reasoning_output_tokens",
)


class Draft(NamedTuple):
    """A turn as its file has it: its number there, and that of the turn that it follows.

    `id` is the program's own, which old versions have not written. `ordinal` is the number that new
    versions give the line where it begins.
    """

    number: int
    follows: int | None
    id: str | None
    items: list[Item]
    created_at: datetime | None
    model: str | None
    runs: tuple[ImportedRun, ...]
    ordinal: int


def drafts(path: Path, report: Report, *, first: int = 0) -> Iterator[Draft]:
    """The turns in a file; lines with an ordinal before `first` are another session's."""
    has_questions = has_records = False
    for _, line in located(path, Report(), only=_MARKS):
        payload = table(line.get("payload"))
        has_questions = has_questions or question_in(payload) is not None
        has_records = has_records or line.get("type") == "token_usage_record"
        if has_questions and has_records:
            break
    reader = _Reader(has_questions, has_records)
    for _, line in located(path, report):
        ordinal = line.get("ordinal")
        if line.get("type") == "turn_context" or not isinstance(ordinal, int) or ordinal >= first:
            yield from reader.take(line)
    yield from reader.end()


@dataclass
class _Open:
    """A turn that has not ended; each item with whether it is an event's copy of another."""

    number: int
    follows: int | None
    id: str | None
    said: str
    question: Item
    created_at: datetime | None
    ordinal: int
    model: str | None = None
    items: list[tuple[bool, Item]] = field(default_factory=list)
    runs: list[ImportedRun] = field(default_factory=list)
    is_fresh: bool = True
    """Whether nothing has followed the question yet."""

    def closed(self) -> Draft:
        own = {item.get("type") for is_copy, item in self.items if not is_copy}
        # Copies are only needed where the version wrote no items of their kind.
        kept = [one for is_copy, one in self.items if not is_copy or one.get("type") not in own]
        return Draft(
            self.number,
            self.follows,
            self.id,
            [self.question, *kept],
            self.created_at,
            self.model,
            tuple(self.runs),
            self.ordinal,
        )


class _Reader:
    """Takes the lines of a file one after the other, and gives a turn when the next one begins."""

    def __init__(self, has_questions: bool, has_records: bool) -> None:
        self._has_events = has_questions
        self._has_records = has_records
        self._turn: _Open | None = None
        self._line: list[int] = []
        """The turns of the line that goes on: undoing takes some from its end."""
        self._number = 0
        self._id: str | None = None
        self._model: str | None = None
        self._held: list[tuple[str, Item]] = []
        """Messages that stand before a question or in the user's place."""
        self._totals = [0] * len(_COUNTS)
        self._at: datetime | None = None
        self._ordinal = 0

    def take(self, line: dict[str, Any]) -> Iterator[Draft]:
        kind, payload = text(line.get("type")), table(line.get("payload"))
        self._at = when(line.get("timestamp"))
        self._ordinal = count(line.get("ordinal"))
        if kind == "response_item":
            # The text of a summary is in a line of its own.
            if table(line.get("metadata")).get("compaction_output") is not True:
                yield from self._item(payload)
        elif kind == "event_msg":
            yield from self._event(payload)
        elif kind == "turn_context":
            self._model = text(payload.get("model")) or self._model
        elif kind == "token_usage_record":
            self._spend([count(table(payload.get("usage")).get(name)) for name in _COUNTS])
        elif kind == "compacted":
            if summary := text(payload.get("message")):
                self._hold(summary, items.instructed(summary))
        elif "payload" not in line and kind is not None:
            # The first versions wrote items as they were, without a name for the kind of line.
            yield from self._item(line)

    def end(self) -> Iterator[Draft]:
        if self._turn is not None:
            self._release(self._turn)
            yield self._turn.closed()
            self._turn = None

    def _item(self, item: dict[str, Any]) -> Iterator[Draft]:
        kind, role, content = item.get("type"), item.get("role"), item.get("content")
        if kind == "message" and role == "user":
            yield from self._said(said_in(content), question_of(content))
        elif kind == "agent_message" and self._turn is None:
            yield from self._begin(said_in(content), question_of(content))
        elif kind != "message" or role == "assistant":
            for made in items_of(item):
                yield from self._add(made)

    def _said(self, said: str, question: Item) -> Iterator[Draft]:
        turn = self._turn
        if turn is not None and turn.is_fresh and said == turn.said:
            turn.question = question
        elif self._has_events or _INJECTED.match(said):
            self._hold(said, question)
        else:
            yield from self._begin(said, question)

    def _event(self, event: dict[str, Any]) -> Iterator[Draft]:
        kind = event.get("type")
        said = text(event.get("message")) or text(event.get("text"))
        question = question_in(event)
        if question is not None:
            yield from self._heard(question, array(event.get("local_images")))
        elif kind in ("task_started", "turn_started"):
            self._id = text(event.get("turn_id"))
        elif kind == "thread_rolled_back":
            gone = min(count(event.get("num_turns")), len(self._line))
            del self._line[len(self._line) - gone :]
        elif kind == "token_count" and not self._has_records:
            self._count(table(event.get("info")))
        elif kind == "agent_message" and said:
            yield from self._add(items.answered(said), is_copy=True)
        elif kind == "agent_reasoning" and said:
            yield from self._add(items.thought(said), is_copy=True)
        elif plan := plan_in(event):
            yield from self._add(items.answered(plan))

    def _heard(self, said: str, images: list[Any]) -> Iterator[Draft]:
        """Take the event of a question, which stands before or after its message."""
        turn = self._turn
        if turn is not None and turn.is_fresh and turn.said == said:
            return
        same = [one for one in self._held if one[0] == said] or self._held[-1:]
        if same:
            self._held.remove(same[-1])
            yield from self._begin(*same[-1])
        else:
            named = (items.attached(name, "image") for one in images if (name := text(one)))
            yield from self._begin(said, items.asked(said, named))

    def _begin(self, said: str, question: Item) -> Iterator[Draft]:
        held, self._held = self._held, []
        yield from self.end()
        follows = self._line[-1] if self._line else None
        turn = _Open(self._number, follows, self._id, said, question, self._at, self._ordinal)
        self._turn, self._held = turn, held
        self._release(turn)
        self._line.append(self._number)
        self._number += 1
        # A question in the middle of a turn of the program's begins one of its own here.
        self._id = None

    def _add(self, item: Item, *, is_copy: bool = False) -> Iterator[Draft]:
        if self._turn is None:
            yield from self._begin("", items.asked(""))
        turn = self._turn
        assert turn is not None
        self._release(turn)
        turn.items.append((is_copy, item))
        turn.model, turn.is_fresh = self._model, False

    def _hold(self, said: str, item: Item) -> None:
        self._held.append((said, item))

    def _release(self, turn: _Open) -> None:
        """Put what has been held into the turn, as instructions beside its question."""
        turn.items += [(False, items.instructed(said)) for said, _ in self._held if said]
        self._held = []

    def _count(self, info: dict[str, Any]) -> None:
        """Take the usage of an event, which may be repeated, and may have no more than totals."""
        totals, last = table(info.get("total_token_usage")), table(info.get("last_token_usage"))
        now = [count(totals.get(name)) for name in _COUNTS]
        if now != self._totals:
            since = [max(0, to - at) for at, to in zip(self._totals, now, strict=True)]
            self._totals = now
            self._spend([count(last.get(name)) for name in _COUNTS] if last else since)

    def _spend(self, counts: list[int]) -> None:
        if self._turn is not None and any(counts):
            read, written, cached, cache_written, thought = counts
            run = ImportedRun(
                self._model,
                read,
                written,
                cached_tokens=cached,
                cache_write_tokens=cache_written,
                reasoning_tokens=thought,
                started_at=self._at,
            )
            self._turn.runs.append(run)
            self._turn.model = self._model
