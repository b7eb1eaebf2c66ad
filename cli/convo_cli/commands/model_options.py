"""The options shared by the commands that ask a model."""

import math
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from convo_cli.commands.asking_options import (
    Agent,
    AnswerSchema,
    Api,
    BaseUrl,
    Context,
    Instructions,
    MaxTurns,
    Mcp,
    McpConfig,
    Model,
    ModelSetting,
    NoAgent,
    NoMcp,
    NoStream,
    NoTemplate,
    Template,
    TemplateValue,
    Timeout,
    Trace,
)
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation

if TYPE_CHECKING:
    from convo_cli.turn.choice import ModelChoice
    from convo_cli.turn.reference import AgentReference


def asks_a_model(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that takes a `choice` the options of `model_choice`."""
    choosing = signature(model_choice).parameters

    @wraps(command)
    def asking(ctx: typer.Context, **given: Any) -> None:
        Invocation.of(ctx).answers()
        chosen = {name: given.pop(name) for name in choosing}
        choice = model_choice(**chosen)
        if choice.template is not None:
            from convo_cli.ask.attachments import STDIN
            from convo_cli.ask.templates import with_template

            # An attached stdin is not the value of a template, and - asks for it as the prompt.
            asked_for = [*(given.get("attach") or []), *(given.get("prompt") or [])]
            is_read = STDIN not in asked_for and not given.get("no_stdin")
            piped = Invocation.of(ctx).terminal.piped_text if is_read else str
            choice = with_template(choice, Invocation.of(ctx).config, piped)
        command(ctx, choice=choice, **given)

    return with_options(asking, command, "choice", choosing.values())


def with_options(
    asking: Callable[..., None],
    command: Callable[..., None],
    replaced: str,
    options: Iterable[Parameter],
) -> Callable[..., None]:
    """A command's wrapper with its parameters, and with these options in place of one of them."""
    ctx, *own = signature(command).parameters.values()
    given: list[Parameter] = []
    for parameter in own:
        given += options if parameter.name == replaced else [parameter]
    named = [option.replace(kind=Parameter.KEYWORD_ONLY) for option in given]
    asking.__signature__ = Signature([ctx, *named])  # type: ignore[attr-defined]
    # Typer looks at these too, and cannot know the type of a choice before it is loaded.
    asking.__annotations__ = {option.name: option.annotation for option in [ctx, *named]}
    return asking


def model_choice(
    *,
    model: Model = None,
    base_url: BaseUrl = None,
    api: Api = None,
    instructions: Instructions = None,
    agent: Agent = None,
    no_agent: NoAgent = False,
    context: Context = None,
    template: Template = None,
    param: TemplateValue = None,
    no_template: NoTemplate = False,
    option: ModelSetting = None,
    schema: AnswerSchema = None,
    mcp: Mcp = None,
    mcp_config: McpConfig = None,
    no_mcp: NoMcp = False,
    max_turns: MaxTurns = 10,
    timeout: Timeout = 600.0,
    no_stream: NoStream = False,
    trace: Trace = False,
) -> "ModelChoice":
    """The choice made by the options of a command line; environment and session complete it.

    Raises `UsageError`.
    """
    from convo_cli.ask.instructions import instructions_of
    from convo_cli.ask.schema import schema_of
    from convo_cli.turn.choice import ModelChoice
    from convo_cli.turn.context_reference import context_reference
    from convo_cli.turn.model_settings import model_settings

    if model is not None and not model.strip():
        raise UsageError("--model needs the name of a model")
    names, servers = _mcp(mcp, mcp_config, no_mcp)
    if template is not None and no_template:
        raise UsageError(
            "--template and --no-template contradict each other", hint="give one of them"
        )
    return ModelChoice(
        template=template,
        template_values=_template_values(template, param or []),
        goes_on_with_template=not no_template,
        model=model or None,
        base_url=base_url or None,
        api=api,
        instructions=None if instructions is None else instructions_of(instructions),
        max_turns=_at_least_one(max_turns),
        timeout=_positive(timeout),
        trace=trace,
        stream=not no_stream,
        agent=_agent(agent, no_agent),
        context=None if context is None else context_reference(context),
        goes_on_with_agent=not no_agent,
        is_chosen=model is not None,
        settings=model_settings(option or []),
        schema=None if schema is None else schema_of(schema),
        mcp=names,
        mcp_servers=servers,
    )


def _mcp(
    names: list[str] | None, config: Path | None, without: bool
) -> tuple[tuple[str, ...] | None, Mapping[str, Any]]:
    """The names of the chosen MCP servers, by default all of the file, and the file's servers."""
    if without and (names or config):
        given = "--mcp" if names else "--mcp-config"
        raise UsageError(f"{given} and --no-mcp contradict each other", hint="give one of them")
    if without:
        return (), {}
    servers: Mapping[str, Any] = {}
    if config is not None:
        # Imported here because most turns have no such file.
        from convo_cli.config.mcp import in_file

        servers = in_file(str(config))
    if names is None:
        return tuple(servers) if config is not None else None, servers
    return tuple(dict.fromkeys(names)), servers


def _template_values(template: str | None, given: list[str]) -> dict[str, str]:
    if given and template is None:
        raise UsageError("-p gives a template its values", hint="name one with -t")
    values: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"'{one}' gives no value", hint="a value is NAME=VALUE")
        values[name.strip().removeprefix("$")] = value
    return values


def _agent(given: str | None, no_agent: bool) -> "AgentReference | None":
    from convo_cli.turn.reference import agent_reference

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
