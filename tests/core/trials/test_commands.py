"""A command is ended with all that it started."""

import asyncio
import subprocess
import time
from pathlib import Path

import pytest

from convo.trials.commands import run_command


async def test_a_command_gets_the_text_and_the_environment() -> None:
    ran = await run_command(
        "cat; echo $CONVO_TURN; exit 3", "é\ud800\n", environ={"CONVO_TURN": "7"}
    )
    assert (ran.code, ran.output, ran.is_good) == (3, "é?\n7\n", False)


@pytest.mark.parametrize(
    ("command", "code"),
    [("true", 0), ("no-such-program-", 127), ("kill -9 $$", 137), ("exit 255", 255)],
)
async def test_exit_codes_are_those_of_a_shell(command: str, code: int) -> None:
    # It does not have to read what it is given.
    assert (await run_command(command, "x" * 1_000_000)).code == code


async def test_only_the_end_of_the_output_is_kept() -> None:
    ran = await run_command("head -c 1000000 /dev/zero | tr '\\0' x; echo end", "")
    assert (ran.code, len(ran.output), ran.output[-5:]) == (0, 4096, "xend\n")


async def test_a_command_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    line = f"sh -c 'echo $$ > {path}; trap \"\" TERM; sleep 60; true' & sleep 60"
    ran = await run_command(line, "", limit=2)
    assert ran.code is None
    gone(int(path.read_text()))


async def test_what_a_command_leaves_running_does_not_delay_it(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    ran = await run_command(f"sleep 60 & echo $! > {path}", "")
    assert ran.code == 0
    gone(int(path.read_text()))


async def test_a_cancelled_command_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    running = asyncio.create_task(run_command(f"echo $$ > {path}; exec sleep 60", ""))
    for _ in range(3000):
        if path.exists() and path.read_text().strip():
            break
        await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    gone(int(path.read_text()))


def gone(process: int) -> None:
    """Wait until a process has ended; the one that adopts it may take a moment to notice."""
    for _ in range(600):
        line = ["ps", "-o", "stat=", "-p", str(process)]
        state = subprocess.run(line, capture_output=True, text=True, check=False).stdout.strip()
        if not state or state.startswith("Z"):
            return
        time.sleep(0.05)
    raise AssertionError(f"{process} still runs")
