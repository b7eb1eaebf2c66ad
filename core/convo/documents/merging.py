"""Add to a stored session what is new in its document, and change nothing that is there."""

from array import array
from collections.abc import Iterable

from convo.documents.fields import (
    BRANCHES,
    CUTS,
    MERGES,
    MESSAGES,
    NOTES,
    PENDING,
    RENAMED,
    RUNS,
    STARS,
    STRUCTURE,
    TAGS,
    USAGE,
    USED,
    Part,
)
from convo.documents.known_runs import KnownRuns
from convo.documents.outline import Line
from convo.documents.parsing import DocumentError, ParsedRow
from convo.documents.places import Place, Places
from convo.documents.restoring import DocumentSession, note_adopted
from convo.documents.rows import MAY_BE_DELETED, PART_OF, Inserting, Values
from convo.records import TurnRef
from convo.storage.transaction import Transaction
from convo.structure import numbering
from convo.usage import turn_usage

_NOT_HERE = 2**40
"""Above the numbers of deleted rows in any document."""

_TO_BE_ADDED = -1
_MOST = 2**61


def merge(
    tx: Transaction,
    session_id: str,
    session: DocumentSession,
    rows: Iterable[ParsedRow],
    places: Places,
    here: dict[str, Line],
) -> "Merging":
    """Add what is new in a document to its session. Raises `DocumentError`."""
    merging = Merging(tx, session_id, places, here, session.is_deleted)
    for parsed in rows:
        if parsed.key in PART_OF:
            merging.add(parsed)
    merging.end()
    if merging.has_changed:
        tx.execute("note_filled_by_others", session_id=session_id)
        tx.execute("grow_session", session_id=session_id, updated_at=session.updated_at)
        numbering.forget_last_row(tx, session_id)
        note_adopted(tx, session_id)
    return merging


class Merging(Inserting):
    """Inserts those rows of a document that a session lacks."""

    def __init__(
        self,
        tx: Transaction,
        session_id: str,
        places: Places,
        here: dict[str, Line],
        is_deleted: bool,
    ) -> None:
        super().__init__(tx, session_id)
        self._places = places
        self._is_deleted = is_deleted
        self._runs = KnownRuns(tx, session_id)
        pending = tx.rows("known_pending", session_id=session_id)
        self._pending = {tuple(told): row_id for row_id, *told in pending}
        self._sequence = numbering.sequence_of(tx, session_id).last
        self._deleted = tx.value("lowest_anchor", session_id=session_id)
        self._new_usage: set[int | None] = set()
        self._known_sums: set[tuple[str, int]] = set()
        self._sums: set[TurnRef] = set()
        self._stored = _StoredRows(places, here)
        self._adding = {
            BRANCHES.key: self._add_branch,
            RENAMED.key: self._add_name,
            USED.key: self._add_name,
            MESSAGES.key: self._add_message,
            STRUCTURE.key: self._add_place,
            CUTS.key: self._add_cut,
            USAGE.key: self._add_usage,
            RUNS.key: self._add_run,
            PENDING.key: self._add_pending,
            NOTES.key: self._add_mark,
            TAGS.key: self._add_mark,
            STARS.key: self._add_mark,
            MERGES.key: self._add_merge,
        }
        self.new_turns = 0
        self.new_branches: list[str] = []
        self.has_changed = False

    def add(self, parsed: ParsedRow) -> None:
        """Insert a row if the session lacks it."""
        part = PART_OF[parsed.key]
        row = self.row(part, parsed)
        self._adding[part.key](row, parsed)

    def end(self) -> None:
        """Insert what waits, and sum up the turns that have more runs now."""
        self.flush()
        for turn in self._sums:
            turn_usage.sum_up(self.tx, self.session_id, turn)

    def insert(self, part: Part, row: Values) -> None:
        """Insert a row, which changes the session."""
        self.has_changed = True
        super().insert(part, row)

    def refers(self, field: str, number: object, part: str, line: int) -> int | None:
        """As for a new session; rows that are not to be here count as deleted ones."""
        if type(number) is int and self.ids[part].lacks(number):
            return self._deleted - _NOT_HERE - number if field in MAY_BE_DELETED else 0
        found = super().refers(field, number, part, line)
        # Other deleted rows than those that the session has already.
        return found + self._deleted if found is not None and found < 0 else found

    def _add_branch(self, row: Values, _: ParsedRow) -> None:
        place = self._places.found.get(row["branch"])
        if place is None or not place.is_new:
            return
        parent = self._places.found.get(row["parent"])
        row |= {"branch": place.branch, "parent": parent.branch if parent else row["parent"]}
        self.insert(BRANCHES, row)

    def _add_name(self, row: Values, parsed: ParsedRow) -> None:
        # A session that exists here has names of its own.
        if self._is_deleted and PART_OF[parsed.key] is USED:
            super().insert(USED, row)

    def _add_message(self, row: Values, _: ParsedRow) -> None:
        number = len(self.ids[MESSAGES.key])
        if self._stored.needs_message(number):
            self.insert(MESSAGES, row)
        else:
            self.has(MESSAGES, self._stored.message(number))

    def _add_place(self, row: Values, parsed: ParsedRow) -> None:
        number = len(self.ids[STRUCTURE.key])
        place = self._places.found.get(row["branch"])
        if place is None or not self._stored.needs_row(number):
            self.has(STRUCTURE, self._stored.row(number))
            return
        if not 0 <= row["sequence"] < _MOST:
            raise DocumentError("'sequence' is out of range", line=parsed.line)
        self._note_branch(place)
        if row["type"] == "user" and self._stored.needs_message(_message(parsed)):
            self.new_turns += 1
        row |= {"branch": place.branch, "sequence": self._sequence + row["sequence"]}
        for field in ("turn", "branch_turn"):
            if isinstance(row[field], int):
                row[field] += place.shift
        self.insert(STRUCTURE, row)

    def _note_branch(self, place: Place) -> None:
        if place.is_new and place.branch not in self.new_branches:
            self.new_branches.append(place.branch)
            where = {"session_id": self.session_id, "branch": place.branch}
            self.tx.execute("restore_used_name", **where)

    def _add_cut(self, row: Values, parsed: ParsedRow) -> None:
        if self._stored.needs_message(_message(parsed)):
            self.insert(CUTS, row)

    def _add_usage(self, row: Values, _: ParsedRow) -> None:
        if (place := self._places.found.get(row["branch"])) is None:
            return
        row |= {"branch": place.branch, "turn": row["turn"] + place.shift}
        where = {"session_id": self.session_id, "branch_id": row["branch"], "turn": row["turn"]}
        known = self.tx.value("usage_of_turn", **where)
        if known is not None:
            self.has(USAGE, known)
            self._known_sums.add((row["branch"], row["turn"]))
        elif self.tx.value("turn_anchor", **where) is not None:
            self.insert(USAGE, row)
            self.flush()
            self._new_usage.add(self.ids[USAGE.key].of(len(self.ids[USAGE.key])))

    def _add_run(self, row: Values, _: ParsedRow) -> None:
        place = self._places.found.get(row["branch"])
        if place is not None:
            row |= {"branch": place.branch, "turn": row["turn"] + place.shift}
        known = self._runs.take(row)
        if known is None:
            self.insert(RUNS, row)
        else:
            self.has(RUNS, known.row_id)
            if row["turn_usage"] in self._new_usage:
                # Of a turn that a branch had which was stored alone: its own branch is here now.
                self.tx.execute("place_known_run", id=known.row_id, **row)
            if known.total_tokens >= row["total_tokens"]:
                return
            self.has_changed = True
            self.tx.execute("replace_run", id=known.row_id, has_usage=False, **row)
        if (row["branch"], row["turn"]) in self._known_sums and (row["anchor"] or 0) > 0:
            self._sums.add(TurnRef(row["branch"], row["turn"], row["anchor"]))

    def _add_pending(self, row: Values, _: ParsedRow) -> None:
        place = self._places.found.get(row["branch"])
        if place is not None:
            row |= {"branch": place.branch, "turn": row["turn"] + place.shift}
        known = self._pending.get((row["question"], row["created_at"], row["updated_at"]))
        if known is not None:
            self.has(PENDING, known)
        # On a branch that has gone on here, the question is outdated, or has been asked again.
        elif not (place and place.has_gone_on) and row["retries"] != 0:
            self.insert(PENDING, row)

    def _add_mark(self, row: Values, parsed: ParsedRow) -> None:
        # What the session says of the turn itself stays as it is.
        if row["message"] is None or row["message"] > 0:
            values = {**row, "session_id": self.session_id}
            if self.tx.change(PART_OF[parsed.key].insert, **values):
                self.has_changed = True

    def _add_merge(self, row: Values, _: ParsedRow) -> None:
        where = {"session_id": self.session_id, "anchor": row["anchor"], "kind": row["kind"]}
        is_here = min(row["anchor"], row["last_row"]) > 0
        if is_here and not self.tx.value("merge_of_anchor", **where):
            self.insert(MERGES, row)


def _message(parsed: ParsedRow) -> int:
    """The number that a checked row has for its message."""
    number = parsed.row["message"]
    assert isinstance(number, int)
    return number


class _StoredRows:
    """The messages and rows of a document that the session has already, and those to be added."""

    def __init__(self, places: Places, here: dict[str, Line]) -> None:
        lines = places.outline.lines
        self._messages = array("q", bytes(8 * (1 + places.outline.messages)))
        self._rows = array("q", bytes(8 * (1 + places.outline.rows)))
        self._missing = bytearray(len(self._messages))
        for name, place in places.found.items():
            self._note_known(lines[name], place, here)
        for name, place in places.found.items():
            for message in lines[name].messages[place.begin :]:
                self._missing[message] = not self._messages[message]
            for row in lines[name].rows[place.begin :]:
                self._rows[row] = _TO_BE_ADDED

    def needs_message(self, number: int) -> bool:
        """Whether a message is to be added."""
        return bool(self._missing[number])

    def needs_row(self, number: int) -> bool:
        """Whether a row of the structure is to be added."""
        return self._rows[number] == _TO_BE_ADDED

    def message(self, number: int) -> int:
        """The id of a message of the session; 0 if it is not to be here."""
        return self._messages[number]

    def row(self, number: int) -> int:
        """The id of a row of the session; 0 if it is not to be here."""
        return self._rows[number]

    def _note_known(self, line: Line, place: Place, here: dict[str, Line]) -> None:
        there = place.base if place.is_new else here[place.branch]
        shared = 0 if there is None else line.shared_with(there)
        for place_of_row in range(shared):
            assert there is not None
            message = line.messages[place_of_row]
            self._messages[message] = self._messages[message] or there.messages[place_of_row]
            if not place.is_new:
                self._rows[line.rows[place_of_row]] = there.rows[place_of_row]
