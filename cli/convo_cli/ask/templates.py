"""Applies a template to a choice. Options override the template; it overrides the environment."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from convo.names import did_you_mean
from convo.records import SessionModel
from convo_cli.ask.instructions import instructions_of
from convo_cli.ask.schema import schema_of
from convo_cli.config.file import Config
from convo_cli.config.known import check_known
from convo_cli.config.setting_kinds import merged
from convo_cli.config.templates import Template, filled, placeholders, templates
from convo_cli.exits import UsageError
from convo_cli.turn.choice import ModelChoice, TurnOutcome
from convo_cli.turn.errors import ChoiceError
from convo_cli.turn.reference import agent_reference

_SHOWN = 80
"""The longest name shown in a notice, in characters: a name in a database may be of any length."""


def template_called(config: Config, name: str) -> Template:
    """The template of that name. Raises `UsageError`."""
    known = templates(config)
    check_known("template", name, known, UsageError)
    return known[name]


def with_template(choice: ModelChoice, config: Config, piped: Callable[[], str]) -> ModelChoice:
    """The choice with the settings of its template, and with the template's prompt as `opening`.

    If one value was not given, the piped input is that value. Raises `UsageError`.
    """
    if choice.template is None:
        return choice
    template = template_called(config, choice.template)
    instructions = None if template.instructions is None else instructions_of(template.instructions)
    values = _values(template, instructions, choice.template_values, piped)
    kept = placeholders(instructions)
    choice = replace(
        choice,
        opening=filled(template.prompt or "", values),
        template_values={name: value for name, value in values.items() if name in kept},
    )
    if template.agent is not None and choice.agent is None and choice.goes_on_with_agent:
        choice = _with_agent(choice, template.name, template.agent)
    if choice.model is None and template.model is not None:
        choice = replace(choice, model=template.model, is_chosen=True)
    if choice.mcp is None and template.mcp is not None:
        choice = replace(choice, mcp=template.mcp)
    return _with_texts(choice, template, instructions, values)


def with_recorded_template(
    choice: ModelChoice, config: Config, recorded: SessionModel
) -> ModelChoice:
    """The choice with the template that the session was last asked with, if it still exists.

    The template's agent and MCP servers are not used: the session has recorded its own.
    """
    if choice.template is not None or not choice.goes_on_with_template or not recorded.template:
        return choice
    template = templates(config).get(recorded.template)
    if template is None:
        return choice
    values = _recorded_values(recorded)
    choice = replace(choice, template=template.name, template_values=values)
    instructions = None if template.instructions is None else instructions_of(template.instructions)
    return _with_texts(choice, template, instructions, values)


def missing_template(choice: ModelChoice, config: Config, recorded: SessionModel) -> str | None:
    """A notice for a session whose template no longer exists; None otherwise."""
    name = recorded.template
    if choice.template is not None or not choice.goes_on_with_template or not name:
        return None
    if name in templates(config):
        return None
    gone = f"the template '{name[:_SHOWN]}' of this session is not there any more"
    return f"{gone}: it goes on without it"


def noted(choice: ModelChoice, outcome: TurnOutcome, folder: str | None) -> TurnOutcome:
    """The outcome with the template and, if it is to be recorded, the folder of the turn."""
    if folder is not None:
        outcome = replace(outcome, run=outcome.run._replace(folder=folder))
    if choice.template is None:
        return outcome
    values = json.dumps(dict(choice.template_values)) if choice.template_values else None
    run = outcome.run._replace(template=choice.template, template_values=values)
    return replace(outcome, run=run)


def _with_texts(
    choice: ModelChoice, template: Template, instructions: str | None, values: Mapping[str, str]
) -> ModelChoice:
    if choice.instructions is None and instructions is not None:
        choice = replace(choice, instructions=filled(instructions, values))
    if choice.schema is None and template.schema is not None:
        choice = replace(choice, schema=schema_of(template.schema))
    return replace(choice, settings=merged(template.options, choice.settings))


def _with_agent(choice: ModelChoice, name: str, agent: str) -> ModelChoice:
    try:
        # In the form that sessions record, which names the file of the code.
        reference = agent_reference(agent, is_recorded=True)
    except ChoiceError as error:
        said = str(error).removeprefix("the agent of this session is gone: ")
        raise ChoiceError(
            f"the agent of the template '{name}' is gone: {said}",
            hint=f"`convo template edit {name}` names another",
        ) from error
    return replace(choice, agent=replace(reference, is_recorded=False), agent_is_of_template=True)


def _values(
    template: Template,
    instructions: str | None,
    given: Mapping[str, str],
    piped: Callable[[], str],
) -> dict[str, str]:
    """A value for each name. Raises `UsageError` for missing values and for unknown names."""
    names = placeholders(instructions, template.prompt)
    values = dict(given)
    for name in values:
        if name not in names:
            there = ", ".join(f"${one}" for one in names) or "no names"
            raise UsageError(
                f"the template '{template.name}' has no ${name}{did_you_mean(name, names)}",
                hint=f"it has {there}",
            )
    missing = [name for name in names if name not in values]
    if len(missing) == 1 and (text := piped().rstrip()):
        values[missing.pop()] = text
    if missing:
        hint = " ".join(f"-p {name}=…" for name in missing)
        piped_too = ", or pipe it in" if len(missing) == 1 else ""
        raise UsageError(
            f"the template '{template.name}' needs {', '.join(f'${name}' for name in missing)}",
            hint=f"give {hint}{piped_too}",
        )
    return values


def _recorded_values(recorded: SessionModel) -> dict[str, str]:
    """The values that a session recorded. Anything but text was not written by convo."""
    try:
        values = json.loads(recorded.template_values or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(values, dict):
        return {}
    return {name: value for name, value in values.items() if isinstance(value, str)}
