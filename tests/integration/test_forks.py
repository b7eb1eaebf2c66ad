"""A process that forks after it has used a database: the child neither hangs nor does damage."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.addresses import rows
from tests.integration import forking
from tests.integration.soundness import assert_sound


@pytest.mark.parametrize("case", [case.__name__ for case in forking.CASES])
def test_a_fork(path: Path, case: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-m", forking.__name__, case, path],
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    asyncio.run(assert_sound(path))
    if case == "under_load":
        assert rows(path, "SELECT count(*) FROM agent_sessions") == [(forking.FORKS + 3,)]
