"""Stores the records of a copy, whose ids become ids of this database."""

import json
from collections.abc import Callable, Iterable

from convo.copying.inserting import Inserting, Values
from convo.copying.records import (
    EVAL,
    EVAL_RESULT,
    FORMER_NAME,
    IMPORT,
    IMPORTED_TURN,
    REMOVED,
    SCOPE,
    SETTINGS,
    Record,
    Scope,
)
from convo.documents import fields
from convo.documents.fields import MERGES, MESSAGES, STRUCTURE, USAGE
from convo.documents.restoring import note_adopted
from convo.names import KEPT
from convo.storage.statements import blocks_beginning
from convo.storage.transaction import Transaction
from convo.undo.taking import next_act
from convo.usage.ledger import NO_SESSION

_LEFT_BEHIND = blocks_beginning("clear_way_in_")
_REMOVED = (
    *("row", "act", "branch", "what", "first_turn", "last_turn", "turns", "asked", "after"),
    *("after_sequence", "parent", "forked_from_turn", "branch_created_at", "removed_at"),
)
_ENTRIES = ("replaced", "undone")
_DELETED = (
    *("act", "branches", "turns", "was_current", "session_created_at", "session_updated_at"),
    "removed_at",
)
_EVAL = (
    *("eval_id", "called", "path", "digest", "choices", "cases", "repeats", "created_at"),
    "ended_at",
)
_EVAL_RESULT = (
    *("eval_id", "position", "choice", "attempt", "case_name", "digest", "state", "session_id"),
    *("branch_id", "turn", "checks", "message", "requests", "input_tokens", "cached_tokens"),
    *("output_tokens", "reasoning_tokens", "total_tokens", "estimated", "cost", "judge_cost"),
    *("duration_s", "created_at"),
)
_SET_ASIDE = {MESSAGES.key: "messages", STRUCTURE.key: "rows", USAGE.key: "usage"}


class Writing(Inserting):
    """Stores the records of one name. Nothing of it may be there yet, but runs of the ledger."""

    def __init__(self, tx: Transaction, name: str) -> None:
        super().__init__(tx, name)
        self._name = name
        self._read_from = name
        self._scope: Scope | None = None
        self._acts: dict[int, int] = {}
        self._is_left_out = False
        self.written: list[str] = []
        """The names under which rows have been stored."""
        self.left_out: list[int] = []
        """The numbers of the scopes that are here already: of sessions that were deleted."""
        self._count = 0

    def write(self, records: Iterable[Record]) -> None:
        """Store all of them. Raises `DatabaseError`."""
        steps: dict[str, Callable[[Record], None]] = {
            SCOPE: self._begin,
            SETTINGS: self._settings,
            FORMER_NAME: self._former_name,
            REMOVED: self._entry,
            IMPORT: self._import,
            IMPORTED_TURN: self._imported_turn,
            MERGES.key: self._merge,
            EVAL: self._eval,
            EVAL_RESULT: self._eval_result,
        }
        for record in records:
            if record.key == SCOPE or not self._is_left_out:
                steps.get(record.key, self._row)(record)
        self._end()

    def _begin(self, record: Record) -> None:
        self._end()
        scope = self._scope = Scope._make(record.values)
        self._session_id, self._is_left_out, self._newest = self._name, False, ""
        self._read_from = self._name
        self._count += 1
        if scope.deleted is not None:
            self._read_from = f"{KEPT}{scope.deleted[0]}"
            self._begin_deleted(dict(zip(_DELETED, scope.deleted, strict=True)))
        elif scope.is_session:
            self._place(scope.created_at, scope.updated_at)
            self._tx.execute("forget_renamed_session", session_id=self._session_id)
            self._tx.execute("ensure_generation", session_id=self._session_id)
            if scope.is_current and self._tx.value("current_session") is None:
                self._tx.execute("set_current_session", session_id=self._session_id)
        if not self._is_left_out:
            self.written.append(self._session_id)

    def _begin_deleted(self, told: Values) -> None:
        """Store that a session was deleted, unless that is known."""
        where = {"session_id": self._name, "removed_at": told["removed_at"]}
        if self._tx.value("removed_session_at", **where):
            self._is_left_out = True
            self.left_out.append(self._count - 1)
            return
        act = self._act(told["act"])
        self._session_id = f"{KEPT}{act}"
        told |= {"called": self._name, "session_id": self._session_id, "act": act}
        self._tx.value("copy_removed_session", **told)
        # Until its rows are set aside, they need a session that they belong to.
        self._place(told["session_created_at"], told["session_updated_at"])

    def _place(self, created_at: str | None, updated_at: str | None) -> None:
        for statement in _LEFT_BEHIND:
            self._tx.execute(statement, new=self._session_id)
        times = {"created_at": created_at, "updated_at": updated_at}
        self._tx.execute("restore_session", session_id=self._session_id, **times)

    def _end(self) -> None:
        """Set aside what had been removed, once everything of a name is stored."""
        self._flush()
        for key in (STRUCTURE.key, USAGE.key, MESSAGES.key):
            for (of, removed_id), ids in self._set_aside.items():
                if of == key:
                    what, where = _SET_ASIDE[key], {"ids": json.dumps(ids)}
                    entry = {} if key == MESSAGES.key else {"removed_id": removed_id}
                    self._tx.execute(f"set_aside_copied_{what}", **where, **entry)
                    self._tx.execute(f"delete_copied_{what}", **where)
        self._set_aside = {}
        if self._scope is not None and self._scope.is_session:
            note_adopted(self._tx, self._session_id)
        elif self._scope is not None and self._scope.deleted and not self._is_left_out:
            self._tx.execute("drop_place_of_copy", session_id=self._session_id)

    def _settings(self, record: Record) -> None:
        row = dict(zip(fields.SETTINGS, record.values, strict=True))
        self._tx.execute("restore_settings", session_id=self._session_id, **row)

    def _former_name(self, record: Record) -> None:
        self._tx.execute("restore_renamed_session", old=record.values[0], new=self._session_id)

    def _entry(self, record: Record) -> None:
        """What removed rows belong to; entered after the rows that it refers to."""
        self._flush()
        row = dict(zip(_REMOVED, record.values, strict=True))
        row["act"] = self._act(row["act"])
        for field in ("asked", "after"):
            if row[field] is not None:
                row[field] = self._ids[STRUCTURE.key].of(row[field])
        old = row.pop("row")
        new = self._tx.value("copy_removed", session_id=self._session_id, **row)
        self._ids[REMOVED].put(old, new)
        if rows := self._rows_of.pop(old, []):
            self._set_aside[STRUCTURE.key, new] = rows

    def _act(self, old: int) -> int:
        if old not in self._acts:
            self._acts[old] = max([next_act(self._tx), *self._acts.values()])
        return self._acts[old]

    def _import(self, record: Record) -> None:
        old, source, source_id, parent_id, digest = record.values
        if self._tx.row("imported_session", source=source, source_id=source_id) is not None:
            return
        self._flush()
        new = self._tx.value(
            "note_imported_session",
            source=source,
            source_id=source_id,
            parent_id=parent_id,
            session_id=self._session_id_or_none(),
            digest=digest,
        )
        self._ids[IMPORT].put(old, new)

    def _imported_turn(self, record: Record) -> None:
        old, turn_id, anchor, items, digest = record.values
        import_id = self._ids[IMPORT].of(old)
        if import_id > 0:
            row = {"import_id": import_id, "turn_id": turn_id, "items": items, "digest": digest}
            anchor = self._ids[STRUCTURE.key].of(anchor)
            self._tx.value("note_imported_turn", anchor=anchor, **row)

    def _merge(self, record: Record) -> None:
        self._flush()
        row = dict(zip((*MERGES.fields, *_ENTRIES), record.values, strict=True))
        self._refer(MERGES, row)
        for field in _ENTRIES:
            if row[field] is not None:
                found = self._ids[REMOVED].of(row[field])
                row[field] = found if found > 0 else None
        self._tx.execute("copy_merge", session_id=self._session_id, **row)

    def _eval(self, record: Record) -> None:
        self._flush()
        row = dict(zip(_EVAL, record.values, strict=True))
        session_id = self._session_id_or_none()
        old = row.pop("eval_id")
        told = {key: row[key] for key in ("called", "digest", "created_at")}
        if session_id is None and self._tx.value("known_eval", **told) is not None:
            return
        self._ids[EVAL].put(old, self._tx.value("copy_eval", session_id=session_id, **row))

    def _session_id_or_none(self) -> str | None:
        return None if self._session_id == NO_SESSION else self._session_id

    def _eval_result(self, record: Record) -> None:
        row = dict(zip(_EVAL_RESULT, record.values, strict=True))
        row["eval_id"] = self._ids[EVAL].of(row["eval_id"])
        if row["eval_id"] < 0:
            return
        if row["session_id"] == self._read_from:
            row["session_id"] = self._session_id
        elif str(row["session_id"]).startswith(KEPT):
            # Another deleted session, which has another name there.
            row |= {"session_id": None, "branch_id": None, "turn": None}
        self._tx.execute("copy_eval_result", **row)
