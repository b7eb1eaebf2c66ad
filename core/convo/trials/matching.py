"""Matches patterns and schemas in a process of its own, which can be killed.

A pattern can take longer than the universe exists, in a regular expression as in a JSON Schema,
and Python can neither interrupt it nor run anything else beside it.
"""

import asyncio
import json
import sys
from contextlib import suppress
from typing import Any

LONGEST = 5.0
"""The seconds that a match may take."""

_MEMORY = 2**31
"""The bytes that the process may have."""

_LONGEST_LINE = 2**20
"""The longest line that the process answers with, in bytes."""


class TooSlowError(Exception):
    """A match took too long, or too much memory."""


class Matcher:
    """The process, which is started for the first match and after every one that was too slow."""

    def __init__(self, longest: float = LONGEST) -> None:
        self._longest = longest
        self._process: asyncio.subprocess.Process | None = None
        self._one = asyncio.Lock()

    async def __aenter__(self) -> "Matcher":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    async def found(self, pattern: str, text: str, *, ignore_case: bool) -> bool:
        """Whether a regular expression matches anywhere. Raises `TooSlowError`."""
        return bool(await self._ask({"pattern": pattern, "text": text, "i": ignore_case}))

    async def schema_problem(self, schema: Any, answer: str) -> str | None:
        """Why an answer does not fit a schema; None if it does.

        Raises `TooSlowError`, and `ValueError` if it cannot be checked.
        """
        problem = await self._ask({"schema": schema, "text": answer})
        return None if problem is None else str(problem)

    async def _ask(self, asked: dict[str, Any]) -> Any:
        async with self._one:
            answered = False
            try:
                # It has to be loaded first, which takes long on a machine with much to do.
                process = await self._started()
                assert process.stdin is not None
                assert process.stdout is not None
                async with asyncio.timeout(self._longest):
                    process.stdin.write(json.dumps(asked).encode() + b"\n")
                    await process.stdin.drain()
                    line = await process.stdout.readline()
                answered = bool(line)
            except (TimeoutError, OSError):
                line = b""
            finally:
                # Of a match that was cancelled, the answer would be taken for that of the next.
                if not answered:
                    await self._end()
        if not answered:
            raise TooSlowError(f"it took longer than {self._longest:g} s, or too much memory")
        result = json.loads(line)
        if "unchecked" in result:
            raise ValueError(result["unchecked"])
        return result["result"]

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "convo.trials.matching",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=_LONGEST_LINE,
                # Ctrl-C is for the program, which ends this one.
                start_new_session=True,
            )
            assert self._process.stdout is not None
            if not await self._process.stdout.readline():
                raise OSError("the process that matches patterns does not start")
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            # Until its pipes are closed, the transport is there, and warns when it is collected.
            transport = getattr(process, "_transport", None)
            if transport is not None:
                transport.close()


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """What the process answers."""
    if "pattern" in asked:
        import re

        flags = re.IGNORECASE if asked["i"] else 0
        return {"result": re.search(asked["pattern"], asked["text"], flags) is not None}
    from convo.trials.json_schema import NotCheckedError, answer_problem

    try:
        return {"result": answer_problem(asked["schema"], asked["text"])}
    except NotCheckedError as error:
        return {"unchecked": str(error)}


def _limit_memory() -> None:
    try:
        from resource import RLIMIT_AS, setrlimit

        setrlimit(RLIMIT_AS, (_MEMORY, _MEMORY))
    except (ImportError, OSError, ValueError):
        return  # Not every system has the limit.


def main() -> None:
    """Answer the questions on stdin until it ends."""
    _limit_memory()
    out = sys.stdout
    out.write("\n")
    out.flush()
    for line in sys.stdin:
        out.write(json.dumps(answer(json.loads(line))) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
