"""Runs one turn of the chat: asks, shows the answer as it arrives, and stores the turn."""

from dataclasses import replace
from typing import Any

from convo.errors import ConvoError, DatabaseError, joined
from convo.records import StoredTurn
from convo_cli.ask.attachments import content_of
from convo_cli.ask.leaving import still_running
from convo_cli.ask.pending import Pending
from convo_cli.ask.permission import permitted, remember_chosen
from convo_cli.ask.question import Question
from convo_cli.ask.schema import check_form
from convo_cli.ask.signals import StoppedError, stoppable
from convo_cli.ask.templates import noted
from convo_cli.chat.approval import asking_between, choosing_between, lending_between
from convo_cli.chat.edit import Edit
from convo_cli.chat.state import Chat
from convo_cli.render.pending import started, was_cut
from convo_cli.turn.choice import ModelChoice, TurnOutcome
from convo_cli.turn.events import Event

_RETRY, _KEEP = "/retry asks it again", "/keep keeps what came"


class NotStoredError(ConvoError):
    """The model answered, but the answer could not be stored."""


async def ask(chat: Chat, prompt: str, edit: Edit | None = None) -> None:
    """Ask what was typed, at the end of the branch or in the place of the edited turn."""
    await _join(chat, prompt, edit)
    content = prompt if edit is None else edit.saying(prompt)
    question = Question(
        chat.position.destination,
        content_of(content, chat.attached),
        None if edit is None else edit.turn,
    )
    try:
        await ask_question(chat, question, chat.choice)
    except (DatabaseError, StoppedError):
        if chat.draft:
            # The text that returns to the prompt is still an edit of that turn.
            chat.editing = edit
        raise


async def _join(chat: Chat, prompt: str, edit: Edit | None) -> None:
    """Go on after what others have said in the session that the chat was to begin."""
    try:
        joined = await stoppable(chat.position.joined())
    except (ConvoError, StoppedError):
        chat.draft, chat.editing = prompt, edit
        raise
    if joined is not None:
        chat.terminal.notice(joined)


async def ask_question(chat: Chat, question: Question, choice: ModelChoice) -> None:
    """Ask a question and store its turn. If anything goes wrong, the history does not change."""
    history = await _history(chat, question)
    choice = await _permitted(chat, question, choice)
    if choice.agent is not None:
        named = chat.next_agent
        active = await question.last_agent(chat.store) if named is None else named or None
        choice = replace(choice, active=active)
    pending = Pending(chat.store, chat.terminal.notice)
    await _begin(chat, pending, question, choice)
    try:
        async with pending.until_answered():
            outcome = await stoppable(answered(chat, choice, history, question, pending))
        remember_chosen(chat.invocation, choice, outcome.run.agent)
        outcome = noted(choice, outcome, chat.invocation.settings.folder)
        stored = await _stored(chat, question, outcome, pending)
    except StoppedError:
        way_on = _way_on(pending)
        chat.terminal.notice(f"stopped; {way_on}" if way_on else "stopped; nothing was stored")
        if running := still_running(chat.threads):
            chat.terminal.notice(f"nothing can stop {running}")
    except ConvoError as error:
        way_on = _way_on(pending)
        if way_on and not (isinstance(error, NotStoredError) and chat.draft):
            error.hint = joined(error.hint, way_on)
        raise
    else:
        chat.next_agent = None
        chat.attached.clear()
        await tell_stored(chat, question, stored)
        if outcome.is_cut:
            chat.terminal.notice(was_cut("/continue"))


async def _begin(chat: Chat, pending: Pending, question: Question, choice: ModelChoice) -> None:
    """Record the turn as pending. Ctrl-C ends the wait for another process's lock.

    A turn that cannot be recorded is not asked: its text returns to the prompt, unless it is a
    retry, which is pending already.
    """
    try:
        await stoppable(pending.begin(question.asked(choice), question.reached))
    except (ConvoError, StoppedError):
        if question.retries is None:
            chat.draft = question.text
        raise


def _way_on(pending: Pending) -> str | None:
    """How to retry or keep the pending turn; None if it could not be recorded as pending."""
    if pending.pending_id is None:
        return None
    return f"{_RETRY}, {_KEEP}" if pending.has_arrived else _RETRY


async def _history(chat: Chat, question: Question) -> list[dict[str, Any]]:
    try:
        return await stoppable(question.history(chat.store))
    except (ConvoError, StoppedError):
        # Nothing was asked: the message is put into the next prompt, to be sent from there.
        chat.draft = question.text
        raise


async def _permitted(chat: Chat, question: Question, choice: ModelChoice) -> ModelChoice:
    """The choice, once the user has permitted all that it names; see `permission`."""
    is_next = choice is chat.choice
    try:
        choice = await stoppable(permitted(chat.invocation, choice))
    except (ConvoError, StoppedError):
        if is_next:
            chat.draft = question.text
        raise
    if is_next:
        chat.choice = choice
    return choice


async def answered(
    chat: Chat,
    choice: ModelChoice,
    history: list[dict[str, Any]],
    question: Question,
    pending: Pending,
) -> TurnOutcome:
    """The answer to a question, shown as it arrives."""
    if choice.runs_code:
        chat.agent_output.begin()
        chat.line.begin()
    screen = chat.screen()

    def take(event: Event) -> None:
        pending.take(event)
        screen.take(event)

    screen.begin()
    try:
        with lending_between(chat, screen):
            host = await chat.hosts.host_for(choice, history, question.reached)
            outcome = await host.run_turn(
                choice,
                history,
                question.content,
                take,
                asking_between(chat, screen),
                choosing_between(chat, screen),
                reached=question.reached,
                on_progress=pending.keep,
            )
            return check_form(choice, outcome)
    finally:
        screen.end()


async def _stored(
    chat: Chat, question: Question, outcome: TurnOutcome, pending: Pending
) -> StoredTurn:
    try:
        keep = question.destination.keep_session
        return await pending.store(question.place(), outcome, keep_session=keep)
    except ConvoError as error:
        moved = await chat.moved_by(error)
        hint = None
        if moved:
            chat.draft, hint = question.text, "Enter asks it here"
        raise NotStoredError(
            f"{moved or error}. The answer above was not stored", hint=hint
        ) from error


async def tell_stored(chat: Chat, question: Question, stored: StoredTurn) -> None:
    """Move the chat past a stored turn, and report a new branch or session."""
    here = (chat.position.session, chat.position.branch)
    if (stored.session_id, stored.branch_id) != here and (moved := await chat.position.settle()):
        chat.terminal.notice(moved)
    left_behind = await chat.position.went_on(stored)
    if stored.started:
        current = (await chat.store.head()).session_id
        chat.terminal.notice(started(stored.session_id, current))
    if question.from_turn is not None:
        stays = "" if left_behind is None else f"; other shells stay on '{left_behind}'"
        chat.terminal.notice(f"switched to new branch '{stored.branch_id}'{stays}")
