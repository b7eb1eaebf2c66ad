"""What a running chat has at hand: its database, where it stands, and the terminal."""

from dataclasses import dataclass

from convo.errors import ConflictError, ConvoError, NotFoundError
from convo.store import ConversationStore
from convo_cli.chat.position import Position
from convo_cli.invocation import Invocation
from convo_cli.terminal import Terminal


@dataclass
class Chat:
    """A running chat. `draft` is what the next prompt begins with; `leaving` ends the chat."""

    invocation: Invocation
    store: ConversationStore
    position: Position
    draft: str = ""
    leaving: bool = False

    @property
    def terminal(self) -> Terminal:
        """Where the chat is shown."""
        return self.invocation.terminal

    async def moved_by(self, error: ConvoError) -> str | None:
        """What is to be said of an error that shows that the chat's branch or session is gone.

        The chat is then where it can go on. None where the error means something else.
        """
        if isinstance(error, NotFoundError | ConflictError):
            return await self.position.settle()
        return None
