"""The turns of a branch whole: for reading, and for export."""

from convo.errors import TurnNotFoundError
from convo.history import comparison, transcript, turns
from convo.history.comparison import Comparison
from convo.history.transcript import TranscriptTurn
from convo.records import ToolUse
from convo.storage.transaction import Transaction
from convo.store import lookup
from convo.store.base import OpenedStore


class Transcript(OpenedStore):
    """What was said, called and given back."""

    async def transcript(
        self, session_id: str, branch_id: str, first: int | None = None, last: int | None = None
    ) -> list[TranscriptTurn]:
        """The turns of a branch from `first` to `last`, both included, with all their items.

        None is no bound; a number below 0 counts from the end, -1 being the last turn. However
        long the branch is, only the rows of those turns are read. Raises `TurnNotFoundError`.
        """

        def collect(tx: Transaction) -> list[TranscriptTurn]:
            lookup.require_branch(tx, session_id, branch_id)
            lower, upper = (
                None if bound is None else lookup.turn_numbered(tx, session_id, branch_id, bound)
                for bound in (first, last)
            )
            if lower is not None and upper is not None and lower > upper:
                raise TurnNotFoundError(
                    f"turn {lower} comes after turn {upper}", hint=f"say {upper}..{lower}"
                )
            return transcript.read(tx, session_id, branch_id, lower, upper, self._unreadable)

        return await self._read(collect, session_id)

    async def tools(self, session_id: str, branch_id: str) -> list[ToolUse]:
        """The tools that the turns of a branch called, by turn and then by name."""

        def collect(tx: Transaction) -> list[ToolUse]:
            lookup.require_branch(tx, session_id, branch_id)
            return [
                ToolUse(turn, tool, calls)
                for tool, calls, turn in turns.tool_usage(tx, session_id, branch_id)
            ]

        return await self._read(collect, session_id)

    async def compare(self, session_id: str, a: str, b: str) -> Comparison:
        """Where two branches part, and what was said on each from there on."""

        def collect(tx: Transaction) -> Comparison:
            for branch_id in (a, b):
                lookup.require_branch(tx, session_id, branch_id)
            return comparison.compared(tx, session_id, a, b, self._unreadable)

        return await self._read(collect, session_id)
