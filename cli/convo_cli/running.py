"""Runs the asynchronous part of a command."""

from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Like `asyncio.run`, but fast for large results.

    At the end asyncio formats the task with its result, for a message that it does not show: with
    10,000 turns that took longer than reading them.
    """
    # Imported here because the error for a mistyped command line does not need it.
    import asyncio

    results: list[T] = []

    async def keep() -> None:
        results.append(await work)

    asyncio.run(keep())
    return results[0]
