"""`AdvancedSQLiteSession`: a conversation of the OpenAI Agents SDK, stored with its branches."""

from convo.sdk.branches import Branches
from convo.sdk.compaction import Compactable
from convo.sdk.items import Items
from convo.sdk.usage import Usage


class AdvancedSQLiteSession(Items, Branches, Usage, Compactable):
    """One conversation in an SQLite file that the SDK's class of the same name can open too.

    Pass it to `Runner.run(agent, text, session=session)`. Sessions on one file share their
    connections; close each, or use it as an async context manager.
    """
