"""The ids of a database in place of those of another one."""


class Ids:
    """The ids that rows of one kind have here, by those that they had.

    A row that is not in the copy, because it has been deleted for good, gets a negative number.
    """

    def __init__(self) -> None:
        self._ids: dict[int, int] = {}
        self._deleted = 0

    def put(self, old: int, new: int) -> None:
        """Set the id of a row."""
        self._ids[old] = new

    def of(self, old: int) -> int:
        """The id of a row."""
        if old not in self._ids:
            self._deleted -= 1
            self._ids[old] = self._deleted
        return self._ids[old]
