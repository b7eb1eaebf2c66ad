"""A small database of conversations, the same to the second whenever it is made."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

from convo import ConversationStore, RunRecord

MOMENT = "2026-11-22 16:50:36"


def items(question: str, answer: str, *tools: str) -> list[dict[str, Any]]:
    """A turn: a question, calls of tools, an answer."""
    calls: list[dict[str, Any]] = []
    for number, tool in enumerate(tools):
        call = {"call_id": f"c{number}", "name": tool, "arguments": "{}"}
        calls += [
            {"type": "function_call", **call},
            {"type": "function_call_output", "call_id": f"c{number}", "output": "done"},
        ]
    content = [{"type": "output_text", "text": answer}]
    message = {"type": "message", "role": "assistant", "content": content}
    return [{"role": "user", "content": question}, *calls, message]


def run(total: int, *, model: str = "gpt-5", estimated: bool = False) -> RunRecord:
    """A run of `total` tokens: a tenth is output, half of the input was cached."""
    output = total // 10
    return RunRecord(
        model=model,
        requests=1,
        input_tokens=total - output,
        output_tokens=output,
        total_tokens=total,
        input_details={"cached_tokens": (total - output) // 2},
        output_details={"reasoning_tokens": 5 if total > 1000 else 0},
        estimated=estimated,
    )


async def make_conversations(path: Path) -> None:
    """Two sessions. `paris` is current: three turns on main, on `tourism` one in place of two."""
    async with ConversationStore(path, create=True) as store:
        await store.start_session("recipes")
        await store.record_turn("recipes", "main", items("Bread?", "Flour."), run(40, model="m"))
        await store.start_session("paris")
        for question, answer, tools, tokens in (
            ("What is the capital of France?", "Paris.", (), 120),
            ("What is the weather like there?", "Sunny.", ("get_weather", "get_time"), 12_340),
            ("And tomorrow?\nI mean [bold]Monday[/].", "Rain.", (), 260),
        ):
            await store.record_turn("paris", "main", items(question, answer, *tools), run(tokens))
        await store.branch("paris", "main", turn=2, name="tourism", expected="main")
        run_of_echo = run(50, model="echo", estimated=True)
        await store.record_turn("paris", "tourism", items("Any sights?", "Many."), run_of_echo)
    _freeze(path)


def _freeze(path: Path) -> None:
    """Set the times of all rows, and let the database forget that they differed."""
    connection = sqlite3.connect(path)
    with connection:
        for (table,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        ).fetchall():
            for _, column, *_ in connection.execute(f"PRAGMA table_info({table})").fetchall():
                if column.endswith("_at"):
                    connection.execute(f"UPDATE {table} SET {column} = ?", (MOMENT,))
    connection.close()


def store_turn(path: Path, *turn: dict[str, Any], session: str = "s", branch: str = "main") -> None:
    """Store one turn of any items on a branch of a session, which is current then."""

    async def store() -> None:
        async with ConversationStore(path, create=True) as opened:
            if session not in {info.session_id for info in await opened.sessions()}:
                await opened.start_session(session)
            await opened.record_turn(session, branch, list(turn), run(30))
        _freeze(path)

    asyncio.run(store())
