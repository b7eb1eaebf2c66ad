"""`convo chat`: one turn from the command line or a pipe, or the interactive chat."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from convo_cli.agent.choice import ModelChoice
from convo_cli.agent.reference import AgentReference, agent_reference
from convo_cli.agent.settings import model_settings
from convo_cli.chat.attachments import Attachment, read_attachment
from convo_cli.chat.instructions import instructions_of
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.options import (
    Agent,
    Api,
    Attach,
    BaseUrl,
    Instructions,
    MaxTurns,
    Model,
    ModelSetting,
    NoAgent,
    Timeout,
)
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
    agent: Agent = None,
    no_agent: NoAgent = False,
    option: ModelSetting = None,
    attach: Attach = None,
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
        instructions=None if instructions is None else instructions_of(instructions),
        max_turns=_at_least_one(max_turns),
        timeout=_positive(timeout),
        trace=trace,
        stream=not no_stream,
        agent=_agent(agent, no_agent),
        goes_on_with_agent=not no_agent,
        is_chosen=model is not None,
        settings=model_settings(option or []),
    )
    attached = [read_attachment(Path(file)) for file in attach or []]
    if not prompt and invocation.terminal.stdin_is_terminal:
        raise typer.Exit(_interactive(invocation, choice, attached, new=new, raw=raw))
    text = whole_prompt(prompt or [], invocation.terminal)

    from convo_cli.chat.oneshot import ask_once

    ask_once(invocation, choice, text, attached, new=new, raw=raw)


def _interactive(
    invocation: Invocation,
    choice: ModelChoice,
    attached: list[Attachment],
    *,
    new: bool,
    raw: bool,
) -> int:
    if not invocation.terminal.stdout_is_terminal:
        raise UsageError(
            "the interactive chat needs a terminal, and stdout is none",
            hint="for one turn, give a prompt",
        )
    # prompt_toolkit takes a while to import, which no other command shall wait for.
    from convo_cli.chat.interactive import run

    return run(invocation, choice, attached, new=new, raw=raw)


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


def _agent(given: str | None, no_agent: bool) -> AgentReference | None:
    if given is not None and no_agent:
        raise UsageError("--agent and --no-agent contradict each other", hint="give one of them")
    return None if given is None else agent_reference(given)


def _at_least_one(max_turns: int) -> int:
    if max_turns < 1:
        raise UsageError(f"--max-turns is at least 1, not {max_turns}")
    return max_turns


def _positive(timeout: float) -> float:
    if not math.isfinite(timeout) or timeout <= 0:
        raise UsageError(f"--timeout is a number of seconds above 0, not {timeout:g}")
    return timeout
