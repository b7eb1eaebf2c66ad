"""What is measured: four ways to store a conversation, under the same method names.

A subject imports what it is made of only when it is used: each runs in a process of its own.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.databases import SESSION

Record = Callable[[list[Any], Any], Awaitable[object]]
"""Stores the items of a turn and what its run cost."""


@dataclass(frozen=True)
class Subject(ABC):
    """One of the four, as the tables name it.

    `layout` says whose tables its files have; subjects of one layout get copies of one file.
    """

    name: str
    label: str
    layout: str
    has_branches: bool = True

    @abstractmethod
    def opened(self, path: Path, session_id: str = SESSION) -> Any:
        """A session of a file, whose tables are made if they are missing."""

    async def make_tables(self, path: Path) -> None:
        """Make a file with the tables, and nothing in them."""
        session = self.opened(path)
        # Reading makes them where the constructor has not.
        await session.get_items(1)
        await close(session)

    @asynccontextmanager
    async def recording(self, path: Path) -> AsyncIterator[Record]:
        """The best that the subject has for storing a whole turn with its usage."""
        session = self.opened(path)
        yield lambda items, result: append(session, items, result)
        await close(session)


class Sdk(Subject):
    """The Agents SDK's class with branches and usage."""

    def opened(self, path: Path, session_id: str = SESSION) -> Any:
        from agents.extensions.memory import AdvancedSQLiteSession

        return AdvancedSQLiteSession(session_id=session_id, db_path=path, create_tables=True)


class SdkPlain(Subject):
    """The Agents SDK's class that keeps items in a line, and nothing else."""

    def opened(self, path: Path, session_id: str = SESSION) -> Any:
        from agents import SQLiteSession

        return SQLiteSession(session_id, path)


class Convo(Subject):
    """Ours."""

    def opened(self, path: Path, session_id: str = SESSION) -> Any:
        from convo import AdvancedSQLiteSession

        return AdvancedSQLiteSession(session_id=session_id, db_path=path, create_tables=True)

    @asynccontextmanager
    async def recording(self, path: Path) -> AsyncIterator[Record]:
        from convo import ConversationStore
        from convo.sdk.runs import result_record

        async with ConversationStore(path) as store:
            yield lambda items, result: store.record_turn(
                SESSION, "main", items, result_record(result)
            )


class Floor(Subject):
    """What SQLite itself takes."""

    def opened(self, path: Path, session_id: str = SESSION) -> Any:
        from benchmarks.floor import FloorSession

        return FloorSession(session_id, str(path))

    async def make_tables(self, path: Path) -> None:
        await CONVO.make_tables(path)

    @asynccontextmanager
    async def recording(self, path: Path) -> AsyncIterator[Record]:
        session = self.opened(path)
        yield session.record_turn
        await session.close()


SDK = Sdk("sdk", "SDK", "sdk")
PLAIN = SdkPlain("plain", "SDK plain", "plain", has_branches=False)
CONVO = Convo("convo", "convo", "convo")
FLOOR = Floor("floor", "floor", "convo")
SUBJECTS = {subject.name: subject for subject in (SDK, PLAIN, CONVO, FLOOR)}


async def append(session: Any, items: list[Any], result: Any) -> None:
    """Append a turn, and its usage where the session knows what that is."""
    await session.add_items(items)
    if hasattr(session, "store_run_usage"):
        await session.store_run_usage(result)


async def close(session: Any) -> None:
    """Close a session; only some of them have to be waited for."""
    closing = session.close()
    if inspect.isawaitable(closing):
        await closing
