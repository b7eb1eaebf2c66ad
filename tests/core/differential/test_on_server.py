"""The third subject: what the two classes do on files, ours does on a server too.

Whatever the SDK's class and ours are told on a file of their own, ours is told on a server, and
every answer, error and row is compared with that of our file.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

import psycopg
import pytest
from hypothesis.stateful import initialize, rule
from psycopg.rows import dict_row
from psycopg.types.string import TextLoader

from tests.core.differential import things
from tests.core.differential.machinery import settings_for
from tests.core.differential.on_server import NUL, Mirrored, numbered
from tests.core.differential.tables import let_an_hour_pass, tables
from tests.core.differential.test_two_files import SameOnTwoFiles, instances
from tests.postgres.databases import TEMPLATE, Databases

DATABASE = "differential"


names = things.names.filter(lambda name: name is None or NUL not in name)
"""Names that a server can store."""


class SameOnServer(SameOnTwoFiles):
    """Adds a session on a server to each of ours, in a database that begins empty."""

    databases: ClassVar[Databases]
    name: ClassVar[str]

    @initialize(items=things.conversations, choice=things.choices, name=names)
    def begin(self, items: list[Any], choice: int, name: str | None) -> None:
        SameOnTwoFiles.begin(self, items, choice, name)

    @rule(at=instances, choice=things.choices, name=names)
    def fork(self, at: int, choice: int, name: str | None) -> None:
        SameOnTwoFiles.fork(self, at, choice, name)

    @rule(at=instances, choice=things.choices, term=things.terms, name=names)
    def fork_by_content(self, at: int, choice: int, term: str, name: str | None) -> None:
        SameOnTwoFiles.fork_by_content(self, at, choice, term, name)

    def open(self) -> None:
        self.databases.empty(self.name)
        self.server = psycopg.connect(
            self.databases.url(self.name), autocommit=True, row_factory=dict_row
        )
        self.server.adapters.register_loader("timestamp", TextLoader)
        super().open()

    def twin(self, session_id: str, limit: int | None = None) -> Any:
        twin = super().twin(session_id, limit)
        settings = None if limit is None else {"limit": limit}
        twin.ours = Mirrored(twin.ours, self.databases.url(self.name), settings)
        return twin

    async def close(self) -> None:
        await super().close()
        self.server.close()

    def compare_rows(self) -> None:
        super().compare_rows()
        ours, server = numbered(tables(self.our_file)), numbered(tables(self.server))
        for table, rows in ours.items():
            assert server[table] == rows, table

    def damage(self, which: int, data: str) -> None:
        super().damage(which, data)
        for row in tables(self.server).messages[which // 10 % 10 :][:1]:
            self.server.execute(
                "UPDATE agent_messages SET message_data = %s WHERE id = %s", (data, row["id"])
            )

    def age(self) -> None:
        super().age()
        let_an_hour_pass(self.server, "{} - INTERVAL '1 hour'")


@pytest.fixture(autouse=True, scope="module")
def database(databases: Databases) -> Iterator[None]:
    """A database of this worker's own."""
    SameOnServer.databases, SameOnServer.name = databases, f"{DATABASE}_{id(databases)}"
    databases.make(SameOnServer.name, TEMPLATE)
    yield
    databases.drop(SameOnServer.name)


TestSameOnServer = SameOnServer.TestCase
TestSameOnServer.settings = settings_for(examples=15, steps=40)
