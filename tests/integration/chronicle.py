"""A writer of everything that is killed: `python -m tests.integration.chronicle COUNT DATABASE`.

What the writer does follows from a seed, and so does what the file must hold after each step. A
step that was acknowledged has to be there; of the one after it, all or nothing.
"""

import asyncio
import copy
import os
import random
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from convo import AdvancedSQLiteSession, ConversationStore
from convo.usage_records import RunRecord
from tests.integration.victims import die_once

Row = tuple[int, str]
"""The turn of an item, and what it says."""


@dataclass
class Expected:
    """What the conversation should be."""

    name: str
    branch: str = "main"
    branches: dict[str, list[Row]] = field(default_factory=lambda: {"main": []})
    usage: dict[tuple[str, int], int] = field(default_factory=dict)

    @property
    def rows(self) -> list[Row]:
        """Those of the current branch."""
        return self.branches[self.branch]

    def last_turn(self, branch: str) -> int:
        return max((turn for turn, _ in self.branches[branch]), default=0)

    def say(self, branch: str, *texts: str) -> None:
        """A new turn on a branch."""
        turn = self.last_turn(branch) + 1
        self.branches[branch] += [(turn, text) for text in texts]

    def shown(self) -> tuple[Any, ...]:
        """What can be compared with the file; a session is not there while it is empty."""
        return self.branches, {key: total for key, total in self.usage.items() if total}


@dataclass(frozen=True)
class Step:
    """Something to do, and what must be so afterwards."""

    do: str
    arguments: tuple[Any, ...]
    session: str
    branch: str
    after: Expected


def chronicle(life: str) -> Iterator[Step]:
    """Every step of a writer's life, without end."""
    chance = random.Random(life)
    now = Expected(name=f"{life}.0")
    for number in range(sys.maxsize):
        before = copy.deepcopy(now)
        do = chance.choice(_possible(now))
        arguments = _ACTS[do](now, f"{life}.{number}", chance)
        yield Step(do, arguments, before.name, before.branch, copy.deepcopy(now))


def _possible(now: Expected) -> list[str]:
    possible = ["append", "append", "plain"]
    if now.rows:
        possible += ["pop", "fork", "usage"]
    if now.branch != "main":
        possible += ["delete", "leave"]
    if sum(map(len, now.branches.values())) > 30:
        possible += ["clear"]
    if any(now.branches.values()):
        # An empty session need not be there.
        possible += ["rename", "record"]
    return possible


def _append(now: Expected, name: str, chance: random.Random) -> tuple[Any, ...]:
    texts = (name, *(f"{name}.{n}" for n in range(chance.randrange(1, 4))))
    now.say(now.branch, *texts)
    return (texts,)


def _record(now: Expected, name: str, chance: random.Random) -> tuple[Any, ...]:
    (texts,) = _append(now, name, chance)
    total = chance.randrange(2, 1000)
    now.usage[now.branch, now.last_turn(now.branch)] = total
    return texts, total


def _usage(now: Expected, _: str, chance: random.Random) -> tuple[Any, ...]:
    total = chance.randrange(2, 1000)
    key = now.branch, now.last_turn(now.branch)
    now.usage[key] = now.usage.get(key, 0) + total
    return (total,)


def _plain(now: Expected, name: str, _: random.Random) -> tuple[Any, ...]:
    now.say("main", name)
    return (name,)


def _pop(now: Expected, _: str, __: random.Random) -> tuple[Any, ...]:
    turn, _text = now.rows.pop()
    if turn not in dict(now.rows):
        now.usage.pop((now.branch, turn), None)
    return ()


def _fork(now: Expected, name: str, chance: random.Random) -> tuple[Any, ...]:
    turn = chance.randrange(1, now.last_turn(now.branch) + 1)
    now.branches[name] = [row for row in now.rows if row[0] < turn]
    now.branch = name
    return turn, name


def _delete(now: Expected, _: str, __: random.Random) -> tuple[Any, ...]:
    gone = now.branch
    _leave(now)
    del now.branches[gone]
    now.usage = {key: total for key, total in now.usage.items() if key[0] != gone}
    return (gone,)


def _leave(now: Expected, *_: object) -> tuple[Any, ...]:
    now.branch = "main"
    return ()


def _clear(now: Expected, *_: object) -> tuple[Any, ...]:
    now.branch, now.branches, now.usage = "main", {"main": []}, {}
    return ()


def _rename(now: Expected, name: str, _: random.Random) -> tuple[Any, ...]:
    now.name = name
    return (name,)


_ACTS = {
    "append": _append,
    "record": _record,
    "usage": _usage,
    "plain": _plain,
    "pop": _pop,
    "fork": _fork,
    "delete": _delete,
    "leave": _leave,
    "clear": _clear,
    "rename": _rename,
}


def items(texts: tuple[str, ...]) -> list[Any]:
    question, *answers = texts
    return [
        {"role": "user", "content": question},
        *({"role": "assistant", "content": answer} for answer in answers),
    ]


def cost(total: int) -> RunRecord:
    return RunRecord("m", 1, total - 1, 1, total)


class Writer:
    """Does what the chronicle says."""

    def __init__(self, path: str, store: ConversationStore) -> None:
        self._path = path
        self._store = store

    async def do(self, step: Step) -> None:
        if step.do == "rename":
            await self._store.rename_session(step.session, *step.arguments)
        elif step.do == "plain":
            self._write_plainly(step.session, *step.arguments)
        elif step.do == "record":
            texts, total = step.arguments
            await self._store.record_turn(step.session, step.branch, items(texts), cost(total))
        else:
            async with AdvancedSQLiteSession(
                session_id=step.session, db_path=self._path, branch_id=step.branch
            ) as session:
                await self._do_to(session, step)

    async def _do_to(self, session: AdvancedSQLiteSession, step: Step) -> None:
        match step.do, step.arguments:
            case "append", (texts,):
                await session.add_items(items(texts))
            case "usage", (total,):
                await session.store_usage(None, cost(total))  # type: ignore[arg-type]
            case "pop", ():
                await session.pop_item()
            case "fork", (turn, name):
                await session.create_branch_from_turn(turn, name)
            case "delete", (name,):
                await session.delete_branch(name, force=True)
            case "clear", ():
                await session.clear_session()
            case "leave", ():
                await session.switch_to_branch("main")

    def _write_plainly(self, session_id: str, text: str) -> None:
        """As the SDK's plain session does, so that somebody has to adopt it."""
        with closing(sqlite3.connect(self._path, timeout=30)) as connection, connection:
            connection.execute(
                "INSERT OR IGNORE INTO agent_sessions (session_id) VALUES (?)", (session_id,)
            )
            connection.execute(
                "INSERT INTO agent_messages (session_id, message_data) VALUES (?, ?)",
                (session_id, f'{{"role": "user", "content": "{text}"}}'),
            )


def live(path: str, life: str, pipe: int) -> None:
    async def work() -> None:
        async with ConversationStore(path) as store:
            writer = Writer(path, store)
            for step in chronicle(life):
                await writer.do(step)
                os.write(pipe, b"done\n")

    asyncio.run(work())


async def found(path: str, life: str) -> tuple[str | None, tuple[Any, ...]]:
    """The conversation of a life as it is: its name, and what `Expected.shown` says of it."""
    async with ConversationStore(path) as store:
        assert await store.check() == [] or await adopted(store)
        names = [
            s.session_id for s in await store.sessions() if s.session_id.startswith(f"{life}.")
        ]
        if not names:
            return None, ({"main": []}, {})
        (name,) = names
        async with store.session(name) as session:
            branches, usage = {}, {}
            for row in await session.list_branches():
                branch = row["branch_id"]
                turns = {
                    t["full_content"]: t["turn"]
                    for t in await session.get_conversation_turns(branch)
                }
                branches[branch] = list(numbered(await session.get_items(branch_id=branch), turns))
                for cost_of in await session.get_turn_usage(branch_id=branch):
                    usage[branch, cost_of["user_turn_number"]] = cost_of["total_tokens"]
        return name, (branches, usage)


async def adopted(store: ConversationStore) -> bool:
    """Whether only plain rows were amiss, which a look at their session puts in their place."""
    await store.sessions()
    return await store.check() == []


def numbered(said: list[Any], turns: dict[str, int]) -> Iterator[Row]:
    turn = 0
    for item in said:
        turn = turns.get(item["content"], turn)
        yield turn, item["content"]


def main(count: int, path: str) -> None:
    async def begin() -> None:
        async with ConversationStore(path, create=True) as store:
            await store.sessions()
            await store.start_session("bystander")

    asyncio.run(begin())
    chance = random.Random(count)
    steps = 0
    for number in range(count):
        life = f"life{number}"
        done = len(die_once(partial(live, path, life), chance))
        steps += done
        with closing(sqlite3.connect(path)) as file:
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        following = chronicle(life)
        possible = [Expected(name=f"{life}.0")]
        possible += [next(following).after for _ in range(done + 1)]
        name, shown = asyncio.run(found(path, life))
        last, next_one = possible[-2:]
        assert shown in (last.shown(), next_one.shown()), (shown, last, next_one)
        assert name in (last.name, next_one.name, None), (name, last, next_one)
    print(count, "killed", "after some steps" if steps > count else "at once")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
