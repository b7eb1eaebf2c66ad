"""The store's methods for the parts of what models were sent."""

from typing import TYPE_CHECKING

from convo.store.turns import Turns

if TYPE_CHECKING:
    from convo.history.shares import Share, ToolCost


class Shares(Turns):
    """Say what the input of turns consists of, and what the outputs of tools cost.

    What weighs the parts is imported when it is needed: hardly any command does.
    """

    async def shares(self, session_id: str, branch_id: str, turn: int) -> "list[Share]":
        """What the input of a turn of a branch consists of, by estimated size, largest first.

        Raises `TurnNotFoundError`.
        """
        from convo.history import shares

        turns = await self.whole_turns(session_id, branch_id, None, turn)
        return shares.shares(turns, turn)

    async def tool_costs(self, session_id: str, branch_id: str | None = None) -> "list[ToolCost]":
        """What the tools of a session did in each turn, or those of a branch as it is shown.

        With the estimated tokens that their outputs cost afterwards. Deleted turns do not count.
        """
        from convo.history import shares
        from convo.history.lines import WholeLine

        rows = await self._read(lambda tx: tx.rows("tool_times", session_id=session_id), session_id)
        seconds = shares.times_of(data for (data,) in rows)
        if branch_id is None:
            lines = (await self.whole_session(session_id)).lines
        else:
            turns = await self.whole_turns(session_id, branch_id)
            lines = (WholeLine(branch_id, None, None, turns.numbers, turns),)
        return shares.tool_costs(session_id, lines, seconds)
