"""Slash commands that retry, keep, continue and edit turns."""

from dataclasses import replace

from convo.pending.pending import PendingTurn
from convo.pending.processes import Process
from convo_cli.ask.again import (
    NothingToRetryError,
    continuing,
    last_question,
    newest_here,
    pending_question,
    question_again,
)
from convo_cli.ask.again import keep as keep_turn
from convo_cli.ask.question import Question
from convo_cli.chat.answer import ask_question, tell_stored
from convo_cli.chat.edit import Edit
from convo_cli.chat.slash.parser import Call
from convo_cli.chat.slash.sessions import go_to_session
from convo_cli.chat.slash.settings import asking
from convo_cli.chat.state import Chat
from convo_cli.output.waiting import drop_waiting, number_of
from convo_cli.render.pending import asking_again, kept_as, run_before
from convo_cli.turn.choice import check_choice

DROP, LAST, FROM_START = "--drop", "--last", "--from-start"


async def retry(chat: Chat, call: Call) -> None:
    """Like `convo retry`: retries a pending turn, or else the last turn in a new branch."""
    if DROP in call.options:
        await drop_waiting(chat.invocation, chat.store, call.arguments)
        return
    numbers = [word for word in call.arguments if word.isdecimal()]
    models = [word for word in call.arguments if not word.isdecimal()]
    if len(models) > 1 or len(numbers) + (LAST in call.options) > 1:
        raise call.misused("one prompt is asked again at a time, of one model")
    from_start = FROM_START in call.options
    question = await _question(chat, numbers, last=LAST in call.options)
    question = question.again(from_start=from_start)
    choice = chat.choice
    if models:
        choice = asking(chat, models[0])
    choice = question.completed(choice, chat.invocation.environ, chat.invocation.config)
    check_choice(choice, chat.invocation.environ)
    again = asking_again(question.text, question.from_turn, question.note)
    chat.terminal.notice(again + run_before(question.ran, from_start=from_start))
    await ask_question(chat, question, choice)
    chat.terminal.write("\n")


async def keep(chat: Chat, call: Call) -> None:
    """Like `convo retry --keep`: stores the part of an answer that arrived, marked as cut."""
    pending = await _named_or_failed(chat, call.argument(0))
    if pending is None:
        pending = await newest_here(chat.store, chat.position.destination)
    question = await _gone_to(chat, await pending_question(chat.store, pending))
    stored = await keep_turn(chat.store, pending, question)
    await tell_stored(chat, question, stored)
    (info,) = await chat.store.turns(stored.session_id, stored.branch_id, 1)
    chat.terminal.notice(kept_as(stored, info.cut is not None, "/continue"))


async def go_on(chat: Chat, _: Call) -> None:
    """Like `convo continue`: asks the model to continue its last answer, which was cut."""
    await ask_question(chat, await continuing(chat.store, chat.position.destination), chat.choice)
    chat.terminal.write("\n")


async def edit(chat: Chat, call: Call) -> None:
    """Put the question of a turn, by default the last, at the prompt."""
    given = call.argument(0)
    turn: str | int = await chat.position.next_turn() - 1 if given is None else given
    if not turn:
        raise NothingToRetryError("nothing to edit: nothing was asked on this branch yet")
    chat.editing = await Edit.of_turn(chat.store, chat.position.destination, turn)
    chat.draft = chat.editing.draft


async def _question(chat: Chat, numbers: list[str], *, last: bool) -> Question:
    destination = chat.position.destination
    if last:
        return await last_question(chat.store, destination)
    pending = await _named_or_failed(chat, numbers[0] if numbers else None)
    if pending is None:
        return await _gone_to(chat, await question_again(chat.store, destination))
    return await _gone_to(chat, await pending_question(chat.store, pending))


async def _named_or_failed(chat: Chat, number: str | None) -> PendingTurn | None:
    """The pending turn of that number or, without one, this chat's last failed turn here."""
    if number is not None:
        return await chat.store.waiting_turn(number_of(number))
    here = (chat.position.session, chat.position.branch)
    failed = [
        pending
        for pending in await chat.store.waiting_turns()
        if pending.process == Process.current()
        and pending.state != "running"
        and (pending.asked.session_id, pending.asked.branch_id) == here
    ]
    return max(failed, key=lambda pending: pending.pending_id, default=None)


async def _gone_to(chat: Chat, question: Question) -> Question:
    """Move the chat to where the question is asked, and return the question."""
    destination, position = question.destination, chat.position
    before = position.session, position.branch
    if destination.session != position.session or destination.exists != position.begun:
        if destination.exists and destination.session is not None:
            await go_to_session(chat, destination.session)
        else:
            position.start_new(destination.session)
    if destination.exists and destination.branch != position.branch:
        await position.switch(destination.branch)
    if before != (position.session, position.branch):
        in_session = (
            "a new session" if position.session is None else f"session '{position.session}'"
        )
        chat.terminal.notice(f"now in {in_session} on branch '{position.branch}'")
    return replace(question, destination=position.destination)
