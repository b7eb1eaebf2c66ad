"""`AdvancedSQLiteSession`: a conversation of the OpenAI Agents SDK, stored with its branches."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from convo import branches, history, turns, usage
from convo.compactable import Compactable
from convo.database import LOCK_TIMEOUT, Access
from convo.errors import NoMatchError
from convo.items import Item, encoded
from convo.pointer import Pointer
from convo.prompts import PROMPTS
from convo.records import MAIN, RunRecord, TurnRef
from convo.results import (
    BranchSummary,
    ConversationTurn,
    SessionUsage,
    TurnItem,
    TurnUsage,
    TurnUsageDetails,
)
from convo.runs import ByRun, Trace, result_record
from convo.session_file import SessionFile
from convo.statements import Tables, statements_for
from convo.transaction import Transaction
from convo.unreadable import Unreadable

if TYPE_CHECKING:
    from agents import RunContextWrapper, RunErrorDetails, RunResultBase, TResponseInputItem
    from agents.memory import SessionSettings

T = TypeVar("T")

_PAGE_CACHE = 32 * 1024
"""KiB of a file that sessions keep: a program that holds one reads the same pages again."""

_USAGE_NOT_STORED = "the usage of a run in session '%s' could not be stored"


class AdvancedSQLiteSession(Compactable):
    """One conversation in an SQLite file that the SDK's class of the same name can open too.

    Pass it to `Runner.run(agent, text, session=session)`. Sessions on one file share their
    connections; close each, or use it as an async context manager.
    """

    def __init__(
        self,
        *,
        session_id: str,
        db_path: str | Path = ":memory:",
        create_tables: bool = False,
        logger: logging.Logger | None = None,
        session_settings: "SessionSettings | dict[str, Any] | None" = None,
        sessions_table: str = "agent_sessions",
        messages_table: str = "agent_messages",
        branch_id: str = MAIN,
        lock_timeout: float = LOCK_TIMEOUT,
    ) -> None:
        """Name the conversation; the file is opened when it is first used.

        Args:
            session_id: Which conversation of the file this is.
            db_path: The file, with `~` expanded; ":memory:" for one that ends with the session.
            create_tables: Whether to make the file and the tables where they are not there.
            logger: Told of unreadable rows and of usage that could not be stored.
            session_settings: The SDK's settings; `limit` is the default limit of `get_items`.
            sessions_table: The base table of sessions, where it has another name.
            messages_table: The base table of messages, where it has another name.
            branch_id: The branch to begin on; the SDK's class knows only `main`.
            lock_timeout: Seconds to wait while another process holds the file.

        Raises:
            ValueError: The structure tables are not there and may not be made, or belong to
                another pair of base tables.
        """
        self.session_id = session_id
        self.db_path = db_path
        self._logger = logger or logging.getLogger("convo")
        self._unreadable = Unreadable(self._logger)
        self._settings = session_settings
        self._traces = ByRun(Trace)
        statements = statements_for(Tables(sessions_table, messages_table))
        access = Access(statements, create_tables, lock_timeout, _PAGE_CACHE)
        self._file = SessionFile(session_id, db_path, access, branch_id)
        self._file.check()

    @property
    def session_settings(self) -> "SessionSettings":
        """The SDK's settings of this session, as the runner asks for them."""
        if self._settings is None or isinstance(self._settings, dict):
            # Only who uses the settings has loaded the SDK.
            from agents.memory import SessionSettings

            self._settings = SessionSettings(**(self._settings or {}))
        return self._settings

    @session_settings.setter
    def session_settings(self, settings: "SessionSettings | dict[str, Any] | None") -> None:
        self._settings = settings

    async def add_items(
        self, items: "list[TResponseInputItem]", *, wrapper: object | None = None
    ) -> None:
        """Append items to the current branch, all or none.

        Each item with the role `user` begins a turn. `wrapper` is the run context that the SDK
        passes along: what a run says belongs to the turn in which that run was asked.

        Raises:
            TypeError: An item cannot be written as JSON.
            BranchDeletedError: Somebody deleted the branch that this session is on.
            DatabaseError: The file cannot be written; nothing was stored.
        """
        self._file.check_open()
        if not items:
            return
        rows, trace = encoded(items), self._traces.of(wrapper)

        def append(tx: Transaction, pointer: Pointer) -> TurnRef:
            return history.append(tx, self.session_id, pointer.branch_id, rows, trace.turn)

        await self._file.write(append, then=lambda turn: setattr(trace, "turn", turn))

    async def get_items(
        self,
        limit: int | None = None,
        branch_id: str | None = None,
        *,
        wrapper: object | None = None,
    ) -> "list[TResponseInputItem]":
        """The items of the current branch, or of the one named, in order.

        `limit` takes the newest that many; None means the limit of the settings, a negative one
        no limit. An unknown branch has no items. Rows that cannot be read are left out.
        """
        count = self._default_limit() if limit is None else limit
        return await self._read(
            lambda tx, branch: history.read(tx, self.session_id, branch, count, self._unreadable),
            branch_id,
        )

    async def pop_item(self, *, wrapper: object | None = None) -> "TResponseInputItem | None":
        """Take the newest item off the current branch; None where it is empty.

        A message that another branch shows stays there. The branch stays too, and the tokens of
        a turn that is gone stay in the ledger.
        """
        item: Item = await self._file.write(
            lambda tx, pointer: history.pop(tx, self.session_id, pointer.branch_id)
        )
        return item  # type: ignore[no-any-return]

    async def clear_session(self, *, wrapper: object | None = None) -> None:
        """Remove every item on every branch and go back to `main`; numbering starts anew."""
        await self._file.write(
            lambda tx, _: history.clear(tx, self.session_id),
            then=lambda generation: self._point(Pointer(MAIN, generation)),
        )

    async def create_branch_from_turn(
        self, turn_number: int, branch_name: str | None = None, *, include_turn: bool = False
    ) -> str:
        """Make a branch of the turns before `turn_number` and switch to it; return its name.

        Args:
            turn_number: A turn of the current branch that a user message began.
            branch_name: Taken as given; one that was never used in this session. Without it, a
                name is made from the turn and the time.
            include_turn: Keep the turn itself too: a fork of what is there.

        Raises:
            ValueError: No such turn, or a name that is blank or has been used.
        """

        def create(tx: Transaction, pointer: Pointer) -> Pointer:
            branch_id = branches.create(
                tx,
                self.session_id,
                pointer.branch_id,
                turn_number,
                branch_name,
                include_turn=include_turn,
            )
            return Pointer(branch_id, pointer.generation)

        return (await self._file.write(create, then=self._point)).branch_id

    async def create_branch_from_content(
        self, search_term: str, branch_name: str | None = None
    ) -> str:
        """Make a branch from the first turn that says `search_term`; return its name.

        Raises:
            ValueError: No turn says it, or the name is blank or has been used.
        """
        matches = await self.find_turns_by_content(search_term)
        if not matches:
            raise NoMatchError(f"No user turns found containing '{search_term}'")
        return await self.create_branch_from_turn(matches[0]["turn"], branch_name)

    async def switch_to_branch(self, branch_id: str) -> None:
        """Go on from another branch.

        Raises:
            ValueError: There is no such branch.
        """

        def find(tx: Transaction, pointer: Pointer) -> Pointer:
            branches.require(tx, self.session_id, branch_id)
            return Pointer(branch_id, pointer.generation)

        self._point(await self._file.read(find))

    async def delete_branch(self, branch_id: str, force: bool = False) -> None:
        """Delete a branch with its messages, except those that another branch shows.

        With `force` the current branch goes too, and the session is on `main` then.

        Raises:
            ValueError: A blank name, `main`, the current branch without `force`, or no such branch.
        """

        def delete(tx: Transaction, pointer: Pointer) -> Pointer:
            branches.check_deletable(branch_id, current=pointer.branch_id, force=force)
            branches.delete(tx, self.session_id, branch_id)
            return Pointer(MAIN, pointer.generation)

        def leave(main: Pointer) -> None:
            if self._file.pointer.branch_id == branch_id:
                self._point(main)

        await self._file.write(delete, then=leave)

    async def list_branches(self) -> list[BranchSummary]:
        """Every branch, the oldest first; `main` is always among them."""
        found = await self._read(lambda tx, _: branches.listed(tx, self.session_id))
        return [
            BranchSummary(
                branch_id=row.branch_id,
                message_count=row.messages,
                user_turns=row.turns,
                is_current=row.branch_id == self._file.pointer.branch_id,
                created_at=row.created_at,
            )
            for row in found
        ]

    async def get_conversation_turns(self, branch_id: str | None = None) -> list[ConversationTurn]:
        """The user turns of a branch, their content cut to 100 characters."""
        return await self._read(
            lambda tx, branch: turns.conversation(tx, self.session_id, branch, self._unreadable),
            branch_id,
        )

    async def find_turns_by_content(
        self, search_term: str, branch_id: str | None = None
    ) -> list[ConversationTurn]:
        """The user turns of a branch that say `search_term`, in whatever case, uncut."""

        def find(tx: Transaction, pointer: Pointer, as_it_is: bool) -> list[ConversationTurn]:
            branch = pointer.branch_id if branch_id is None else branch_id
            return turns.containing(
                tx, self.session_id, branch, search_term, self._unreadable, as_it_is=as_it_is
            )

        self._file.check_open()
        return await self._file.read_caught_up(PROMPTS, find)

    async def get_conversation_by_turns(
        self, branch_id: str | None = None
    ) -> dict[int, list[TurnItem]]:
        """What each turn of a branch consists of: the types of its items, and their tools."""
        return await self._read(
            lambda tx, branch: turns.items_by_turn(tx, self.session_id, branch), branch_id
        )

    async def get_tool_usage(self, branch_id: str | None = None) -> list[tuple[str, int, int]]:
        """(tool, calls, turn) for every tool that a turn of the branch called."""
        return await self._read(
            lambda tx, branch: turns.tool_usage(tx, self.session_id, branch), branch_id
        )

    async def store_run_usage(self, result: "RunResultBase | RunErrorDetails") -> None:
        """Store what a finished run cost with the turn that the run wrote.

        `result` is that of `Runner.run`, that of `Runner.run_streamed` once it has been read to its
        end, or the `run_data` of the exception that ended a run.

        A run that was resumed replaces what was stored before it was interrupted; any other is
        added to what its turn has cost already. A failure is logged and never raised: the run
        itself went well.
        """
        try:
            context, record = result.context_wrapper, result_record(result)
        except Exception:
            self._logger.exception(_USAGE_NOT_STORED, self.session_id)
        else:
            await self.store_usage(context, record)

    async def store_usage(self, context: "RunContextWrapper[Any]", record: RunRecord) -> None:
        """Store what a run has cost so far, with the turn that the run wrote.

        `context` says which run it is: what was stored for it before is replaced. As with
        `store_run_usage`, a failure is logged and never raised.
        """
        try:
            await self._store_usage(context, record)
        except Exception:
            self._logger.exception(_USAGE_NOT_STORED, self.session_id)

    async def _store_usage(self, context: "RunContextWrapper[Any]", record: RunRecord) -> None:
        trace, asked = self._traces.of(context), self._file.pointer

        def store(tx: Transaction, pointer: Pointer) -> int | None:
            if trace.turn is None:
                if asked.generation not in (None, pointer.generation):
                    # The run was of the conversation that has been cleared meanwhile.
                    return None
                turn = history.last_turn(tx, self.session_id, pointer.branch_id)
            else:
                turn = history.found_again(tx, self.session_id, trace.turn)
            if turn is None:
                return None
            return usage.store(tx, self.session_id, turn, record, trace.run_id)

        await self._file.write(store, then=lambda run_id: setattr(trace, "run_id", run_id))

    async def get_session_usage(self, branch_id: str | None = None) -> SessionUsage | None:
        """The tokens of all branches, or of one; None where none are stored.

        No branch has an empty name: as in the SDK's class, that stands for all of them.
        """
        return await self._read(
            lambda tx, _: usage.of_session(tx, self.session_id, branch_id or None)
        )

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
        """The tokens of every turn of a branch, or of the one numbered ({} where it has none)."""
        if user_turn_number is None:
            return await self._read(
                lambda tx, branch: usage.of_turns(tx, self.session_id, branch), branch_id
            )
        turn = user_turn_number
        found = await self._read(
            lambda tx, branch: usage.of_turn(tx, self.session_id, branch, turn), branch_id
        )
        return found or {}

    async def close(self) -> None:
        """Let go of the file; every method raises `RuntimeError` from now on. May be repeated."""
        await self._file.close()

    async def __aenter__(self) -> Self:
        self._file.check_open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _default_limit(self) -> int | None:
        settings = self._settings
        return (
            settings.get("limit")
            if isinstance(settings, dict)
            else getattr(settings, "limit", None)
        )

    async def _read(self, work: Callable[[Transaction, str], T], branch_id: str | None = None) -> T:
        """Read on the branch that is named, or on the current one."""
        return await self._file.read(
            lambda tx, pointer: work(tx, pointer.branch_id if branch_id is None else branch_id)
        )

    def _point(self, pointer: Pointer) -> None:
        self._file.pointer = pointer
