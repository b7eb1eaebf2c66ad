"""What keeps on branches the messages that others delete: triggers, where they may be made."""

import logging

from convo.postgres.dialect import PostgresStatements
from convo.postgres.url import ServerAddress

_LOG = logging.getLogger("convo")

TRIGGERS = ("convo_keep_messages", "convo_keep_session")
KEY = "convo_key_without_keepers"
"""The foreign key that stands in for the triggers: see `keeping.sql`."""

_BLOCKS = (
    *("keep_messages", "keep_session", "drop_key_of_message", "drop_key_without_keepers"),
    *("drop_keeper_of_messages", "drop_keeper_of_sessions"),
    *("keep_messages_of_branches", "keep_sessions_of_branches"),
)

_REFUSED = frozenset(["42501", "0A000", "42704", "42601", "42883"])
"""What a server says that lets nobody, or not this role, make functions and triggers."""


def keepers(statements: PostgresStatements) -> list[str]:
    """The statements that make the triggers, again if they are there."""
    return [statements.text(block) for block in _BLOCKS]


def stand_in(statements: PostgresStatements) -> list[str]:
    """The statements that make a foreign key instead."""
    return [statements.text("drop_key_without_keepers"), statements.text("key_without_keepers")]


def are_refused(error: BaseException) -> bool:
    """Whether triggers cannot be made here."""
    return getattr(error, "sqlstate", None) in _REFUSED


def warn(address: ServerAddress) -> None:
    """Say that branches lose what others delete."""
    _LOG.warning(
        "no triggers may be made in the database %s: what SQLAlchemySession deletes there is lost "
        "to branches too",
        address,
    )
