"""Asks one turn from the command line or a pipe, or starts the interactive chat."""

import typer

from convo.store import ConversationStore
from convo_cli.ask.attachments import (
    STDIN,
    Attachment,
    attached,
    attachment_of,
    content_of,
)
from convo_cli.ask.code import Which
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.reading import LARGEST
from convo_cli.running import run
from convo_cli.settings import Format
from convo_cli.terminal import Terminal
from convo_cli.turn.choice import ModelChoice


def chat(
    invocation: Invocation,
    choice: ModelChoice,
    *,
    prompt: list[str] | None,
    attach: list[str] | None,
    raw: bool,
    first_code: bool,
    last_code: bool,
    new: bool,
    turn: int | None,
) -> None:
    """Ask a model and store the turn, or start the interactive chat."""
    if new and turn is not None:
        raise UsageError("--new and --turn exclude each other: a new session has no turns")
    code = code_wanted(invocation, first_code, last_code)
    files = _attached(attach or [], invocation.terminal)
    if STDIN in (attach or []) and not (prompt or choice.opening):
        raise UsageError(
            "stdin is attached, and nothing is asked about it", hint="give a prompt as well"
        )
    if not (prompt or choice.opening) and invocation.terminal.stdin_is_terminal:
        if code is not None:
            raise UsageError(
                "-x and -X are for one turn, not for the interactive chat", hint="give a prompt"
            )
        raise typer.Exit(_interactive(invocation, choice, files, new=new, raw=raw, turn=turn))
    text = whole_prompt(prompt or [], invocation.terminal, choice.opening)

    from convo_cli.ask.conversation import locate
    from convo_cli.ask.oneshot import ask_once
    from convo_cli.ask.question import Question

    async def find(store: ConversationStore) -> Question:
        destination = await locate(store, invocation.settings, new=new)
        return Question(destination, content_of(text, files), from_turn=turn)

    ask_once(invocation, choice, find, raw=raw, code=code)


def code_wanted(invocation: Invocation, first: bool, last: bool) -> Which | None:
    """Which code block to write instead of the answer, if any. Raises `UsageError`."""
    if first and last:
        raise UsageError("-x and -X exclude each other: one block is written")
    if (first or last) and invocation.settings.format is not Format.TABLE:
        raise UsageError("-x and -X write code: they go with no --json or --format")
    return "first" if first else "last" if last else None


def _attached(files: list[str], terminal: Terminal) -> list[Attachment]:
    """The attachments; `-` is stdin, which is then not part of the prompt."""
    if files.count(STDIN) > 1:
        raise UsageError("stdin can be attached once")
    return [
        attachment_of("stdin", terminal.attached_bytes(LARGEST), "on stdin")
        if file == STDIN
        else run(attached(file))
        for file in files
    ]


def _interactive(
    invocation: Invocation,
    choice: ModelChoice,
    files: list[Attachment],
    *,
    new: bool,
    raw: bool,
    turn: int | None,
) -> int:
    if not invocation.terminal.stdout_is_terminal:
        raise UsageError(
            "the interactive chat needs a terminal, and stdout is none",
            hint="for one turn, give a prompt",
        )
    # Imported here because prompt_toolkit is slow to load, and no other command needs it.
    from convo_cli.chat.interactive import run as chat_on

    return chat_on(invocation, choice, files, new=new, raw=raw, turn=turn)


def whole_prompt(words: list[str], terminal: Terminal, opening: str = "") -> str:
    """The prompt of the template, that of the command line, and the piped input, in this order."""
    typed = "\n\n".join(part for part in (opening.strip(), " ".join(words).strip()) if part)
    piped = terminal.piped_text().rstrip()
    if not typed and not piped.strip():
        raise UsageError("the prompt is empty", hint='ask something, as in `convo chat "Why?"`')
    return "\n\n".join(part for part in (typed, piped) if part)
