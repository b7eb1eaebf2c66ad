"""Writers on a server that is killed, and what is there afterwards."""

import asyncio
from collections import Counter

from convo import AdvancedPostgresSession, ConversationStore
from convo.errors import DatabaseUnavailableError, ReadOnlyDatabaseError
from tests.core.addresses import rows
from tests.core.talk import user
from tests.postgres.proxy import Loss, Proxy

COUNT = 8


class Writers:
    """Writers, half of whom share a session, in a `with` block.

    Each has a pool of its own, as a process would. The COMMITs of two of them can be lost, as those
    that are on their way when the server is killed: one that it gets, and one that it does not.
    """

    def __init__(self, url: str, first: tuple[Proxy, str], second: tuple[Proxy, str]) -> None:
        self.sure: list[tuple[str, str]] = []
        self.unsure: list[tuple[str, str]] = []
        self._proxies = first[0], second[0]
        self._urls = [first[1], second[1], *[url] * (COUNT - 2)]
        self._is_over = False
        self._tasks: list[asyncio.Future[None]] = []

    async def __aenter__(self) -> "Writers":
        self._tasks = [asyncio.ensure_future(self._write(number)) for number in range(COUNT)]
        return self

    async def __aexit__(self, *raised: object) -> None:
        self._is_over = True
        await asyncio.gather(*self._tasks)

    async def more(self) -> None:
        """Wait until some more turns have been acknowledged to each."""
        enough = Counter(self._writer(said) for _, said in self.sure)
        for number in range(COUNT):
            enough[f"{number}"] += 5
        while enough - Counter(self._writer(said) for _, said in self.sure):
            assert not any(task.done() for task in self._tasks), self._tasks
            await asyncio.sleep(0.005)

    async def lose(self) -> None:
        """Wait until two COMMITs are on their way, whose answers do not come."""
        for proxy, is_stored in zip(self._proxies, (True, False), strict=True):
            loss = proxy.loss = Loss(is_stored=is_stored, cut=False)
            assert await asyncio.to_thread(loss.has_happened.wait, 60)

    def look(self, url: str) -> None:
        """Assert that each turn is there once, or not at all if it was not acknowledged."""
        content = "message_data::json ->> 'content'"
        found = Counter(rows(url, f"SELECT session_id, {content} FROM agent_messages ORDER BY id"))
        assert [one for one in self.sure if found[one] != 2] == []
        assert [one for one in self.unsure if found[one] not in (0, 2)] == []
        assert found.keys() <= {*self.sure, *self.unsure}

    async def _write(self, number: int) -> None:
        name = "shared" if number % 2 else f"own {number}"
        url = self._urls[number]
        session = AdvancedPostgresSession(name, url=url, pool_size=number + 1, lock_timeout=60)
        count = 0
        while not self._is_over:
            said = f"{number}.{count}"
            try:
                await session.add_items([user(said), {"role": "assistant", "content": said}])
            except DatabaseUnavailableError:
                self.unsure.append((name, said))
            except ReadOnlyDatabaseError:
                # A replica that is not promoted yet: nothing is stored.
                await asyncio.sleep(0.05)
            else:
                self.sure.append((name, said))
            count += 1

    @staticmethod
    def _writer(said: str) -> str:
        return said.partition(".")[0]


async def check(url: str) -> None:
    """Assert that the structure of the database is consistent."""
    async with ConversationStore(url) as store:
        assert await store.check() == []
