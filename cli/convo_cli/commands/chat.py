"""`convo chat`: one turn from the command line or a pipe, or the interactive chat."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from convo_cli.agent.choice import ModelChoice
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.options import Api, BaseUrl, Instructions, MaxTurns, Model, Timeout
from convo_cli.terminal import Terminal


def chat(
    ctx: typer.Context,
    prompt: Annotated[
        list[str] | None,
        typer.Argument(metavar="PROMPT", help="What to ask. Text on stdin is put below it."),
    ] = None,
    model: Model = None,
    base_url: BaseUrl = None,
    api: Api = None,
    instructions: Instructions = None,
    max_turns: MaxTurns = 10,
    timeout: Timeout = 600.0,
    no_stream: Annotated[
        bool, typer.Option("--no-stream", help="Write the answer when it is complete.")
    ] = False,
    raw: Annotated[
        bool,
        typer.Option(
            "--raw", help="Write the answer on a terminal too as the model wrote it, unrendered."
        ),
    ] = False,
    new: Annotated[
        bool, typer.Option("--new", help="Start a new session, named after its first prompt.")
    ] = False,
    trace: Annotated[
        bool, typer.Option("--trace", help="Send a trace of the run to OpenAI.")
    ] = False,
) -> None:
    """Ask a model, and keep the turn.

    The answer is streamed to stdout. Without a prompt, on a terminal, the chat is interactive.
    -s NAME starts that session where it does not exist; a database without sessions gets a first
    one, named after its first prompt.
    """
    invocation = Invocation.of(ctx)
    environ = invocation.environ
    choice = ModelChoice(
        model=_model(model, environ),
        base_url=base_url or environ.get("OPENAI_BASE_URL") or None,
        api=api,
        instructions=_instructions(instructions),
        max_turns=_at_least_one(max_turns),
        timeout=_positive(timeout),
        trace=trace,
        stream=not no_stream,
    )
    if not prompt and invocation.terminal.stdin_is_terminal:
        raise typer.Exit(_interactive(invocation, choice, new=new, raw=raw))
    text = whole_prompt(prompt or [], invocation.terminal)

    from convo_cli.chat.oneshot import ask_once

    ask_once(invocation, choice, text, new=new, raw=raw)


def _interactive(invocation: Invocation, choice: ModelChoice, *, new: bool, raw: bool) -> int:
    if not invocation.terminal.stdout_is_terminal:
        raise UsageError(
            "the interactive chat needs a terminal, and stdout is none",
            hint="for one turn, give a prompt",
        )
    # prompt_toolkit takes a while to import, which no other command shall wait for.
    from convo_cli.chat.interactive import run

    return run(invocation, choice, new=new, raw=raw)


def whole_prompt(words: list[str], terminal: Terminal) -> str:
    """The prompt of the command line, and below it what is piped in."""
    typed = " ".join(words).strip()
    piped = terminal.piped_text().rstrip()
    if not typed and not piped.strip():
        raise UsageError("the prompt is empty", hint='ask something, as in `convo chat "Why?"`')
    return "\n\n".join(part for part in (typed, piped) if part)


def _model(given: str | None, environ: Mapping[str, str]) -> str | None:
    if given is not None and not given.strip():
        raise UsageError("--model needs the name of a model")
    return given or environ.get("CONVO_MODEL") or None


def _instructions(given: str | None) -> str | None:
    """The instructions themselves, or those in the file that an @ names."""
    if given is None or not given.startswith("@"):
        return given
    path = Path(given[1:])
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"the instructions in '{path}' are not UTF-8 text") from None
    except OSError as error:
        raise UsageError(
            f"the instructions in '{path}' cannot be read: {error.strerror}"
        ) from error


def _at_least_one(max_turns: int) -> int:
    if max_turns < 1:
        raise UsageError(f"--max-turns is at least 1, not {max_turns}")
    return max_turns


def _positive(timeout: float) -> float:
    if not math.isfinite(timeout) or timeout <= 0:
        raise UsageError(f"--timeout is a number of seconds above 0, not {timeout:g}")
    return timeout
