"""A process that holds the SDK's sessions: requests on stdin, answers on stdout, a line each."""

import asyncio
import json
import sys
from typing import Any

from tests.core.differential import seats
from tests.core.differential.answers import Error
from tests.core.differential.seats import Instance
from tests.core.differential.spent import Run


async def answer(request: dict[str, Any], instances: dict[int, Instance]) -> dict[str, Any]:
    """Do what a request asks for."""
    number = request["instance"]
    match request["do"]:
        case "open":
            instances[number] = seats.theirs(request["session_id"], request["path"])
            return {}
        case "close":
            await instances.pop(number).close()
            return {}
        case _:
            args = [Run.read(arg) if Run.is_written(arg) else arg for arg in request["args"]]
            found = await instances[number].call(request["method"], *args)
            if isinstance(found, Error):
                return {"error": [found.kind, found.message]}
            return {"answer": found}


async def main() -> None:
    """Answer one request after the other, until there are no more."""
    instances: dict[int, Instance] = {}
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(await answer(json.loads(line), instances)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
