"""Running the asynchronous part of a command."""

from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`, for work that may return very much.

    When it ends, asyncio makes the text of its task, for a message that it does not show, and a
    task shows its result: with 10,000 turns that took longer than reading them.
    """
    # Imported here: a command line that is mistyped is answered without it.
    import asyncio

    results: list[T] = []

    async def keep() -> None:
        results.append(await work)

    asyncio.run(keep())
    return results[0]
