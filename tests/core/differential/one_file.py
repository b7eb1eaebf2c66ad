"""Instances of both classes on one file, and what has to be so after every step."""

import asyncio
from collections.abc import Iterable
from typing import Any

from convo import ConversationStore
from tests.core.differential import seats
from tests.core.differential.answers import Error, same
from tests.core.differential.differences import our_tool_usage
from tests.core.differential.machinery import Machine, observer
from tests.core.differential.model import MAIN, Conversation
from tests.core.differential.seats import Instance, Seat
from tests.core.differential.tables import inconsistencies, tables

SESSIONS = ("talk", "other")
SEATS = [
    ("talk", True),
    ("talk", False),
    ("talk", True),
    ("talk", False),
    ("other", True),
    ("other", False),
]
"""Session by session, which instances are ours: two of each class are on the first at once."""


class OneFile(Machine):
    """Opens the instances, and compares what they say with each other and with the model."""

    def open(self) -> None:
        self.path = self.folder / "shared.db"
        self.models = {session_id: Conversation() for session_id in SESSIONS}
        self.plain = {session_id: seats.plain(session_id, self.path) for session_id in SESSIONS}
        self.seats = [self.seat(at) for at in range(len(SEATS))]
        self.store = ConversationStore(self.path, create=True)
        self.wait(self.store.__aenter__())
        self.file = observer(self.path)
        self.wait(self.check())

    def open_theirs(self, session_id: str) -> Instance:
        """Open an instance of the SDK's class."""
        return seats.theirs(session_id, self.path)

    def seat(self, at: int) -> Seat:
        """Open the instance of a seat, which begins on `main`."""
        session_id, is_ours = SEATS[at]
        if is_ours:
            instance = seats.ours(session_id, self.path)
            # Ours notes the generation when it is first used.
            self.wait(instance.call("list_branches"))
            self.models[session_id].look()
        else:
            instance = self.open_theirs(session_id)
        return Seat(instance, is_ours, MAIN, self.models[session_id].generation)

    async def close(self) -> None:
        for instance in [*self.plain.values(), *(seat.instance for seat in self.seats)]:
            await instance.close()
        await self.store.__aexit__()
        self.file.close()

    # One instance.

    def model(self, at: int) -> Conversation:
        return self.models[SEATS[at][0]]

    def call(self, at: int, method: str, *args: Any) -> Any:
        """What a method comes to on one instance."""
        return self.wait(self.seats[at].instance.call(method, *args))

    async def both_append(self, said: dict[int, list[Any]]) -> list[Any]:
        """Let several instances append at once."""
        return await asyncio.gather(
            *(self.seats[at].instance.call("add_items", items) for at, items in said.items())
        )

    def is_stale(self, at: int) -> bool:
        """Whether the session was cleared since the instance went where it is."""
        return self.seats[at].generation != self.model(at).generation

    def current(self, at: int) -> str:
        """The branch that an instance is on."""
        return MAIN if self.is_stale(at) else self.seats[at].branch

    def refusal(self, at: int) -> Error | None:
        """What a write has to come to if somebody has deleted the branch under our instance."""
        seat, branch = self.seats[at], self.current(at)
        if not seat.is_ours or branch in self.model(at).names(ours=True):
            return None
        return Error(
            "ValueError",
            f"the branch '{branch}' of session '{SEATS[at][0]}' has been deleted",
        )

    def move(self, at: int, branch: str) -> None:
        """Note that an instance went to a branch."""
        self.seats[at].branch, self.seats[at].generation = branch, self.model(at).generation

    def done(self, at: int, *branches: str) -> None:
        """After a step: the file is sound, and both classes read what is expected on branches."""
        if self.is_stale(at):
            self.move(at, MAIN)
            self.call(at, "list_branches")
            if self.seats[at].is_ours:
                self.model(at).look()
        self.wait(self.check_step(at, branches))

    # What has to be so.

    async def check_step(self, at: int, branches: Iterable[str]) -> None:
        """What is looked at after each step."""
        await self.check()
        session_id, model = SEATS[at][0], self.model(at)
        for branch in branches:
            await self.compare_items(session_id, branch)
        if not model.plain:
            await self.compare_names(session_id)

    async def check(self) -> None:
        """The file is sound."""
        assert self.file.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        self.rows = tables(self.file)
        assert list(inconsistencies(self.rows)) == []
        expected = [name for name, model in sorted(self.models.items()) if model.plain]
        problems = await self.store.check()
        assert [(p.kind, p.session_id) for p in problems] == [
            ("message not adopted", name) for name in expected
        ]
        for name, model in self.models.items():
            assert self.rows.branches(name) == model.filled()

    def pair(self, session_id: str) -> tuple[Instance, Instance]:
        """An instance of the SDK's class and one of ours on a session."""
        at = [at for at, (name, _) in enumerate(SEATS) if name == session_id]
        one, other = self.seats[at[1]], self.seats[at[0]]
        return one.instance, other.instance

    async def compare_items(self, session_id: str, branch: str) -> None:
        """Both classes read the items of a branch that they should."""
        model = self.models[session_id]
        theirs, ours = self.pair(session_id)
        found = await theirs.call("get_items", None, branch)
        assert same(found, model.items(branch, ours=False)), (branch, found)
        if not model.plain:
            # To ask ours would put plain messages on `main`.
            assert same(await ours.call("get_items", None, branch), found)

    async def compare_names(self, session_id: str) -> None:
        """Ours looks, and lists what the SDK's class lists, and the empty branches."""
        theirs, ours = self.pair(session_id)
        listed = await ours.call("list_branches")
        model = self.models[session_id]
        model.look()
        empty = {row["branch_id"] for row in listed if not row["message_count"]}
        assert empty == model.names(ours=True) - model.filled()
        assert _by_name(await theirs.call("list_branches")) == _by_name(
            row for row in listed if row["message_count"]
        )

    async def compare_all(self, session_id: str) -> None:
        """Ours looks, and then both say the same about everything."""
        await self.compare_names(session_id)
        await self.check()
        for branch in sorted(self.models[session_id].names(ours=True)):
            await self.compare_items(session_id, branch)
            await self.compare_branch(session_id, branch)

    async def compare_branch(self, session_id: str, branch: str) -> None:
        """Both classes say the same about the turns, the tools and the usage of a branch."""
        theirs, ours = self.pair(session_id)

        async def asked(method: str, *args: Any) -> tuple[Any, Any]:
            return await theirs.call(method, *args), await ours.call(method, *args)

        their_turns, our_turns = await asked("get_conversation_turns", branch)
        # A copied turn has its own time in ours, and that of the copy in theirs.
        assert [row | {"timestamp": ""} for row in our_turns] == [
            row | {"timestamp": ""} for row in their_turns
        ]
        contents = [
            item.get("content", "") for item in self.models[session_id].turns(branch, ours=True)
        ]
        assert [(row["turn"], row["full_content"]) for row in our_turns] == list(
            enumerate(contents, 1)
        )
        their_tools, our_tools = await asked("get_tool_usage", branch)
        assert our_tools == our_tool_usage(their_tools, self.rows.branch(session_id, branch))
        for method, args in {
            "get_conversation_by_turns": (branch,),
            "get_turn_usage": (None, branch),
            "get_session_usage": (branch,),
        }.items():
            their_answer, our_answer = await asked(method, *args)
            assert same(their_answer, our_answer), (method, branch)


def _by_name(listed: Any) -> dict[str, Any]:
    return {row["branch_id"]: row | {"is_current": False} for row in listed}
