"""The turns of a branch: listed, read, recorded."""

from convo import catalog, history, navigation, turns, usage
from convo.items import Item, encoded
from convo.records import RunRecord, TurnInfo
from convo.store.opened import OpenedStore
from convo.transaction import Transaction


class Turns(OpenedStore):
    """What a store says of turns; and it takes new ones."""

    async def last_turn(self, session_id: str, branch_id: str) -> int:
        """The number of the last turn of a branch, 0 where it has none; fast on long branches."""

        def find(tx: Transaction) -> int:
            navigation.require_branch(tx, session_id, branch_id)
            numbers = turns.number_range(tx, session_id, branch_id)
            return 0 if numbers is None else numbers[1]

        return await self._read(find, session_id)

    async def turns(self, session_id: str, branch_id: str) -> list[TurnInfo]:
        """The turns of a branch, in order."""

        def collect(tx: Transaction) -> list[TurnInfo]:
            navigation.require_branch(tx, session_id, branch_id)
            return turns.summaries(tx, session_id, branch_id, self._unreadable)

        return await self._read(collect, session_id)

    async def history(self, session_id: str, branch_id: str) -> list[Item]:
        """The items of a branch, as a model is sent them."""
        return await self._read(
            lambda tx: history.read(tx, session_id, branch_id, None, self._unreadable), session_id
        )

    async def record_turn(
        self, session_id: str, branch_id: str, items: list[Item], run: RunRecord
    ) -> int:
        """Store a whole turn and what it cost, at once or not at all; return its number."""
        rows = encoded(items)

        def record(tx: Transaction) -> int:
            catalog.require(tx, session_id)
            turn = history.append(tx, session_id, branch_id, rows)
            usage.store(tx, session_id, turn, run)
            tx.run(
                "set_session_model",
                session_id=session_id,
                model=run.model,
                base_url=run.base_url,
                api=run.api,
                agent=run.agent,
                model_chosen=run.model_chosen,
            )
            return turn.turn

        return await self._write(record)
