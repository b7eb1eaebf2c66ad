"""The built-in model, asked without the SDK."""

import json
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, nullcontext

from convo_cli.plain import echo
from convo_cli.plain.example import example
from convo_cli.plain.target import asked_of
from convo_cli.turn.choice import ModelChoice
from convo_cli.wire.conversations import told_apart
from convo_cli.wire.kinds import Item
from convo_cli.wire.reading import Ends, Whole
from convo_cli.wire.thinking import Said


class EchoModel:
    """Answers with the number of the turn and what it was sent, within the limit of tokens."""

    api: str | None = None
    has_estimated = True

    def __init__(self, choice: ModelChoice) -> None:
        self._choice = choice
        self.asked = asked_of(choice, None)
        self.ends = Ends()

    async def answer(self, items: list[Item]) -> AsyncGenerator[Said | Whole, None]:
        """The answer, word by word if it is streamed."""
        choice = self._choice
        text = echo.answer(told_apart(items), choice.instructions)
        if choice.schema is not None:
            text = json.dumps(example(choice.schema, text), ensure_ascii=False)
        short = echo.cut(text, choice.settings.get("max_tokens"))
        if short is not None:
            text = short
            self.ends.cuts.append(short)
        for word in echo.words_of(text) if choice.stream else ():
            yield Said("answered", word)
        yield Whole([echo.message(text)], echo.usage(items, choice.instructions, text))

    def translated(self) -> AbstractContextManager[None]:
        """Translate nothing: this model does not fail."""
        return nullcontext()
