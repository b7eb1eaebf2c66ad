"""Our two classes told the same: one on a file, one on a server, which must not be told apart."""

from collections.abc import Callable
from typing import Any

from convo import AdvancedPostgresSession
from tests.core.differential.answers import Error, outcome, same
from tests.core.differential.seats import SILENT
from tests.core.differential.tables import Row, Tables

NUL = "\0"
_TIMES = ("created_at", "updated_at", "timestamp")


class Mirrored:
    """A session on a file, and one on a server that is asked the same after it.

    The answers and errors of both must be the same, but for the times in them.
    """

    def __init__(self, on_file: Any, url: str, settings: dict[str, int] | None) -> None:
        self.on_file = on_file
        self.on_server = AdvancedPostgresSession(
            on_file.session_id, url=url, logger=SILENT, session_settings=settings
        )

    def __getattr__(self, method: str) -> Callable[..., Any]:
        async def call(*args: Any, **kwargs: Any) -> Any:
            alike = await self._as_stored_there(method, args)
            mine = await outcome(getattr(self.on_file, method)(*args, **kwargs))
            there = getattr(self.on_server, alike[0])(*alike[1])
            server = await outcome(there)
            assert same(timeless(mine), timeless(server)), (method, args, mine, server)
            if isinstance(mine, Error):
                raise {"TypeError": TypeError, "ValueError": ValueError}.get(
                    mine.kind, RuntimeError
                )(mine.message)
            return mine

        return call

    async def _as_stored_there(
        self, method: str, args: tuple[Any, ...]
    ) -> tuple[str, tuple[Any, ...]]:
        """The same call for the server, which has no NUL to search for: there is what it finds."""
        if method == "create_branch_from_content" and NUL in args[0]:
            found = await outcome(self.on_file.find_turns_by_content(args[0]))
            if found and not isinstance(found, Error):
                return "create_branch_from_turn", (found[0]["turn"], *args[1:])
        return method, args


def timeless(answer: Any) -> Any:
    """An answer without the times in it; branches stand in the order of their names.

    A server's times have fractions of seconds, by which it orders branches.
    """
    if isinstance(answer, dict):
        return {key: timeless(value) for key, value in answer.items() if key not in _TIMES}
    if not isinstance(answer, list):
        return answer
    found = [timeless(one) for one in answer]
    is_of_branches = bool(found) and isinstance(found[0], dict) and "user_turns" in found[0]
    return sorted(found, key=lambda row: row["branch_id"]) if is_of_branches else found


def numbered(found: Tables) -> dict[str, list[Row]]:
    """All rows without times, and with the messages counted: a server leaves numbers out."""
    place = {row["id"]: at for at, row in enumerate(found.messages)}
    structure = [
        row | {"message_id": place[row["message_id"]], "id": 0}
        for row in sorted(
            found.structure, key=lambda row: (row["session_id"], row["sequence_number"])
        )
    ]
    return {
        "sessions": found.sessions,
        "messages": [row | {"id": 0} for row in found.messages],
        "structure": structure,
        "usage": [row | {"id": 0} for row in found.usage],
        "reservations": found.reservations,
        "generations": found.generations,
    }
