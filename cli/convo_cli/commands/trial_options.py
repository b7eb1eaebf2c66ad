"""The options of the commands that ask several models, templates or agents at once."""

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from inspect import signature
from itertools import product
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from convo_cli.commands.model_options import model_choice, with_options
from convo_cli.completing.kinds import FILES, FREE, MODELS, TEMPLATES
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation

if TYPE_CHECKING:
    from convo_cli.trials.choices import Tried

Models = Annotated[
    list[str] | None,
    typer.Option(
        "-m",
        "--model",
        metavar="MODEL",
        help="A model to ask, repeatable; `echo` answers offline. [env: CONVO_MODEL]",
    ),
    MODELS,
]
Templates = Annotated[
    list[str] | None,
    typer.Option(
        "-t",
        "--template",
        metavar="NAME",
        help="A template to ask with, repeatable: each is asked with each model.",
    ),
    TEMPLATES,
]
Agents = Annotated[
    list[str] | None,
    typer.Option(
        "-a",
        "--agent",
        metavar="FILE.py[:NAME]|module:NAME",
        help="An agent of the Agents SDK, repeatable, or a function that makes it.",
    ),
    FILES,
]
Jobs = Annotated[
    int,
    typer.Option("--jobs", metavar="N", help="How many models are asked at the same time."),
    FREE,
]
Tools = Annotated[
    Literal["run", "recorded", "refuse"],
    typer.Option(
        "--tools",
        metavar="HOW",
        help="What becomes of tool calls: recorded gives back what was recorded for the same call "
        "and asks about others, run runs them all, refuse runs none.",
    ),
]
Yes = Annotated[
    bool,
    typer.Option("--yes", help="Do not ask before more than three requests are made."),
]

_SEVERAL = {"model": Models, "template": Templates, "agent": Agents}
_LEFT_OUT = frozenset({"no_stream"})


def asks_models(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that takes `choices` the options of `model_choice`, with several models.

    Each model is asked with each template and each agent. Without any of them there is one choice,
    which the session completes.
    """
    choosing = signature(model_choice).parameters

    @wraps(command)
    def asking(ctx: typer.Context, **given: Any) -> None:
        invocation = Invocation.of(ctx)
        chosen = {name: given.pop(name) for name in choosing if name in given}
        command(ctx, choices=list(_choices(invocation, chosen)), **given)

    options = [
        parameter.replace(annotation=_SEVERAL[name], default=None)
        if name in _SEVERAL
        else parameter
        for name, parameter in choosing.items()
        if name not in _LEFT_OUT
    ]
    return with_options(asking, command, "choices", options)


def _choices(invocation: Invocation, chosen: dict[str, Any]) -> Iterator["Tried"]:
    from convo_cli.ask.templates import with_template
    from convo_cli.trials.choices import Tried

    several = {name: list(dict.fromkeys(chosen.pop(name) or [None])) for name in _SEVERAL}
    if several["agent"] != [None] and chosen["no_agent"]:
        raise UsageError("--agent and --no-agent contradict each other", hint="give one of them")
    named: set[str] = set()
    for values in product(*several.values()):
        choice = model_choice(**dict(zip(several, values, strict=True)), **chosen)
        if choice.template is not None:
            choice = with_template(choice, invocation.config, invocation.terminal.piped_text)
        name = _name(values, list(several.values()))
        if name in named:
            raise UsageError(f"'{name}' is named twice")
        named.add(name)
        yield Tried(name, choice)


def _name(values: Sequence[str | None], several: Sequence[Sequence[str | None]]) -> str:
    """What a choice is known by: its model, and whatever else there are several of."""
    parts = [
        value
        for value, others in zip(values, several, strict=True)
        if value is not None and len(others) > 1
    ]
    first = next((value for value in values if value is not None), "")
    return "+".join(
        parts if parts and (parts[0] == first or values[0] is None) else [first, *parts]
    )


def at_least_one(value: int, option: str) -> int:
    """The value of an option that is a count. Raises `UsageError`."""
    if value < 1:
        raise UsageError(f"{option} is at least 1, not {value}")
    return value
