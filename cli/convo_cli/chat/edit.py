"""An edit that is under way: a turn's question in the line, to be asked in the turn's place."""

from dataclasses import dataclass

from convo.store import ConversationStore
from convo_cli.ask.again import asked_in
from convo_cli.ask.conversation import Destination
from convo_cli.chat.typed import SLASH
from convo_cli.render.pending import typed_text
from convo_cli.turn.choice import Content


@dataclass(frozen=True, slots=True)
class Edit:
    """The turn that is edited, and what was asked in it."""

    turn: int
    content: Content

    @classmethod
    async def of_turn(cls, store: ConversationStore, destination: Destination, turn: int) -> "Edit":
        """The edit of a turn. Raises `TurnNotFoundError`."""
        return cls(turn, await asked_in(store, destination, turn))

    @property
    def draft(self) -> str:
        """The text as the line begins with it, so that it is taken for a message."""
        text = typed_text(self.content)
        return f"{SLASH}{text}" if text.startswith(SLASH) else text

    def saying(self, text: str) -> Content:
        """What is asked instead: another text, with what was attached to the first."""
        if isinstance(self.content, str):
            return text
        attached = [part for n, part in enumerate(self.content) if n or "text" not in part]
        return [{"type": "input_text", "text": text}, *attached]
