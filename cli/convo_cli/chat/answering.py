"""One turn of the chat: asked, shown as it arrives, and stored whole when it is complete."""

from typing import Any

from convo.errors import ConvoError
from convo_cli.agent.choice import ModelChoice, TurnOutcome
from convo_cli.chat.preload import Preload
from convo_cli.chat.signals import StoppedError, stoppable
from convo_cli.chat.state import Chat

RUNNER = "convo_cli.agent.runner"
"""The module that imports the Agents SDK, which takes seconds."""


class NotStoredError(ConvoError):
    """An answer was given but could not be stored."""


async def ask(chat: Chat, choice: ModelChoice, runner: Preload, prompt: str) -> None:
    """Ask for an answer and store the turn. Whatever goes wrong, the history stays as it was."""
    history = await _history(chat, prompt)
    try:
        outcome = await stoppable(_answered(chat, choice, runner, history, prompt))
    except StoppedError:
        chat.terminal.notice("stopped; nothing was stored")
        return
    try:
        started = await chat.position.record(prompt, outcome)
    except ConvoError as error:
        why = await chat.moved_by(error) or str(error)
        raise NotStoredError(f"{why}. The answer above was not stored") from error
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
    runner: Preload,
    history: list[dict[str, Any]],
    prompt: str,
) -> TurnOutcome:
    screen = chat.screen()
    screen.begin()
    try:
        run_turn = (await runner.module()).run_turn
        outcome: TurnOutcome = await run_turn(choice, history, prompt, screen.take)
    finally:
        screen.end()
    return outcome
