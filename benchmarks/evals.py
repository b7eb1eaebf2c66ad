"""How busy `convo eval` keeps a server: 1,000 cases, as many at the same time as it has slots."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import urllib.request
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import targets
from benchmarks.cases import program
from benchmarks.figures import met, table

SLOTS = 16
DELAYS = (0.1, 0.25, 0.5, 1.0)
"""How long an answer takes at the server, in seconds."""

_ANSWER = "The capital of France is Paris."


class Slots:
    """A server with so many slots: an answer takes one of them for a time; others wait."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._free = asyncio.Semaphore(SLOTS)
        self._busy = 0.0
        self._first: float | None = None
        self._last = 0.0

    async def serve(self) -> None:
        """Serve until the process is ended; the port is written to stdout."""
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().lower().split("\r\n")
                length = next(
                    (int(line[15:]) for line in lines if line.startswith("content-length:")), 0
                )
                await reader.readexactly(length)
                body = self._share() if lines[0].startswith("get") else await self._answer()
                kind = b"application/json" if lines[0].startswith("get") else b"text/event-stream"
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
                    % (kind, len(body), body)
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self) -> bytes:
        loop = asyncio.get_running_loop()
        async with self._free:
            begun = loop.time()
            self._first = begun if self._first is None else self._first
            await asyncio.sleep(self._delay)
            self._last = loop.time()
            self._busy += self._last - begun
        told: dict[str, Any] = {"id": "c", "object": "chat.completion.chunk", "model": "slots"}
        said = {"role": "assistant", "content": _ANSWER}
        usage = {"prompt_tokens": 12, "completion_tokens": 8, "total_tokens": 20}
        chunks = [
            {**told, "created": 1, "choices": [{"index": 0, "delta": said, "finish_reason": None}]},
            {
                **told,
                "created": 1,
                "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
                "usage": usage,
            },
        ]
        lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
        return "".join([*lines, "data: [DONE]\n\n"]).encode()

    def _share(self) -> bytes:
        """The share of the time of all slots in which they were taken."""
        whole = SLOTS * (self._last - (self._first or 0.0))
        return json.dumps({"busy": self._busy / whole, "seconds": whole / SLOTS}).encode()


def run(cases: int, delay: float) -> dict[str, float]:
    """Evaluate so many cases; how busy the server was, and the processor time of the program."""
    with TemporaryDirectory(prefix="convo-bench-") as folder:
        file = Path(folder) / "set.jsonl"
        with file.open("w") as written:
            for number in range(cases):
                case = {"prompt": f"{number}: the capital of France?", "contains": "Paris"}
                written.write(json.dumps(case) + "\n")
        command = [sys.executable, "-m", "benchmarks.evals", str(delay)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            url = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
            words = ["eval", str(file), "-m", "slots", "--base-url", url, "--jobs", str(SLOTS)]
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            try:
                subprocess.run(
                    [*program(), *words, "--yes", "-q", "--json", "--db", f"{folder}/c.db"],
                    check=True,
                    stdout=subprocess.DEVNULL,
                    env={**os.environ, "CONVO_CONFIG": f"{folder}/none.toml", "HOME": folder},
                )
                used = resource.getrusage(resource.RUSAGE_CHILDREN)
                with urllib.request.urlopen(f"{url}/busy") as answer:
                    found: dict[str, float] = json.load(answer)
            finally:
                server.kill()
    own = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return {**found, "processor": own}


def measured(cases: int) -> str:
    """A table of evals of so many cases, at servers of different speeds."""
    rows = []
    for delay in DELAYS:
        found = run(cases, delay)
        rows.append(
            [
                f"{delay:g} s",
                f"{found['seconds']:,.1f} s",
                f"{found['busy']:.0%}",
                f"{1000 * found['processor'] / cases:,.1f} ms",
                met(found["busy"] >= targets.EVAL_BUSY),
            ]
        )
    head = ["an answer takes", "all", "slots taken", "processor a case", "met"]
    note = (
        f"`convo eval` asks {cases:,} cases of a server with {SLOTS} slots, `--jobs {SLOTS}`: the "
        f"share of their time in which the slots are taken, at least {targets.EVAL_BUSY:.0%}."
    )
    return f"## Evaluating\n\n{note}\n\n{table(head, rows)}"


if __name__ == "__main__":
    asyncio.run(Slots(float(sys.argv[1])).serve())
