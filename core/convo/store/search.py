"""The store's method for full-text search."""

from collections.abc import Callable

from convo.records import Found
from convo.search import full_text
from convo.search.full_text import Scope
from convo.search.query import Query
from convo.storage.search_index import Progress, SearchIndex, Stale
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
        source: str | None = None,
        limit: int | None = 20,
        progress: Callable[[Progress], None] | None = None,
    ) -> list[Found]:
        """The messages that contain every word of `text`, the best first, at most `limit` of them.

        A word also matches longer words that begin with it; words in double quotes have to follow
        each other. Searches all sessions, or one, or one branch of it, or those that were imported
        from `source`. A text without words finds nothing.

        The first search of a file builds an index, and later ones enter new messages; `progress`
        is called with how far that is. If a search is cancelled, the messages entered so far stay
        in the index.
        """
        query, scope = Query(text), Scope(session_id, branch_id, source)

        def look(tx: Transaction, index: SearchIndex | None) -> list[Found] | Stale:
            if session_id is not None and branch_id is not None:
                lookup.require_branch(tx, session_id, branch_id)
            elif session_id is not None:
                catalog.require(tx, session_id)
            if not query:
                return []
            return full_text.found(tx, index, query, scope, limit, self._unreadable)

        return await self._search(full_text.WORDS, look, session_id, progress)
