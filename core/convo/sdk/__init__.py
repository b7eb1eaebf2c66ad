"""The session classes: a conversation of the OpenAI Agents SDK, stored with its branches."""

from convo.sdk.branches import Branches
from convo.sdk.compaction import Compactable
from convo.sdk.in_file import InFile
from convo.sdk.items import Items
from convo.sdk.on_server import OnServer
from convo.sdk.usage import Usage


class AdvancedSession(Items, Branches, Usage, Compactable):
    """The methods of a session, wherever it is stored."""


class AdvancedSQLiteSession(InFile, AdvancedSession):
    """One conversation in an SQLite file that the SDK's class of the same name can open too.

    Pass it to `Runner.run(agent, text, session=session)`. Sessions on one file share their
    connections; close each, or use it as an async context manager.
    """


class AdvancedPostgresSession(OnServer, AdvancedSession):
    """One conversation in a PostgreSQL database, which other hosts can use at the same time.

    It takes the place of the SDK's `SQLAlchemySession`, in the same tables. All sessions of a
    process on one database share at most `pool_size` connections.
    """
