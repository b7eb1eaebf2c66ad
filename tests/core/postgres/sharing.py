"""Writers of both classes on one session, each in a process of its own if it is run as a program.

python -m tests.core.postgres.sharing URL KIND SESSION NAME COUNT
"""

import asyncio
import sys
from typing import Any

from agents.extensions.memory import SQLAlchemySession
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from convo import AdvancedPostgresSession
from tests.core.talk import assistant, user

ANSWERS = 3
"""How many answers a turn has."""


def engine_for(url: str, **options: Any) -> AsyncEngine:
    """An engine of SQLAlchemy that may be used on any loop: it keeps no connection."""
    url = url.replace("postgresql:", "postgresql+asyncpg:")
    return create_async_engine(url, poolclass=NullPool, **options)


def turn_named(name: str) -> list[Any]:
    """A turn whose items all begin with its name."""
    return [user(name), *(assistant(f"{name} {n}") for n in range(ANSWERS))]


async def write(url: str, kind: str, session_id: str, name: str, count: int) -> None:
    """Write turns with one of the two classes."""
    if kind == "convo":
        async with AdvancedPostgresSession(session_id, url=url) as session:
            for number in range(count):
                await session.add_items(turn_named(f"{name}-{number}"))
        return
    engine = engine_for(url)
    sdk = SQLAlchemySession(session_id, engine=engine)
    for number in range(count):
        await sdk.add_items(turn_named(f"{name}-{number}"))
    await engine.dispose()


if __name__ == "__main__":
    where, which, session, writer, turns = sys.argv[1:]
    asyncio.run(write(where, which, session, writer, int(turns)))
