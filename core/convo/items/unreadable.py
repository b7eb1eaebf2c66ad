"""Messages that cannot be read: left out, and named in the log."""

import logging


class Unreadable:
    """Tells of each message that cannot be read, once, however often it is met."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._told: set[int] = set()

    def tell(self, message_id: int, error: Exception) -> None:
        """Log that a message is left out, and why, unless that has been said."""
        if message_id not in self._told:
            self._told.add(message_id)
            self._logger.warning("message %s cannot be read and is left out: %s", message_id, error)
