"""Histories that tests make of random steps, and what can be said of them afterwards."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from hypothesis import strategies as st

from convo import ConversationStore, RunRecord
from convo.errors import ConvoError
from convo.pending.pending import AskedTurn, Progress
from tests.core.talk import call, output, run, turn

_SAYINGS = ["hi", "été \u2028", "\ud800 alone", "\x00\x1b[2J", "1" * 30]
_ODD_ITEMS = [
    {"role": "user", "content": float("nan")},
    {"role": "user", "content": 10**40},
    {"type": "reasoning", "summary": [], "x": -0.0, "y": 1e300},
]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.sampled_from(_SAYINGS)),
        st.tuples(st.just("odd"), st.sampled_from(_ODD_ITEMS)),
        st.tuples(st.just("tool"), st.just("")),
        st.tuples(st.just("branch"), st.integers(1, 4)),
        st.tuples(st.just("switch"), st.integers(0, 3)),
        st.tuples(st.just("undo"), st.integers(1, 2)),
        st.tuples(st.just("restore"), st.just("")),
        st.tuples(st.just("delete"), st.integers(0, 3)),
        st.tuples(st.just("rename"), st.integers(0, 3)),
        st.tuples(st.just("fail"), st.sampled_from(_SAYINGS)),
        st.tuples(st.just("begin"), st.just("")),
        st.tuples(st.just("move"), st.just("")),
    ),
    max_size=14,
)


class History:
    """A session that steps are made in; those that are not possible then are left out."""

    def __init__(self, store: ConversationStore) -> None:
        self.store = store
        self.session = "s"
        self.names = 0

    async def steps(self, steps: list[tuple[str, Any]]) -> None:
        for step in steps:
            with suppress(ConvoError):
                await self.step(*step)

    async def step(  # noqa: C901  one line for each command
        self, what: str, value: Any
    ) -> None:
        head = (await self.store.session_head(self.session)).branch_id
        names = [info.branch_id for info in await self.store.branches(self.session)]
        self.names += 1
        match what:
            case "say":
                await self.store.record_turn(self.session, head, turn(value), run(self.names))
            case "odd":
                await self.store.record_turn(self.session, head, [value], run(self.names))
            case "tool":
                items = [*turn("use"), call("t"), output("t")]
                await self.store.record_turn(self.session, head, items, run(60))
            case "branch":
                await self.store.branch(
                    self.session, head, turn=value, name=f"b{self.names}", expected=head
                )
            case "switch":
                await self.store.switch(self.session, names[value % len(names)], expected=head)
            case "undo":
                await self.store.undo(self.session, head, value)
            case "restore":
                await self.store.restore(self.session)
            case "delete":
                await self.store.delete_branches(self.session, [names[value % len(names)]])
            case "rename":
                old = names[value % len(names)]
                await self.store.rename_branch(self.session, old, f"r{self.names}")
            case "fail" | "begin":
                await self._ask(None if what == "begin" else self.session, head, value)
            case "move":
                await self.store.rename_session(self.session, f"s{self.names}")
                self.session = f"s{self.names}"

    async def _ask(self, session: str | None, branch: str, text: str) -> None:
        items = [{"role": "user", "content": text}]
        number = await self.store.begin_turn(AskedTurn(session, branch, items))
        progress = Progress(answer="half", run=RunRecord("m", 1, 5, 5, 10))
        await self.store.save_progress(session, number, progress)
        await self.store.end_pending(session, number, "failed", progress, message="no")


@asynccontextmanager
async def two_stores() -> AsyncIterator[tuple[ConversationStore, ConversationStore]]:
    async with ConversationStore(":memory:") as one, ConversationStore(":memory:") as other:
        yield one, other


async def document(store: ConversationStore, session: str, branch: str | None = None) -> bytes:
    file = io.BytesIO()
    await store.write_document(session, file, branch_id=branch)
    return file.getvalue()


async def documents(store: ConversationStore) -> dict[str, bytes]:
    names = [info.session_id for info in await store.sessions()]
    return {
        name: await document(store, name)
        for name in [*names, *await store.sessions_without_record()]
    }


async def reports(store: ConversationStore, session: str) -> Any:
    """What the commands say of a session."""
    branches = await store.branches(session)
    return (
        branches,
        await store.tree(session),
        await store.usage(session, by="turn"),
        await store.usage(session, by="branch"),
        await store.usage(session, by="total"),
        [await store.turns(session, info.branch_id) for info in branches],
        [await store.history(session, info.branch_id) for info in branches],
        await store.session_model(session),
        await store.session_head(session),
    )
