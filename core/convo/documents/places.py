"""Where the branches of a document belong in a session that has some of them already."""

from collections.abc import Iterator
from itertools import chain, count
from typing import NamedTuple

from convo.branches import branches
from convo.documents.outline import Line, Outline
from convo.storage.transaction import Transaction


class Place(NamedTuple):
    """Where a document's branch is here: its rows from `begin` on are to be added.

    `shift` is the difference of the turns' numbers, and `has_gone_on` says whether the branch has
    rows here that the document lacks. A new branch shares messages with the line `base`.
    """

    branch: str
    begin: int
    shift: int = 0
    has_gone_on: bool = False
    base: Line | None = None
    is_new: bool = False


class Places:
    """Finds the places of a document's branches.

    A branch grows on the branch here that says the same up to where one of them ends. If both have
    gone on since, a new branch is made for it.
    """

    def __init__(
        self, tx: Transaction, session_id: str, outline: Outline, here: dict[str, Line]
    ) -> None:
        self._tx = tx
        self._session_id = session_id
        self.outline = outline
        self._here = here
        self.found: dict[str, Place] = {}
        self.deleted_here: list[str] = []

    def find(self) -> None:
        """Find the place of every branch, except of those that have been deleted here."""
        lines = self.outline.lines
        # A branch is older than those that were made from it.
        for name in sorted(lines, key=lambda name: lines[name].rows[:1].tolist() or [2**62]):
            place = self._place(name, lines[name])
            if place is None:
                self.deleted_here.append(name)
            else:
                self.found[name] = place

    def _place(self, name: str, line: Line) -> Place | None:
        now = branches.renamed_to(self._tx, self._session_id, name)
        names = (name, now, *self.outline.former.get(name, ()))
        known = [one for one in names if one in self._here][:1]
        if not known and self._was_used(name):
            return None
        for candidate in chain(known or [name], _beside(name)):
            assert candidate is not None
            there = self._here.get(candidate)
            if there is None:
                if not self._was_used(candidate):
                    return Place(candidate, 0, base=self._base(name, known, line), is_new=True)
                continue
            shared = line.shared_with(there)
            if shared in (len(line), len(there)):
                shift = there.turns[shared - 1] - line.turns[shared - 1] if shared else 0
                return Place(candidate, shared, shift, len(there) > len(line))
        return None

    def _base(self, name: str, known: list[str | None], line: Line) -> Line | None:
        """The line here that shares most with a new branch: its own, or that of its parent."""
        parent = self.found.get(self.outline.parents.get(name) or "")
        names = [one for one in known if one is not None]
        names += [parent.branch] if parent and not parent.is_new else []
        lines = [self._here[one] for one in names] or self._here.values()
        return max(lines, key=line.shared_with, default=None)

    def _was_used(self, name: str) -> bool:
        """Whether a branch has or had the name, here or in another place that was found."""
        where = {"session_id": self._session_id, "new_branch_id": name}
        return any(place.branch == name for place in self.found.values()) or bool(
            self._tx.value("branch_name_was_used", **where)
        )


def _beside(name: str) -> Iterator[str]:
    return (f"{name}-{number}" for number in count(2))
