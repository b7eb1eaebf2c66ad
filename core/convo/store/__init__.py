"""`ConversationStore`: a whole database of conversations, for programs that manage them."""

from convo.store.branches import Branches
from convo.store.copying import Copies
from convo.store.documents import Documents
from convo.store.evals import Evals
from convo.store.importing import Imports
from convo.store.maintenance import Health
from convo.store.marks import Marks
from convo.store.merging import Merges
from convo.store.pending import Pending
from convo.store.removals import Removals
from convo.store.search import Search
from convo.store.sessions import Sessions
from convo.store.shares import Shares
from convo.store.trials import Trials
from convo.store.usage import Usage


class ConversationStore(
    Sessions,
    Branches,
    Removals,
    Shares,
    Search,
    Marks,
    Merges,
    Pending,
    Usage,
    Trials,
    Evals,
    Imports,
    Documents,
    Copies,
    Health,
):
    """The sessions, branches and turns of one database file, and its head.

    Use it as an async context manager. Every method raises a `ConvoError`: a `NotFoundError` for
    a missing session, branch or turn, a `ConflictError` for a taken name or a head that another
    program has moved, a `DatabaseError` for a file that cannot be used.
    """
