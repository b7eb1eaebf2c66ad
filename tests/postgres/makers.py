"""Processes that make the tables at once: `python -m tests.postgres.makers URL PROCESSES TIMES`."""

import asyncio
import multiprocessing
import sys
import traceback
from multiprocessing.synchronize import Barrier

import psycopg

from convo import AdvancedPostgresSession
from convo.postgres.pools import close_all
from tests.core.talk import user


def make(url: str, times: int, start: Barrier) -> None:
    """Write to a session in one empty schema after another, each when all others are ready."""

    async def write(number: int) -> None:
        named = {"url": url, "schema": f"empty_{number}", "create_tables": True}
        async with AdvancedPostgresSession("talk", **named) as session:  # type: ignore[arg-type]
            await session.add_items([user("hello")])

    try:
        for number in range(times):
            start.wait(120)
            asyncio.run(write(number))
            close_all()
    except BaseException:
        traceback.print_exc()
        start.abort()
        raise


def main(url: str, processes: int, times: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for number in range(times):
            connection.execute(f"CREATE SCHEMA empty_{number}")  # type: ignore[call-overload]
    fork = multiprocessing.get_context("fork")
    start = fork.Barrier(processes)
    makers = [fork.Process(target=make, args=(url, times, start)) for _ in range(processes)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    sys.exit(max(maker.exitcode or 0 for maker in makers))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
