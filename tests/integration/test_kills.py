"""SIGKILL at random moments of every kind of write."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.folders import quick_database
from tests.integration.victims import KINDS

ROOT = Path(__file__).parents[2]
KILLS = 24
"""For each of the nine kinds: 216 in all."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_writer_leaves_the_file_whole(kind: str) -> None:
    with quick_database() as path:
        done = subprocess.run(
            [sys.executable, "-m", "tests.integration.victims", kind, str(KILLS), path],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert (done.stdout, done.stderr) == (f"{KILLS} killed, some acknowledged\n", "")
