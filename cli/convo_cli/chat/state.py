"""What a running chat has at hand: its database, where it stands, and the terminal."""

from dataclasses import dataclass

from convo.errors import ConflictError, ConvoError, NotFoundError
from convo.store import ConversationStore
from convo_cli.chat.position import Position
from convo_cli.chat.raw_screen import RawScreen
from convo_cli.chat.screen import AnswerScreen
from convo_cli.chat.turn_screen import TurnScreen
from convo_cli.invocation import Invocation
from convo_cli.terminal import Terminal


@dataclass
class Chat:
    """A running chat.

    `raw` leaves answers as they are written; `draft` is what the next prompt begins with; `leaving`
    ends the chat.
    """

    invocation: Invocation
    store: ConversationStore
    position: Position
    raw: bool = False
    draft: str = ""
    leaving: bool = False

    @property
    def terminal(self) -> Terminal:
        """Where the chat is shown."""
        return self.invocation.terminal

    def screen(self) -> TurnScreen:
        """Where an answer is shown."""
        return (RawScreen if self.raw else AnswerScreen)(self.terminal)

    async def moved_by(self, error: ConvoError) -> str | None:
        """What is to be said of an error that shows that the chat's branch or session is gone.

        The chat is then where it can go on. None where the error means something else.
        """
        if isinstance(error, NotFoundError | ConflictError):
            return await self.position.settle()
        return None
