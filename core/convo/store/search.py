"""What was said, found in all that a database holds."""

from collections.abc import Callable

from convo.records import Found
from convo.search import full_text
from convo.search.full_text import Scope
from convo.search.query import Query
from convo.sqlite.full_text import FullTextIndex
from convo.storage.search_index import Progress, SearchIndex, Stale
from convo.storage.transaction import Transaction
from convo.store import catalog, lookup
from convo.store.base import OpenedStore

WORDS = FullTextIndex(full_text.WORDS)


class Search(OpenedStore):
    """Full-text search over prompts and answers."""

    async def search(
        self,
        text: str,
        session_id: str | None = None,
        branch_id: str | None = None,
        *,
        limit: int | None = 20,
        progress: Callable[[Progress], None] | None = None,
    ) -> list[Found]:
        """The messages that say every word of `text`, the best first, `limit` of them at most.

        A word stands for those that begin with it, too; words in double quotes have to follow
        each other. All sessions are searched, or one, or one branch of it. A text without a word
        finds nothing.

        The first search of a file makes an index of it, and later ones enter what is new, which
        `progress` is told of. A search that is cancelled leaves what is entered by then.
        """
        query, scope = Query(text), Scope(session_id, branch_id)

        def look(tx: Transaction, index: SearchIndex | None) -> list[Found] | Stale:
            if session_id is not None and branch_id is not None:
                lookup.require_branch(tx, session_id, branch_id)
            elif session_id is not None:
                catalog.require(tx, session_id)
            if not query:
                return []
            return full_text.found(tx, index, query, scope, limit, self._unreadable)

        return await self._search(WORDS, look, session_id, progress)
