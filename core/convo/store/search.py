"""What was said, found in all that a database holds."""

from convo.records import Found
from convo.search import full_text, index
from convo.search.full_text import WORDS, Where
from convo.search.query import Query
from convo.storage.transaction import Transaction
from convo.store import catalog, lookup
from convo.store.base import OpenedStore


class Search(OpenedStore):
    """Full-text search over prompts and answers."""

    async def search(
        self,
        text: str,
        session_id: str | None = None,
        branch_id: str | None = None,
        *,
        limit: int | None = 20,
    ) -> list[Found]:
        """The messages that say every word of `text`, the best first, `limit` of them at most.

        A word stands for those that begin with it, too; words in double quotes have to follow
        each other. All sessions are searched, or one, or one branch of it. A text without a word
        finds nothing.
        """
        query, where = Query(text), Where(session_id, branch_id)

        def look(tx: Transaction, as_it_is: bool) -> list[Found]:
            if session_id is not None and branch_id is not None:
                lookup.require_branch(tx, session_id, branch_id)
            elif session_id is not None:
                catalog.require(tx, session_id)
            if not query:
                return []
            return full_text.found(tx, query, where, limit, self._unreadable, as_it_is=as_it_is)

        async def read(as_it_is: bool) -> list[Found]:
            return await self._read(lambda tx: look(tx, as_it_is), session_id)

        return await index.read_caught_up(self._opened(), self._access, WORDS, read)
