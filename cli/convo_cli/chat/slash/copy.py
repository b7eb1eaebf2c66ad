"""The slash command that copies an answer, or the code of one, to the clipboard."""

from convo.errors import NotFoundError
from convo_cli.ask.code import code_of
from convo_cli.chat import clipboard
from convo_cli.chat.slash.parser import Call
from convo_cli.chat.state import Chat
from convo_cli.output.turns import LAST
from convo_cli.render.terminal.text import counted

CODE = "code"


class NothingToCopyError(NotFoundError):
    """The turn has no answer."""


async def copy(chat: Chat, call: Call) -> None:
    """Copy the last answer, that of turn N, or its last code block."""
    numbers = [word for word in call.arguments if word != CODE]
    if len(numbers) > 1:
        raise call.misused(f"'{' '.join(numbers)}' is not a turn")
    session = chat.position.require_session()
    called = numbers[0] if numbers else LAST
    number = await chat.store.turn_called(session, chat.position.branch, called)
    (turn,) = await chat.store.transcript(session, chat.position.branch, number, number)
    said = [item.text for item in turn.items if item.kind == "assistant" and item.text]
    if not said:
        raise NothingToCopyError(f"turn {turn.turn} has no answer")
    text, what = "\n\n".join(said), "the answer"
    if CODE in call.arguments:
        text, what = code_of(text, "last"), "the code"
    taken_by = await clipboard.copy(text, chat.terminal, chat.invocation.environ)
    long = counted(len(text), "character")
    chat.terminal.notice(f"{what} of turn {turn.turn} is copied by {taken_by}: {long}")
