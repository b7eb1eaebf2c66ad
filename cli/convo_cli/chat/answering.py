"""One turn of the chat: asked, shown as it arrives, and stored whole when it is complete."""

from typing import Any

from convo.errors import ConvoError
from convo_cli.agent.choice import Content, ModelChoice, TurnOutcome
from convo_cli.chat.approving import asking_between
from convo_cli.chat.attachments import content_of
from convo_cli.chat.hosting import Hosting
from convo_cli.chat.signals import StoppedError, stoppable
from convo_cli.chat.state import Chat


class NotStoredError(ConvoError):
    """An answer was given but could not be stored."""


async def ask(chat: Chat, choice: ModelChoice, agents: Hosting, prompt: str) -> None:
    """Ask for an answer and store the turn. Whatever goes wrong, the history stays as it was."""
    history = await _history(chat, prompt)
    try:
        content = content_of(prompt, chat.attached)
        outcome = await stoppable(_answered(chat, choice, agents, history, content))
    except StoppedError:
        chat.terminal.notice("stopped; nothing was stored")
        return
    try:
        started = await chat.position.record(prompt, outcome)
    except ConvoError as error:
        why = await chat.moved_by(error) or str(error)
        raise NotStoredError(f"{why}. The answer above was not stored") from error
    chat.attached.clear()
    if started:
        chat.terminal.notice(f"started session '{chat.position.session}'")


async def _history(chat: Chat, prompt: str) -> list[dict[str, Any]]:
    try:
        return await chat.position.history()
    except ConvoError:
        # Nothing was asked: the message is put into the next line, to be sent from where that is.
        chat.draft = prompt
        raise


async def _answered(
    chat: Chat,
    choice: ModelChoice,
    agents: Hosting,
    history: list[dict[str, Any]],
    content: Content,
) -> TurnOutcome:
    screen = chat.screen()
    screen.begin()
    try:
        host = await agents.ready()
        approve = asking_between(chat, screen)
        return await host.run_turn(choice, history, content, screen.take, approve)
    finally:
        screen.end()
