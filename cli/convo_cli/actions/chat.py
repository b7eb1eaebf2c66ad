"""Asks one turn from the command line or a pipe, or starts the interactive chat."""

from functools import partial

import typer

from convo.store import ConversationStore
from convo_cli.ask.attachments import (
    STDIN,
    Attachment,
    attachments_of,
    content_of,
)
from convo_cli.ask.code import Which
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.render.terminal.text import counted
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
    turn: str | None,
    no_switch: bool,
    no_stdin: bool,
) -> None:
    """Ask a model and store the turn, or start the interactive chat."""
    if new and turn is not None:
        raise UsageError("--new and --turn exclude each other: a new session has no turns")
    check_stdin(prompt or [], attach or [], choice.opening, no_stdin=no_stdin)
    code = code_wanted(invocation, first_code, last_code)
    files = attachments_of(attach or [], invocation.terminal)
    if not (prompt or choice.opening or no_stdin) and invocation.terminal.stdin_is_terminal:
        if code is not None:
            raise UsageError(
                "-x and -X are for one turn, not for the interactive chat", hint="give a prompt"
            )
        chatting = partial(_interactive, invocation, choice, files, new=new, raw=raw, turn=turn)
        raise typer.Exit(chatting(no_switch=no_switch))
    reads_stdin = not no_stdin and STDIN not in (attach or [])
    text = whole_prompt(prompt or [], invocation.terminal, choice.opening, reads_stdin=reads_stdin)

    from convo_cli.ask.conversation import locate, turn_in
    from convo_cli.ask.oneshot import ask_once
    from convo_cli.ask.question import Question

    async def find(store: ConversationStore) -> Question:
        settings = invocation.settings._replace(no_switch=no_switch)
        destination = await locate(store, settings, new=new)
        from_turn = None if turn is None else await turn_in(store, destination, turn)
        return Question(destination, content_of(text, files), from_turn=from_turn)

    ask_once(invocation, choice, find, raw=raw, code=code)


def check_stdin(prompt: list[str], attach: list[str], opening: str = "", *, no_stdin: bool) -> None:
    """Raise `UsageError` if stdin is asked for and forbidden, or attached to no question."""
    if no_stdin and STDIN in [*prompt, *attach]:
        raise UsageError("--no-stdin and - contradict each other: - stands for stdin")
    if STDIN in attach and not (prompt or opening):
        raise UsageError(
            "stdin is attached, and nothing is asked about it", hint="give a prompt as well"
        )


def code_wanted(invocation: Invocation, first: bool, last: bool) -> Which | None:
    """Which code block to write instead of the answer, if any. Raises `UsageError`."""
    if first and last:
        raise UsageError("-x and -X exclude each other: one block is written")
    if (first or last) and invocation.settings.format is not Format.TABLE:
        raise UsageError("-x and -X write code: they go with no --json or --format")
    return "first" if first else "last" if last else None


def _interactive(
    invocation: Invocation,
    choice: ModelChoice,
    files: list[Attachment],
    *,
    new: bool,
    raw: bool,
    turn: str | None,
    no_switch: bool,
) -> int:
    if not invocation.terminal.stdout_is_terminal:
        raise UsageError(
            "the interactive chat needs a terminal, and stdout is none",
            hint="for one turn, give a prompt",
        )
    # Imported here because prompt_toolkit is slow to load, and no other command needs it.
    from convo_cli.chat.interactive import run as chat_on

    return chat_on(invocation, choice, files, new=new, raw=raw, turn=turn, no_switch=no_switch)


def whole_prompt(
    words: list[str], terminal: Terminal, opening: str = "", *, reads_stdin: bool = True
) -> str:
    """The prompt of the template, that of the command line, and stdin, in this order.

    The single word `-` asks for stdin. Without it, a prompt and input that came for another
    program, such as the loop that runs this one, cannot be told apart: a notice says what was read.
    """
    asked_for = words == [STDIN]
    said = "" if asked_for else " ".join(words).strip()
    typed = "\n\n".join(part for part in (opening.strip(), said) if part)
    piped = terminal.whole_stdin() if asked_for else ""
    if reads_stdin and not asked_for:
        piped, size = terminal.piped()
        if said and piped.strip():
            terminal.notice(
                f"{counted(size, 'byte')} of stdin were added to the prompt; "
                "--no-stdin leaves stdin to a loop that reads it"
            )
    piped = piped.rstrip()
    if not typed and not piped.strip():
        raise UsageError("the prompt is empty", hint='ask something, as in `convo chat "Why?"`')
    return "\n\n".join(part for part in (typed, piped) if part)
