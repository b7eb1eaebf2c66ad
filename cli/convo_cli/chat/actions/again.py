"""Slash commands that ask again: what failed, what was answered, or the same in other words."""

from convo_cli.agent.choice import check_choice
from convo_cli.chat.answering import ask_question
from convo_cli.chat.editing import Edit
from convo_cli.chat.question import NothingToRetryError, Question, held_question, question_again
from convo_cli.chat.slash import Call
from convo_cli.chat.state import Chat
from convo_cli.render.held import asking_again


async def retry(chat: Chat, call: Call) -> None:
    """Like `convo retry`: the turn that failed here, or else the last one in a new branch."""
    question = await _question(chat)
    model, choice = call.argument(0), chat.choice
    if model is not None:
        choice = choice.asking(model)
    choice = question.completed(choice, chat.invocation.environ)
    check_choice(choice, chat.invocation.environ)
    chat.terminal.notice(asking_again(question.text, question.from_turn))
    await ask_question(chat, question, choice)
    chat.terminal.write("\n")


async def edit(chat: Chat, call: Call) -> None:
    """Put what was asked in a turn, the last if none is named, into the line."""
    given = call.argument(0)
    await chat.position.look()
    try:
        turn = chat.position.turn - 1 if given is None else int(given)
    except ValueError:
        raise call.misused(f"'{given}' is no number of a turn") from None
    if given is None and not turn:
        raise NothingToRetryError("nothing to edit: nothing was asked on this branch yet")
    chat.editing = await Edit.of_turn(chat.store, chat.position.there, turn)
    chat.draft = chat.editing.draft


async def _question(chat: Chat) -> Question:
    there = chat.position.there
    if chat.failed is not None:
        held_id, branch = chat.failed
        held = await chat.store.held_turn(held_id) if branch == there.branch else None
        if held is not None:
            return held_question(held, there)
    return await question_again(chat.store, there)
