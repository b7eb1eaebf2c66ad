"""The store's methods for turns."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from convo.errors import TurnNotFoundError
from convo.history import items as history
from convo.history import turns
from convo.items.encoding import Item, encoded
from convo.merging import records
from convo.names import check_name
from convo.records import (
    Beside,
    Cut,
    LandedTurn,
    Location,
    NewSession,
    StoredTurn,
    ToolUse,
    TurnInfo,
    TurnPlace,
)
from convo.storage.transaction import Transaction
from convo.store import catalog, lookup, recording
from convo.store.base import OpenedStore
from convo.structure import numbering
from convo.usage_records import RunRecord

if TYPE_CHECKING:
    from convo.history.columns import Column
    from convo.history.comparison import Comparison
    from convo.history.lines import WholeSession
    from convo.history.transcript import TranscriptTurn, WholeTurns


class Turns(OpenedStore):
    """List, read, compare and store turns.

    What reads whole turns is imported when it is needed: most commands list them at most.
    """

    async def last_turn(self, session_id: str, branch_id: str) -> int:
        """The number of the last turn of a branch, 0 if it has none; fast even on long branches."""

        def find(tx: Transaction) -> int:
            lookup.require_branch(tx, session_id, branch_id)
            numbers = numbering.number_range(tx, session_id, branch_id)
            return 0 if numbers is None else numbers[1]

        return await self._read(find, session_id)

    async def turn_numbered(self, session_id: str, branch_id: str, number: int) -> int:
        """The turn with a number, counted from the end if below 0: -1 is the last turn.

        Raises `TurnNotFoundError`.
        """

        def find(tx: Transaction) -> int:
            lookup.require_branch(tx, session_id, branch_id)
            return lookup.turn_numbered(tx, session_id, branch_id, number)

        return await self._read(find, session_id)

    async def landed(
        self, session_id: str, after: int | None = None
    ) -> tuple[int, list[LandedTurn]]:
        """The id of a session's newest message, and the turns that began after an earlier one.

        `after` is an id that this method returned before; with None, no turns are returned.
        """
        return await self._read(lambda tx: turns.landed(tx, session_id, after), session_id)

    async def turns(
        self, session_id: str, branch_id: str, newest: int | None = None
    ) -> list[TurnInfo]:
        """The turns of a branch, or only the newest ones, in order."""

        def collect(tx: Transaction) -> list[TurnInfo]:
            lookup.require_branch(tx, session_id, branch_id)
            infos = turns.listed(tx, session_id, branch_id, self._unreadable, newest)
            merged = records.of_branch(tx, session_id, branch_id)
            return [info._replace(merged=merged.get(info.turn)) for info in infos]

        return await self._read(collect, session_id)

    async def last_agent(
        self, session_id: str, branch_id: str, before: int | None = None
    ) -> str | None:
        """The agent that the last turn of a branch, or the one before a turn, handed over to.

        None if the turn ended with the agent that began it, or if that is not known.
        """

        def find(tx: Transaction) -> str | None:
            numbers = numbering.number_range(tx, session_id, branch_id)
            if numbers is None:
                return None
            turn = numbers[1] if before is None else before - 1
            return turns.last_run(tx, session_id, branch_id, turn).agent

        return await self._read(find, session_id)

    async def answer_schema(self, session_id: str, branch_id: str, turn: int) -> str | None:
        """The JSON Schema, as JSON, that the answer of a turn had to match; None without one."""
        return await self._read(
            lambda tx: turns.last_run(tx, session_id, branch_id, turn).answer_schema, session_id
        )

    async def history(self, session_id: str, branch_id: str) -> list[Item]:
        """The items of a branch, as they are sent to a model."""
        return await self._read(
            lambda tx: history.read(tx, session_id, branch_id, None, self._unreadable), session_id
        )

    async def history_before(self, session_id: str, branch_id: str, turn: int) -> list[Item]:
        """The items of a branch before a turn; raises a `NotFoundError` if that is missing."""

        def find(tx: Transaction) -> list[Item]:
            lookup.require_branch(tx, session_id, branch_id)
            lookup.require_turn(tx, session_id, branch_id, turn)
            return history.before(tx, session_id, branch_id, turn, self._unreadable)

        return await self._read(find, session_id)

    async def record_turn(
        self, session_id: str, branch_id: str, items: list[Item], run: RunRecord
    ) -> int:
        """Store a whole turn with its usage, atomically; return its number."""
        return (await self.store_turn(Location(session_id, branch_id), items, run)).turn

    async def store_turn(
        self,
        place: TurnPlace,
        items: list[Item],
        run: RunRecord,
        *,
        pending_id: int | None = None,
        cut: Cut | None = None,
        keep_session: bool = False,
        keep_model: bool = False,
        then: Callable[[StoredTurn], None] | None = None,
    ) -> StoredTurn:
        """Store a whole turn with its usage, and drop it from the pending ones.

        This is atomic, and includes making its session or branch. With `cut`, the answer is marked
        as incomplete. With `keep_session`, the current session stays current, even if this turn
        begins another one; with `keep_model`, the session goes on with the model that it was asked
        with before. `then` is called with the result even if the caller has been cancelled
        in the meantime.
        """
        rows = encoded(items)
        session_id = _checked_session(place)
        return await self._write(
            session_id,
            lambda tx: recording.record(
                tx,
                place,
                rows,
                run,
                pending_id,
                cut,
                keep_session=keep_session,
                keep_model=keep_model,
            ),
            then=then,
        )

    async def keep_turn(
        self,
        place: TurnPlace,
        items: list[Item],
        pending_id: int,
        asked: RunRecord,
        *,
        keep_session: bool = False,
    ) -> StoredTurn:
        """Store a pending turn with its incomplete answer, marked as cut; it is no longer pending.

        `asked` gives the model and agent; the usage is in the ledger already. `keep_session` is as
        in `store_turn`. Raises `NotWaitingError` and `ConflictError`.
        """
        rows = encoded(items)
        session_id = _checked_session(place)
        return await self._write(
            session_id,
            lambda tx: recording.keep(
                tx, place, rows, pending_id, asked, keep_session=keep_session
            ),
        )

    async def transcript(
        self, session_id: str, branch_id: str, first: int | None = None, last: int | None = None
    ) -> "list[TranscriptTurn]":
        """Like `whole_turns`, with all turns parsed at once."""
        return list(await self.whole_turns(session_id, branch_id, first, last))

    async def whole_turns(
        self,
        session_id: str,
        branch_id: str,
        first: str | int | None = None,
        last: str | int | None = None,
    ) -> "WholeTurns":
        """The turns of a branch from `first` to `last`, both included, with all their items.

        Each is a number, counted from the end if below 0, or a tag; None means no bound. However
        long the branch is, only the rows of these turns are read. They are read in one snapshot,
        and each is parsed when it is reached: a long conversation takes little memory. Raises
        `TurnNotFoundError`.
        """
        from convo.history import transcript

        def collect(tx: Transaction) -> "WholeTurns":
            lookup.require_branch(tx, session_id, branch_id)
            lower, upper = (
                None if bound is None else lookup.turn_called(tx, session_id, branch_id, bound)
                for bound in (first, last)
            )
            if lower is not None and upper is not None and lower > upper:
                raise TurnNotFoundError(
                    f"turn {lower} comes after turn {upper}", hint=f"say {upper}..{lower}"
                )
            found = transcript.read(tx, session_id, branch_id, lower, upper, self._unreadable)
            found.merged = records.of_branch(tx, session_id, branch_id)
            return found

        return await self._read(collect, session_id)

    async def whole_session(self, session_id: str, current: str | None = None) -> "WholeSession":
        """The turns of all branches of a session, each once, in one snapshot.

        `current`, or else the head's branch, is marked as the current one. Like `whole_turns`, each
        turn is parsed when it is reached.
        """
        from convo.history import lines

        def collect(tx: Transaction) -> "WholeSession":
            catalog.require(tx, session_id)
            found = lines.read(tx, session_id, current, self._unreadable)
            for line in found.lines:
                line.turns.merged = records.of_branch(tx, session_id, line.branch_id)
            return found

        return await self._read(collect, session_id)

    async def turn_origins(self, session_id: str, branch_id: str) -> dict[int, tuple[str, int]]:
        """For each turn of a branch, the oldest branch that has it, and its number there."""
        from convo.history import lines

        def collect(tx: Transaction) -> dict[int, tuple[str, int]]:
            lookup.require_branch(tx, session_id, branch_id)
            return lines.origins(tx, session_id, branch_id)

        return await self._read(collect, session_id)

    async def tools(self, session_id: str, branch_id: str) -> list[ToolUse]:
        """The tools that each turn of a branch called, by turn and then by name."""

        def collect(tx: Transaction) -> list[ToolUse]:
            lookup.require_branch(tx, session_id, branch_id)
            return [
                ToolUse(turn, tool, calls)
                for tool, calls, turn in turns.tool_usage(tx, session_id, branch_id)
            ]

        return await self._read(collect, session_id)

    async def compare(self, session_id: str, a: str, b: str) -> "Comparison":
        """Compare two branches: their last shared turn, and the turns of each after it."""
        from convo.history import comparison

        def collect(tx: Transaction) -> "Comparison":
            for branch_id in (a, b):
                lookup.require_branch(tx, session_id, branch_id)
            return comparison.compared(tx, session_id, a, b, self._unreadable)

        return await self._read(collect, session_id)

    async def columns(self, session_id: str, branches: Sequence[str]) -> "list[Column]":
        """Compare several branches: the turns of each after the last one that all of them share."""
        from convo.history import columns

        def collect(tx: Transaction) -> "list[Column]":
            for branch_id in branches:
                lookup.require_branch(tx, session_id, branch_id)
            return columns.columns(tx, session_id, branches, self._unreadable)

        return await self._read(collect, session_id)


def _checked_session(place: TurnPlace) -> str:
    """The session that a turn is stored in; raises `InvalidNameError` for an invalid new name."""
    match place:
        case NewSession(name):
            check_name("session", name)
            return name
        case Beside(location):
            return location.session_id
        case Location(session_id):
            return session_id
