"""The store's methods for notes, tags and stars."""

from convo.errors import TurnNotFoundError
from convo.marks import marks
from convo.names import check_tag
from convo.records import Tag
from convo.storage.transaction import Transaction
from convo.store import catalog, lookup
from convo.store.base import OpenedStore


class Marks(OpenedStore):
    """Put notes, tags and stars on turns, and find turns by their tags.

    A mark belongs to the turn, on every branch that shares it. It goes with the turn when that is
    undone or deleted, and comes back with it.
    """

    async def turn_called(self, session_id: str, branch_id: str, name: str | int) -> int:
        """The turn with a number, counted from the end if below 0, or with a tag.

        Raises `TurnNotFoundError`, or `TagNotFoundError` with the nearest tag or the branch that
        has the turn.
        """

        def find(tx: Transaction) -> int:
            lookup.require_branch(tx, session_id, branch_id)
            return lookup.turn_called(tx, session_id, branch_id, name)

        return await self._read(find, session_id)

    async def tag(
        self,
        session_id: str,
        branch_id: str,
        name: str,
        turn: str | int = -1,
        *,
        force: bool = False,
    ) -> tuple[int, Tag | None]:
        """Name a turn; returns its number, and where the tag was before if it has moved.

        Raises `NameTakenError` if another turn has the name, unless `force`, and
        `InvalidNameError` for a name that could be taken for the number of a turn.
        """
        check_tag(name)

        def name_it(tx: Transaction) -> tuple[int, Tag | None]:
            number, message = _question(tx, session_id, branch_id, turn)
            return number, marks.tag(tx, session_id, name, message, force=force)

        return await self._write(session_id, name_it)

    async def tags(self, session_id: str, branch_id: str) -> list[Tag]:
        """The tags of a session by name, each with a place of its turn, on this branch if it is."""

        def find(tx: Transaction) -> list[Tag]:
            lookup.require_branch(tx, session_id, branch_id)
            return marks.tags(tx, session_id, branch_id)

        return await self._read(find, session_id)

    async def delete_tags(self, session_id: str, names: list[str]) -> None:
        """Delete tags, all or none. Raises `TagNotFoundError`."""

        def delete(tx: Transaction) -> None:
            catalog.require(tx, session_id)
            marks.delete_tags(tx, session_id, names)

        await self._write(session_id, delete)

    async def note(
        self,
        session_id: str,
        branch_id: str,
        turn: str | int,
        text: str | None,
        *,
        append: bool = False,
    ) -> tuple[int, str | None]:
        """Set the note of a turn, or with None delete it; returns its number and the note before.

        With `append`, the text becomes another paragraph of the note.
        """
        if text is not None and not text.strip():
            raise ValueError("a note needs a text")

        def write(tx: Transaction) -> tuple[int, str | None]:
            number, message = _question(tx, session_id, branch_id, turn)
            return number, marks.note(tx, session_id, message, text, append=append)

        return await self._write(session_id, write)

    async def star(
        self, session_id: str, branch_id: str, turn: str | int | None = None, *, on: bool = True
    ) -> tuple[int | None, bool]:
        """Give a turn a star, or with None the session; with `on` false, take it away.

        Returns the number of the turn, and whether that changed anything.
        """

        def write(tx: Transaction) -> tuple[int | None, bool]:
            if turn is None:
                catalog.require(tx, session_id)
                return None, marks.star(tx, session_id, marks.SESSION, on=on)
            number, message = _question(tx, session_id, branch_id, turn)
            return number, marks.star(tx, session_id, message, on=on)

        return await self._write(session_id, write)

    async def starred_sessions(self) -> set[str]:
        """The names of the sessions that have a star."""
        return await self._look(marks.starred_sessions)


def _question(tx: Transaction, session_id: str, branch_id: str, turn: str | int) -> tuple[int, int]:
    """The number of a turn, and the message that began it."""
    lookup.require_branch(tx, session_id, branch_id)
    number = lookup.turn_called(tx, session_id, branch_id, turn)
    if number < 1:
        raise TurnNotFoundError(f"turn {number} on branch '{branch_id}' has no question to mark")
    return number, marks.question(tx, session_id, branch_id, number)
