"""The session class's methods for usage."""

from typing import TYPE_CHECKING, Any, overload

from convo.results import SessionUsage, TurnUsage, TurnUsageDetails
from convo.sdk.base import OpenedSession
from convo.sdk.file import Standing
from convo.sdk.runs import result_record
from convo.storage.transaction import Transaction
from convo.structure import adoption
from convo.usage import ledger, turn_usage
from convo.usage.ledger import Account
from convo.usage_records import RunRecord

if TYPE_CHECKING:
    from agents import RunContextWrapper, RunErrorDetails, RunResultBase

_USAGE_NOT_STORED = "the usage of a run in session '%s' could not be stored"


class Usage(OpenedSession):
    """Store and query the usage of a session's runs."""

    async def store_run_usage(self, result: "RunResultBase | RunErrorDetails") -> None:
        """Store the usage of a finished run, for the turn that the run wrote.

        `result` is that of `Runner.run`, that of `Runner.run_streamed` once it has been read to its
        end, or the `run_data` of the exception that ended a run.

        The usage of a resumed run replaces that stored before the interruption; any other is
        added to the usage of its turn. A failure is logged and never raised: the run itself
        succeeded.
        """
        try:
            context, record = result.context_wrapper, result_record(result)
        except Exception:
            self._logger.exception(_USAGE_NOT_STORED, self.session_id)
        else:
            await self.store_usage(context, record)

    async def store_usage(self, context: "RunContextWrapper[Any]", record: RunRecord) -> None:
        """Store the usage of a run so far, for the turn that the run wrote.

        `context` identifies the run: the usage stored for it before is replaced. As with
        `store_run_usage`, a failure is logged and never raised.
        """
        try:
            await self._store_usage(context, record)
        except Exception:
            self._logger.exception(_USAGE_NOT_STORED, self.session_id)

    async def _store_usage(self, context: "RunContextWrapper[Any]", record: RunRecord) -> None:
        trace, asked = self._traces.of(context), self._file.current

        def store(tx: Transaction, standing: Standing) -> int | None:
            anchor = None if trace.turn is None else trace.turn.anchor
            account = self._account(tx, asked.branch_id, anchor)
            standing.note(account.generation)
            if trace.turn is None and asked.generation not in (None, account.generation):
                # The session has been cleared since the run.
                return None
            if account.turn is None:
                # A deleted turn has no row of usage, but its tokens were spent.
                if trace.turn is None:
                    return None
                return ledger.enter_lost(tx, self.session_id, trace.turn, record, trace.run_id)
            return turn_usage.store(
                tx, self.session_id, account.turn, record, trace.run_id, account
            )

        await self._file.write(store, then=lambda run_id: setattr(trace, "run_id", run_id))

    def _account(self, tx: Transaction, branch_id: str, anchor: int | None) -> Account:
        account = ledger.account(tx, self.session_id, branch_id, anchor)
        if anchor is None and not account.is_adopted:
            adoption.adopt(tx, self.session_id)
            account = ledger.account(tx, self.session_id, branch_id, anchor)
        return account

    async def get_session_usage(self, branch_id: str | None = None) -> SessionUsage | None:
        """The tokens of all branches, or of one; None if none are stored.

        An empty name stands for all branches, as in the SDK's class.
        """
        branch = branch_id or None

        def sum_(tx: Transaction, _: str) -> SessionUsage | None:
            found = self._spent.of(tx, turn_usage.of_session, self.session_id, branch)
            return None if found is None else found.copy()

        return await self._read(sum_)

    @overload
    async def get_turn_usage(
        self, user_turn_number: None = None, branch_id: str | None = None
    ) -> list[TurnUsage]: ...
    @overload
    async def get_turn_usage(
        self, user_turn_number: int, branch_id: str | None = None
    ) -> "TurnUsageDetails | dict[str, Any]": ...

    async def get_turn_usage(
        self, user_turn_number: int | None = None, branch_id: str | None = None
    ) -> "list[TurnUsage] | TurnUsageDetails | dict[str, Any]":
        """The tokens of every turn of a branch, or of one turn ({} if it has none)."""
        if user_turn_number is None:
            return await self._read(
                lambda tx, branch: turn_usage.of_turns(tx, self.session_id, branch), branch_id
            )
        turn = user_turn_number
        found = await self._read(
            lambda tx, branch: turn_usage.of_turn(tx, self.session_id, branch, turn), branch_id
        )
        return found or {}
