"""Loads the agent that a reference names, and says what is wrong where that fails."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from agents import Agent

from convo.nearest import nearest
from convo_cli.agent.mistakes import mistake, shown
from convo_cli.agent.reference import HOW, AgentReference

USUAL_NAME = "agent"


def load_agent(reference: AgentReference) -> Agent[Any]:
    """Run the file or import the module, and return the agent that is meant.

    Raises ChoiceError for code that fails, as Python tells it, and for a name that is no agent.
    """
    if reference.file is not None:
        module = _run_file(reference, reference.file)
    else:
        module = _import(reference, reference.module or "")
    if reference.name is not None:
        return _named(reference, module, reference.name)
    return _only(reference, module)


def _run_file(reference: AgentReference, file: Path) -> ModuleType:
    name = f"_agent_of_convo_{file.stem}"
    spec = spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    # Where dataclasses and type hints look for the names of their module.
    sys.modules[name] = module
    with _found_first(file.parent), _explained(reference):
        spec.loader.exec_module(module)
    return module


def _import(reference: AgentReference, name: str) -> ModuleType:
    # A session's module is looked for where it was, not in the folder that one happens to be in.
    root = reference.root if reference.is_recorded else None
    with _found_first(root or Path.cwd()), _explained(reference, name):
        return importlib.import_module(name)


@contextmanager
def _found_first(folder: Path) -> Iterator[None]:
    """Have Python look into a folder first, as for a script in it; afterwards last.

    What an agent imports only when it runs is found there still, but nothing that convo imports
    then is taken from there.
    """
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        if str(folder) not in sys.path:
            sys.path.append(str(folder))


@contextmanager
def _explained(reference: AgentReference, wanted: str | None = None) -> Iterator[None]:
    try:
        yield
    except (Exception, SystemExit) as error:
        if isinstance(error, ModuleNotFoundError) and _is_within(wanted, error.name):
            raise reference.error(f"there is no module '{error.name}'", HOW) from error
        raise reference.error(mistake(error)) from error


def _is_within(wanted: str | None, missing: str | None) -> bool:
    """Whether the module that is missing is the wanted one, or a package that it is in."""
    return f"{wanted}.".startswith(f"{missing}.")


def _named(reference: AgentReference, module: ModuleType, name: str) -> Agent[Any]:
    place = shown(reference.file) if reference.file else reference.module
    there = _agents(module)
    found = getattr(module, name, None)
    if isinstance(found, Agent):
        return found
    if found is None:
        raise reference.error(f"'{place}' has no agent '{name}'", nearest(name, list(there)))
    kind = type(found).__name__
    raise reference.error(f"'{name}' in '{place}' is no Agent but a {kind}", _listed(there))


def _only(reference: AgentReference, module: ModuleType) -> Agent[Any]:
    place = shown(reference.file) if reference.file else reference.module
    there = _agents(module)
    if len({id(agent) for agent in there.values()}) == 1:
        return next(iter(there.values()))
    if USUAL_NAME in there:
        return there[USUAL_NAME]
    if not there:
        raise reference.error(
            f"'{place}' has no agent", "an agent is an agents.Agent that the module gives a name"
        )
    raise reference.error(f"'{place}' has {len(there)} agents", _listed(there))


def _listed(there: dict[str, Agent[Any]]) -> str | None:
    """Which agents there are to be named."""
    if not there:
        return None
    return "name one: " + ", ".join(f":{name}" for name in there)


def _agents(module: ModuleType) -> dict[str, Agent[Any]]:
    return {name: value for name, value in vars(module).items() if isinstance(value, Agent)}
