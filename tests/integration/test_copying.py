"""A copy that is killed: whole sessions or none, and the next one brings the rest."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from convo import ConversationStore
from tests.core.addresses import rows
from tests.core.talk import run, turn
from tests.program import EXECUTABLE, PATIENCE, Program

SESSIONS, TURNS = 24, 4


async def filled(path: Path) -> None:
    async with ConversationStore(path, create=True) as store:
        for number in range(SESSIONS):
            name = f"s{number:02}"
            await store.start_session(name)
            for question in range(TURNS):
                await store.record_turn(name, "main", turn(f"{question}" * 500), run())
            await store.branch(name, "main", turn=3, name="side", expected="main")
            await store.undo(name, "main", 1)


async def documents(address: Path | str) -> dict[str, bytes]:
    found = {}
    async with ConversationStore(address) as store:
        for info in await store.sessions():
            file = io.BytesIO()
            await store.write_document(info.session_id, file)
            found[info.session_id] = (
                file.getvalue()
                .replace(b', "current": true', b"")
                .replace(b', "current": false', b"")
            )
        removed = {name: await store.removed(name) for name in found}
    assert all(len(entries) == 1 for entries in removed.values())
    return found


@pytest.mark.parametrize("engine", ["file", "server"])
def test_a_copy_that_is_killed(tmp_path: Path, engine: str, request: pytest.FixtureRequest) -> None:
    source = tmp_path / "source.db"
    target: Path | str = tmp_path / "target.db"
    asyncio.run(filled(source))
    convo = Program(tmp_path)
    if engine == "server":
        target = request.getfixturevalue("postgres_url")
        convo.env["PGPASSWORD"] = target.split("@")[0].rsplit(":", 1)[1]
        named = target.replace(f":{convo.env['PGPASSWORD']}@", "@")
    else:
        named = str(target)
    whole = asyncio.run(documents(source))
    command = [EXECUTABLE, "db", "copy", source, named, "--skip-existing"]
    for at_least in (1, 8):
        process = subprocess.Popen(command, env=convo.env)
        _wait_until(process, target, at_least)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        copied = asyncio.run(documents(target))
        assert copied.items() <= whole.items()
    assert len(copied) >= 8
    done = convo(*command[1:])
    assert f"left out {len(copied)} sessions that it has already" in done.err
    assert asyncio.run(documents(target)) == whole


def _wait_until(process: subprocess.Popen[bytes], target: Path | str, count: int) -> None:
    """Wait until a number of sessions is there, or the program has ended."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        is_there = not isinstance(target, Path) or (target.exists() and target.stat().st_size)
        if is_there and _count(target) >= count:
            return
        time.sleep(0.005)


def _count(target: Path | str) -> int:
    names = "SELECT count(*) FROM agent_sessions"
    try:
        return int(rows(target, names)[0][0])
    except Exception:  # noqa: BLE001  the tables may not be there yet
        return 0
