"""Slash commands that choose the model, the instructions and the attachments."""

from collections.abc import Sequence
from dataclasses import replace

from convo.errors import ModelError, joined
from convo.records import SessionModel
from convo_cli.ask.attachments import STDIN, attached
from convo_cli.ask.configured import with_name
from convo_cli.ask.instructions import instructions_of
from convo_cli.ask.permission import permitted
from convo_cli.chat.slash.parser import Call
from convo_cli.chat.state import Chat
from convo_cli.render.terminal.text import safe
from convo_cli.turn.choice import ModelChoice, check_choice, server_url

CLEAR = "--clear"


async def choose_model(chat: Chat, call: Call) -> None:
    """Ask another model from now on; without a name, list those of the server."""
    name = call.argument(0)
    if name is not None:
        choice = asking(chat, name)
        check_choice(choice, chat.invocation.environ)
        chat.choice = choice
        chat.terminal.notice(f"the next message asks {asked_next(chat)}")
        return
    chat.choice = await permitted(chat.invocation, chat.choice)
    try:
        names = await chat.hosts.models(chat.choice)
    except ModelError as error:
        chat.terminal.notice(f"the next message asks {asked_next(chat)}")
        chat.terminal.notice(joined(str(error), error.hint))
        return
    _tell_models(chat, names)


def asking(chat: Chat, name: str) -> ModelChoice:
    """The chat's choice with another model, and with its server if the name has one."""
    recorded = SessionModel(base_url=chat.choice.base_url)
    named = ModelChoice(model=name, is_chosen=True)
    found = with_name(named, chat.invocation.config, recorded)
    choice = chat.choice.asking(found.model or name)
    if found.base_url is None:
        return choice
    return replace(
        choice,
        base_url=found.base_url,
        api=found.api,
        server_is_of_model=True,
        recorded=choice.recorded - {"base_url"},
    )


def _tell_models(chat: Chat, names: Sequence[str]) -> None:
    """List the models of the server, and say which one is asked, if that is clear."""
    current = chat.choice.model
    marks = (f"{'*' if name == current else ' '} {safe(name)}\n" for name in names)
    chat.terminal.write("".join(marks))
    choice = chat.choice
    at_server = server_url(choice, chat.invocation.environ) is not None
    default = chat.invocation.environ.get("OPENAI_DEFAULT_MODEL")
    if not at_server or current is not None or default or choice.agent is not None:
        chat.terminal.notice(f"the next message asks {asked_next(chat)}")
    elif len(names) == 1:
        chat.terminal.notice(f"the next message asks {names[0]}, the only model there")
    else:
        chat.terminal.notice("no model is chosen; /model NAME chooses one")


def asked_next(chat: Chat) -> str:
    """Describe the model or agent that the next message asks."""
    choice = chat.choice
    agent = f"the agent {choice.agent}" if choice.agent else ""
    if agent and not choice.overrules_agent:
        return f"{agent} with its own model, or else {choice.model or 'the default'}"
    model = choice.model or "the default model"
    return f"{agent} with {model}" if agent else model


async def give_instructions(chat: Chat, call: Call) -> None:
    """Use other instructions from now on; without a text, show the current ones."""
    text = " ".join(call.arguments)
    if CLEAR in call.options and text:
        raise call.misused(f"{CLEAR} takes no text")
    if CLEAR in call.options or text:
        given = instructions_of(text) if text else None
        chat.choice = replace(chat.choice, instructions=given)
        chat.terminal.notice("the next message has new instructions" if text else _none(chat))
    elif chat.choice.instructions:
        chat.terminal.write(f"{safe(chat.choice.instructions).rstrip()}\n")
    else:
        chat.terminal.notice(_none(chat))


def _none(chat: Chat) -> str:
    if chat.choice.agent is not None:
        return "the next message goes with the agent's own instructions"
    return "the next message goes without instructions"


async def attach(chat: Chat, call: Call) -> None:
    """Attach files and URLs to the next message; without one, list what is attached."""
    if STDIN in call.arguments:
        raise call.misused("what is typed here is stdin: attach a file")
    if CLEAR in call.options:
        chat.attached.clear()
    # All are read first, so that either all are attached or none.
    chat.attached += [await attached(name) for name in call.arguments]
    names = ", ".join(attachment.name for attachment in chat.attached)
    chat.terminal.notice(f"attached: {names}" if names else "nothing is attached")
