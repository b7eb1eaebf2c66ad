"""Numbers of rows: a document counts its rows from 1, so that it is the same from any database."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable


class RowNumbers:
    """Turns the ids of one part of a document, which come in ascending order, into numbers.

    Ids of deleted rows get negative numbers, in the order in which they are asked for.
    """

    def __init__(self, ids: Iterable[int] = ()) -> None:
        self._ids = array("q", ids)
        self._deleted: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, row_id: int) -> int:
        """Add the next id, which is greater than all before, and return its number."""
        self._ids.append(row_id)
        return len(self._ids)

    def of(self, row_id: object) -> int | None:
        """The number of an id; None if there is none."""
        if not isinstance(row_id, int):
            return None
        place = bisect_left(self._ids, row_id)
        if place < len(self._ids) and self._ids[place] == row_id:
            return place + 1
        return self._deleted.setdefault(row_id, -1 - len(self._deleted))

    def some_at_a_time(self, count: int) -> Iterable[list[int]]:
        """All ids in order, at most `count` at a time."""
        for begin in range(0, len(self._ids), count):
            yield self._ids[begin : begin + count].tolist()


class RowIds:
    """Turns the numbers of one part of a document into the ids that its rows have here.

    A row that is not stored keeps the number 0. Numbers of deleted rows stay negative: no row has
    such an id.
    """

    def __init__(self) -> None:
        self._ids = array("q")

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, row_id: int) -> None:
        """Add the id of the next row."""
        self._ids.append(row_id)

    def put(self, number: int, row_id: int) -> None:
        """Set the id of a row that was added with 0."""
        self._ids[number - 1] = row_id

    def lacks(self, number: int) -> bool:
        """Whether the document has a row with this number that is not stored."""
        return 0 < number <= len(self._ids) and not self._ids[number - 1]

    def of(self, number: int) -> int | None:
        """The id of a row; None if the document has no such row, or it is not stored."""
        if number < 0:
            return number
        return (self._ids[number - 1] or None) if 0 < number <= len(self._ids) else None
