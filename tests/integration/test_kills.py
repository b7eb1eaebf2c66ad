"""SIGKILL at random moments of every kind of write."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.victims import KINDS

ROOT = Path(__file__).parents[2]
QUIETLY = ["-W", "ignore:This process:DeprecationWarning"]
"""Python 3.12 warns of a fork beside a thread: a connection's ends just after its `close`."""

KILLS = 24
"""For each of the thirteen kinds: 312 in all."""


def killed(program: str, *arguments: str | int | Path) -> str:
    """What a program says that kills its children and looks at what they leave."""
    done = subprocess.run(
        [sys.executable, *QUIETLY, "-m", f"tests.integration.{program}", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_writer_leaves_the_file_whole(path: Path, kind: str) -> None:
    said = killed("victims", kind, KILLS, path)
    assert said == f"{KILLS} killed, some acknowledged\n"


def test_a_killed_writer_of_everything_leaves_what_it_had_done(path: Path) -> None:
    """Exactly: each step that was acknowledged, and of the next one all or nothing."""
    assert killed("chronicle", 60, path) == "60 killed after some steps\n"


def test_the_others_go_on_when_one_is_killed(path: Path) -> None:
    assert killed("casualties", 30, path) == "30 killed, some acknowledged\n"


@pytest.mark.parametrize("kind", ["record", "crowd"])
def test_on_a_disk_that_takes_its_time(tmp_path: Path, kind: str) -> None:
    """Elsewhere a commit returns at once: here there are moments to be killed in during one."""
    said = killed("victims", kind, KILLS, tmp_path / "conversations.db")
    assert said == f"{KILLS} killed, some acknowledged\n"
