"""Costs that can be counted, so that no test depends on a clock."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

_GRAIN = 10
_MANY_ROUNDS = 20


class Steps:
    """Counts the instructions that SQLite executes, on every connection opened from now on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._taken = 0
        connect = sqlite3.connect

        def counted(
            *args: Any, factory: type[sqlite3.Connection] = sqlite3.Connection, **options: Any
        ) -> sqlite3.Connection:
            connection = connect(*args, **options, factory=self._counting(factory))
            connection.set_progress_handler(None, 0)
            return connection

        monkeypatch.setattr(sqlite3, "connect", counted)

    def _counting(self, connection: type[sqlite3.Connection]) -> type[sqlite3.Connection]:
        steps = self

        class Counting(connection):
            """Has one handler, as every connection: the count goes with that of convo's own."""

            def set_progress_handler(self, handler: Callable[[], Any] | None, _: int) -> None:
                def count() -> Any:
                    steps._taken += _GRAIN
                    return handler is not None and handler()

                super().set_progress_handler(count, _GRAIN)

        return Counting

    async def of(self, operation: Callable[[], Awaitable[Any] | Any]) -> int:
        """The instructions that one operation takes, itself and nothing before it."""
        before = self._taken
        outcome = operation()
        if asyncio.iscoroutine(outcome):
            await outcome
        return self._taken - before


def about(steps: Any) -> Any:
    """What counts as the same number of instructions: those of each statement come in tens."""
    return pytest.approx(steps, rel=0.1, abs=10 * _GRAIN)


def open_files() -> int:
    """How many file descriptors this process has."""
    return len(list(Path("/dev/fd").iterdir()))


class Ticker:
    """Counts the rounds of the event loop, as long as it is entered."""

    def __init__(self) -> None:
        self.rounds = 0
        self.many_rounds = asyncio.Event()

    async def __aenter__(self) -> "Ticker":
        self._task = asyncio.create_task(self._tick())
        await asyncio.sleep(0)
        self.rounds = 0
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()

    async def _tick(self) -> None:
        while True:
            self.rounds += 1
            if self.rounds == _MANY_ROUNDS:
                self.many_rounds.set()
            await asyncio.sleep(0.001)
