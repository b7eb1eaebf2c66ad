"""Databases as somebody else may have prepared them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from convo import ConversationStore
from convo.pending.pending import AskedTurn, Progress
from tests.cli.stored import store_turn

MARKING = """\
from pathlib import Path
from agents import Agent

(Path(__file__).parent / "ran").write_text(Path(__file__).name)
agent = Agent(name="Marking")
"""
"""An agent that leaves a file behind when its code is run."""


_TURN = ({"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."})


def says_of_session(path: Path, **columns: Any) -> None:
    """Make a database whose session `s` was last asked as these columns say."""
    store_turn(path, *_TURN)
    columns = {"model": None, **columns}
    setting = ", ".join(f"{name} = ?" for name in columns)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(f"UPDATE convo_sessions SET {setting}", list(columns.values()))


def says_of_held(path: Path, options: Any, *reached: dict[str, Any]) -> None:
    """Make a database in whose session `s` a turn waits that was asked with these options.

    It had reached these items.
    """
    store_turn(path, *_TURN)

    async def hold() -> None:
        async with ConversationStore(path) as store:
            pending_id = await store.begin_turn(
                AskedTurn("s", "main", [{"role": "user", "content": "Again?"}])
            )
            progress = Progress(reached)
            await store.end_pending("s", pending_id, "failed", progress, message="no answer")

    asyncio.run(hold())
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE convo_sessions SET model = NULL")
        file.execute("UPDATE convo_held_turns SET options = ?", (json.dumps(options),))


def marking_agent(folder: Path, name: str = "desk.py") -> Path:
    """Write an agent that leaves a file `ran` beside it; return its path."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(MARKING)
    return file
