"""An edit in progress: a turn's question at the prompt, to be asked in the place of the turn."""

from dataclasses import dataclass

from convo.store import ConversationStore
from convo_cli.ask.again import asked_in
from convo_cli.ask.conversation import Destination, turn_in
from convo_cli.chat.typed import SLASH
from convo_cli.render.pending import typed_text
from convo_cli.turn.choice import Content


@dataclass(frozen=True, slots=True)
class Edit:
    """The turn that is being edited, and its question."""

    turn: int
    content: Content

    @classmethod
    async def of_turn(
        cls, store: ConversationStore, destination: Destination, turn: str | int
    ) -> "Edit":
        """The edit of a turn, by its number or its tag. Raises `TurnNotFoundError`."""
        number = await turn_in(store, destination, turn)
        return cls(number, await asked_in(store, destination, number))

    @property
    def draft(self) -> str:
        """The text to put at the prompt, escaped if it would be read as a command."""
        text = typed_text(self.content)
        return f"{SLASH}{text}" if text.startswith(SLASH) else text

    def saying(self, text: str) -> Content:
        """The new question: another text with the same attachments."""
        if isinstance(self.content, str):
            return text
        attached = [part for n, part in enumerate(self.content) if n or "text" not in part]
        return [{"type": "input_text", "text": text}, *attached]
