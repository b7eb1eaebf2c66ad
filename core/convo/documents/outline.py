"""What the branches of a document and of a stored session say: a number for each message.

Two messages with the same number have the same text and time. Whether one branch goes on where
another ends is then a comparison of two arrays of numbers.
"""

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

from convo.documents.fields import BRANCHES, MESSAGES, RENAMED, STRUCTURE
from convo.documents.parsing import DocumentError, ParsedRow
from convo.documents.rows import PART_OF, Values, checked
from convo.storage.transaction import Transaction


class Line:
    """A branch: what each of its messages says, its rows, their messages and their turns.

    Rows and messages are ids in a database, and numbers in a document.
    """

    def __init__(self) -> None:
        self.says = array("Q")
        self.rows = array("q")
        self.messages = array("q")
        self.turns = array("q")

    def add(self, says: int, row: int, message: int, turn: object) -> None:
        """Add the next row."""
        self.says.append(says)
        self.rows.append(row)
        self.messages.append(message)
        self.turns.append(turn if isinstance(turn, int) else 0)

    def __len__(self) -> int:
        return len(self.says)

    def shared_with(self, other: "Line") -> int:
        """How many rows at the beginning say the same on both."""
        low, high = 0, min(len(self), len(other))
        while low < high:
            middle = (low + high + 1) // 2
            if self.says[low:middle] == other.says[low:middle]:
                low = middle
            else:
                high = middle - 1
        return low

    def sorted_by(self, sequences: "array[int]") -> "Line":
        """The line with its rows in the order of their sequence numbers."""
        order = sorted(range(len(self)), key=sequences.__getitem__)
        if order == list(range(len(self))):
            return self
        line = Line()
        for place in order:
            line.add(self.says[place], self.rows[place], self.messages[place], self.turns[place])
        return line


class Outline:
    """The branches of a document, with the parents and former names of each."""

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}
        self.parents: dict[str, str | None] = {}
        self.former: dict[str, list[str]] = {}
        self._says = array("Q")
        self._sequences: dict[str, array[int]] = {}
        self.rows = 0

    def add(self, parsed: ParsedRow) -> None:
        """Add a row of the document. Raises `DocumentError`."""
        part = PART_OF.get(parsed.key)
        if part not in (MESSAGES, BRANCHES, RENAMED, STRUCTURE):
            return
        row = checked(part, parsed)
        if part is MESSAGES:
            self._says.append(said(row["data"], row["created_at"]))
        elif part is BRANCHES:
            self._line(row["branch"])
            self.parents[row["branch"]] = row["parent"]
        elif part is RENAMED:
            self.former.setdefault(row["branch"], []).append(row["old"])
        else:
            self._place(row, parsed.line)

    @property
    def messages(self) -> int:
        """How many messages the document has."""
        return len(self._says)

    def end(self) -> None:
        """Put the rows of each branch in order, once all have been added."""
        for branch, sequences in self._sequences.items():
            self.lines[branch] = self.lines[branch].sorted_by(sequences)

    def _place(self, row: Values, line: int) -> None:
        self.rows += 1
        message = row["message"]
        if not 0 < message <= len(self._says):
            raise DocumentError("'message' refers to no row of the document", line=line)
        self._line(row["branch"]).add(self._says[message - 1], self.rows, message, row["turn"])
        self._sequences[row["branch"]].append(row["sequence"])

    def _line(self, branch: str) -> Line:
        self._sequences.setdefault(branch, array("q"))
        return self.lines.setdefault(branch, Line())


def of_document(rows: Iterable[ParsedRow]) -> Outline:
    """The outline of a document. Raises `DocumentError`."""
    outline = Outline()
    for parsed in rows:
        outline.add(parsed)
    outline.end()
    return outline


def of_session(tx: Transaction, session_id: str, branches: Iterable[str]) -> dict[str, Line]:
    """The lines of the branches of a stored session."""
    messages, says = array("q"), array("Q")
    where = {"session_id": session_id, "branch_id": None}
    for message_id, data, created_at in tx.each("document_messages", **where):
        messages.append(message_id)
        says.append(said(data, created_at))
    lines = {branch: Line() for branch in branches}
    for branch, line in lines.items():
        where = {"session_id": session_id, "branch_id": branch}
        for row_id, message_id, turn in tx.each("rows_of_line", **where):
            place = bisect_left(messages, message_id)
            is_there = place < len(messages) and messages[place] == message_id
            line.add(says[place] if is_there else 0, row_id, message_id, turn)
    return lines


def said(data: Any, created_at: object) -> int:
    """A number for what a message says."""
    content = data if isinstance(data, bytes) else str(data).encode("utf-8", "surrogatepass")
    found = hashlib.blake2b(content, digest_size=8, key=str(created_at)[:64].encode())
    return int.from_bytes(found.digest(), "little")
