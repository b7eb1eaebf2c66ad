"""What is measured on a PostgreSQL server: two ways to store a conversation there.

A subject imports what it is made of only when it is used: each runs in processes of its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

_engines: dict[str, Any] = {}


@dataclass(frozen=True)
class ServerSubject(ABC):
    """One of the two, as the tables name it."""

    name: str
    label: str

    @abstractmethod
    def opened(self, url: str, session_id: str) -> Any:
        """A session of a database, whose tables are made if they are missing."""

    @abstractmethod
    async def close(self, sessions: list[Any]) -> None:
        """Close sessions, and all connections of this process."""


class OnSqlAlchemy(ServerSubject):
    """The Agents SDK's class, whose sessions share an engine, by asyncpg."""

    def opened(self, url: str, session_id: str) -> Any:
        from agents.extensions.memory import SQLAlchemySession
        from sqlalchemy.ext.asyncio import create_async_engine

        if url not in _engines:
            driver = url.replace("postgresql://", "postgresql+asyncpg://")
            _engines[url] = create_async_engine(driver)
        return SQLAlchemySession(session_id, engine=_engines[url], create_tables=True)

    async def close(self, sessions: list[Any]) -> None:
        while _engines:
            await _engines.popitem()[1].dispose()


class OnConvo(ServerSubject):
    """Ours."""

    def opened(self, url: str, session_id: str) -> Any:
        from convo import AdvancedPostgresSession

        return AdvancedPostgresSession(session_id, url=url, create_tables=True)

    async def close(self, sessions: list[Any]) -> None:
        for session in sessions:
            await session.close()


SDK = OnSqlAlchemy("sdk", "SQLAlchemySession")
CONVO = OnConvo("convo", "convo")
SUBJECTS = (SDK, CONVO)
