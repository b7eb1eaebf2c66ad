"""Slash commands that ask several models one question, and go on with one of their branches."""

from dataclasses import replace

from convo.records import Location
from convo_cli.ask.attachments import content_of
from convo_cli.chat.recall import recall
from convo_cli.chat.slash.parser import Call
from convo_cli.chat.slash.settings import asking
from convo_cli.chat.state import Chat
from convo_cli.output.report import report
from convo_cli.render.trials import picked, where_answers_are
from convo_cli.trials.choices import Tried, completed
from convo_cli.trials.picking import beside
from convo_cli.trials.question import Asking
from convo_cli.trials.stopping import EndedError

MODEL = "-m"


async def ask_models(chat: Chat, call: Call) -> None:
    """Like `convo ask`: asks each model that is named with -m, on a branch of its own."""
    models, words = _taken_apart(call)
    position = chat.position
    place = Location(position.require_session(), position.branch) if position.begun else None
    choices = [Tried(name, asking(chat, name)) for name in models]
    tried = await completed(chat.invocation, chat.store, place, choices)
    content = content_of(" ".join(words), chat.attached)
    question = Asking(
        chat.invocation, chat.store, content, place, tried, agent_output=chat.agent_output
    )
    await question.confirm(yes=False)
    try:
        await question.ask(jobs=len(tried), raw=chat.raw, hidden=False)
    except EndedError:
        chat.terminal.notice("stopped; what was complete is kept")
    chat.attached.clear()
    branches = [one.branch for one in question.answered if one.outcome is not None]
    for one in question.answered:
        if one.outcome is not None and one.outcome.turn is not None:
            position.note_own(one.branch, one.outcome.turn)
    if branches:
        if place is None:
            await position.go_to(question.answered[0].session)
        chat.terminal.notice(where_answers_are(branches, "/pick"))


async def pick_branch(chat: Chat, call: Call) -> None:
    """Like `convo pick`: goes on with one branch, and with its model."""
    position = chat.position
    session = position.require_session()
    branch = await chat.store.branch_called(session, call.arguments[0])
    others = await beside(chat.store, session, branch)
    await position.switch(branch)
    head = (await chat.store.session_head(session)).branch_id
    await chat.store.go_on_with(session, branch, expected=head)
    recorded = await chat.store.session_model(session)
    if recorded.model is not None:
        chat.choice = replace(
            chat.choice,
            model=recorded.model,
            base_url=recorded.base_url,
            is_chosen=True,
            recorded=chat.choice.recorded | {"model", "base_url"},
        )
    row = {"branch": branch, "session": session, "others": others}
    report(chat.invocation, picked(branch, others, recorded.model, "/delete"), row)
    await recall(chat)


def _taken_apart(call: Call) -> tuple[list[str], list[str]]:
    """The models, each after its -m, and the words of the question. Raises `UsageError`."""
    models: list[str] = []
    words = list(call.arguments)
    while words and words[0] == MODEL:
        if len(words) < 2:
            raise call.misused(f"{MODEL} needs the name of a model")
        models.append(words[1])
        words = words[2:]
    if not models:
        raise call.misused("it asks the models that are named, each after -m")
    if len(set(models)) < len(models):
        raise call.misused("a model is named twice")
    if not words:
        raise call.misused("the question is missing")
    return models, words
