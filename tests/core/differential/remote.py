"""The SDK's sessions in a process of their own, as instances of this one."""

import asyncio
import itertools
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Self

from tests.core.differential.answers import Error
from tests.core.differential.seats import Instance
from tests.core.differential.spent import Run

_ROOT = Path(__file__).parents[3]


class Worker:
    """The process; use it as a context manager."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.core.differential.worker"],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._numbers = itertools.count()
        self._one_at_a_time = threading.Lock()
        return self

    def __exit__(self, *_: object) -> None:
        with self._process as process:
            # It ends with its input.
            process.communicate()

    def open(self, session_id: str, path: Path) -> Instance:
        """An instance of the SDK's class over there."""
        number = next(self._numbers)
        self.ask(instance=number, do="open", session_id=session_id, path=str(path))
        return _Remote(self, number)

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send a request and wait for what comes back."""
        with self._one_at_a_time:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())


class _Remote:
    """An instance over there."""

    def __init__(self, worker: Worker, number: int) -> None:
        self._worker = worker
        self._number = number

    async def call(self, method: str, *args: Any) -> Any:
        """What a method comes to; meanwhile this process goes on."""
        written = [arg.written() if isinstance(arg, Run) else arg for arg in args]
        reply = await asyncio.to_thread(
            self._worker.ask, instance=self._number, do="call", method=method, args=written
        )
        return Error(*reply["error"]) if "error" in reply else reply["answer"]

    async def close(self) -> None:
        """Close the session over there."""
        self._worker.ask(instance=self._number, do="close")
