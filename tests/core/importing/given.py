"""A source whose conversations a test makes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from convo import ConversationStore
from convo.importing.choosing import Choice, Totals
from convo.importing.items import answered, asked
from convo.importing.records import ImportedRun, ImportedSession, ImportedTurn
from convo.importing.source import Places, Report

BEGUN = datetime(2025, 3, 1, 12, tzinfo=UTC)


def turn(turn_id: str, parent: str | None = None, *more: object, tokens: int = 10) -> ImportedTurn:
    """A turn that asks its id, with an answer unless it has other items."""
    said = list(more) or [answered(turn_id.upper())]
    run = ImportedRun("some-model", tokens, 1, started_at=BEGUN)
    number = int("".join(filter(str.isdigit, turn_id)) or 0)
    return ImportedTurn(
        turn_id, parent, [asked(turn_id), *said], BEGUN + timedelta(minutes=number), runs=(run,)
    )


def line(*ids: str, after: str | None = None) -> list[ImportedTurn]:
    """Turns one after the other."""
    return [turn(one, before) for one, before in zip(ids, (after, *ids), strict=False)]


def session(session_id: str, turns: Iterable[ImportedTurn], **others: object) -> ImportedSession:
    """A conversation with its id as its title."""
    return ImportedSession(session_id, session_id, turns, BEGUN, **others)  # type: ignore[arg-type]


@dataclass
class Given:
    """Gives these sessions."""

    sessions_given: list[ImportedSession] = field(default_factory=list)
    name: str = "codex"

    def find(self, places: Places) -> Iterable[Path]:
        return ()

    def sessions(self, path: Path, report: Report) -> Iterator[ImportedSession]:
        yield from self.sessions_given


async def take(
    store: ConversationStore, *given: ImportedSession, choice: Choice | None = None
) -> Totals:
    """Import these sessions."""
    totals = Totals()
    source = Given(list(given))
    await store.import_from(source, [Path("f")], choice or Choice(), Report(), totals)
    assert await store.check() == []
    return totals


async def branches_of(store: ConversationStore, name: str) -> dict[str, str]:
    """What each branch of a session asks, in one text."""
    return {
        info.branch_id: " ".join(one.text for one in await store.turns(name, info.branch_id))
        for info in await store.branches(name)
    }
