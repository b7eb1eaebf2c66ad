"""What the state machines share: their settings, a fast folder, an event loop, SQL on the side."""

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine

THOROUGH = 15
"""How many times more a run with HYPOTHESIS_PROFILE=thorough looks at."""


def settings_for(*, examples: int, steps: int) -> settings:
    """Settings that find the same things in every run of CI, and new ones elsewhere."""
    thorough = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
    return settings(
        max_examples=examples * THOROUGH if thorough else examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize="CI" in os.environ,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


def fast_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder in memory where there is one: no commit waits for a disk there."""
    shared = Path("/dev/shm")
    in_memory = shared.is_dir() and os.access(shared, os.W_OK)
    return tempfile.TemporaryDirectory(prefix="convo-", dir=shared if in_memory else None)


def observer(path: Path) -> sqlite3.Connection:
    """A connection past both classes."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    # Messages are read as they stand, whatever is in them.
    connection.row_factory = sqlite3.Row
    return connection


class Machine(RuleBasedStateMachine):
    """A state machine with a folder and an event loop of its own for each example."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = fast_folder()
        self.folder = Path(self._folder.name)
        self._runner = asyncio.Runner()

    def wait(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """What a coroutine comes to, on the example's event loop."""
        return self._runner.get_loop().run_until_complete(coroutine)

    def teardown(self) -> None:
        try:
            self.wait(self.close())
        finally:
            self._runner.close()
            self._folder.cleanup()

    async def close(self) -> None:
        """Close what the machine has opened."""
