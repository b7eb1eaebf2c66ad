"""Finds the agent in a module: the one that is named, or the one that leads to the others."""

import inspect
from collections.abc import Callable
from functools import partial
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from agents import Agent

from convo.names import nearest
from convo_cli.agent.loading import place_of
from convo_cli.agent.servers import next_agents, reachable
from convo_cli.turn.errors import SeveralAgentsError
from convo_cli.turn.reference import AgentReference

USUAL_NAME = "agent"
_MAIN = "main"
_USUAL_FACTORIES = frozenset(
    f"{verb}_{noun}" for verb in ("build", "make", "create", "get") for noun in ("agent", "agents")
) | {"build"}


class Found(NamedTuple):
    """An agent, or a function without arguments that makes one, and its name in the module.

    `runs` means that the function may run its agent instead of returning it.
    """

    name: str
    value: Agent[Any] | Callable[[], Any]
    runs: bool = False


def find_agent(reference: AgentReference, module: ModuleType) -> Found:
    """The agent that the reference means, or its factory.

    Raises ChoiceError for a name that is neither, and SeveralAgentsError if the choice is unclear.
    """
    if reference.name is not None:
        return _named(reference, module, reference.name)
    return _meant(reference, module)


def _named(reference: AgentReference, module: ModuleType, name: str) -> Found:
    place = place_of(reference)
    there = _agents(module)
    value = getattr(module, name, None)
    if isinstance(value, Agent):
        return Found(name, value)
    if value is None:
        names = [*there, *_factories(module)]
        raise reference.error(f"'{place}' has no agent '{name}'", nearest(name, names))
    if not inspect.isroutine(value) and not inspect.isclass(value):
        kind = type(value).__name__
        raise reference.error(f"'{name}' in '{place}' is no Agent but a {kind}", _listed(there))
    if needed := _needed(value):
        raise reference.error(
            f"'{name}' in '{place}' needs {', '.join(needed)}",
            "what makes an agent is called without arguments",
        )
    return Found(name, value, runs=True)


def _meant(reference: AgentReference, module: ModuleType) -> Found:
    there = _agents(module)
    if not there:
        return _made(reference, module)
    # An agent may have several names; the first counts.
    distinct = {id(agent): name for name, agent in reversed(there.items())}
    names = [name for name in there if name in distinct.values()]
    name = names[0] if len(names) == 1 else _leading({name: there[name] for name in names})
    if name is None and USUAL_NAME in there:
        name = USUAL_NAME
    if name is None:
        raise _several(reference, names)
    return Found(name, there[name])


def _made(reference: AgentReference, module: ModuleType) -> Found:
    """The factory in a module that contains no agent once it is loaded."""
    factories = _factories(module)
    usual = [name for name in factories if name in _USUAL_FACTORIES or name == USUAL_NAME]
    for names in (list(factories), usual):
        if len(names) == 1:
            return Found(names[0], factories[names[0]])
    if factories:
        raise _several(reference, list(factories))
    main = getattr(module, _MAIN, None)
    if isinstance(main, FunctionType) and (called := _without_flags(main)) is not None:
        return Found(_MAIN, called, runs=True)
    how = "an agent is an agents.Agent that the module gives a name, or a function that returns one"
    if isinstance(main, FunctionType):
        how = f"its main() is called without arguments, but needs {', '.join(_needed(main))}"
    raise reference.error(f"'{place_of(reference)}' has no agent", how)


def _several(reference: AgentReference, names: list[str]) -> SeveralAgentsError:
    message = f"'{place_of(reference)}' has {len(names)} agents"
    return SeveralAgentsError(message, names, hint="name one: " + ", ".join(f":{n}" for n in names))


def _leading(there: dict[str, Agent[Any]]) -> str | None:
    """The name of the agent that hands off to the others, or has them as its tools."""
    wanted = {id(agent) for agent in there.values()}
    nearby = {name: _ids(next_agents(agent)) & wanted for name, agent in there.items()}
    whole = {name: _ids(reachable(agent)) & wanted for name, agent in there.items()}
    reached = {
        name
        for name, agent in there.items()
        if any(id(agent) in found for other, found in whole.items() if other != name)
    }
    rules: list[list[str]] = [
        [name for name, agent in there.items() if nearby[name] | {id(agent)} == wanted],
        [name for name in there if whole[name] == wanted],
        [name for name in there if len(whole[name]) > 1 and name not in reached],
    ]
    for names in rules:
        if len(names) == 1:
            return names[0]
        if USUAL_NAME in names:
            return USUAL_NAME
    return None


def _ids(agents: Any) -> set[int]:
    return {id(agent) for agent in agents}


def _listed(there: dict[str, Agent[Any]]) -> str | None:
    """A hint that lists the agents."""
    if not there:
        return None
    return "name one: " + ", ".join(f":{name}" for name in there)


def _agents(module: ModuleType) -> dict[str, Agent[Any]]:
    return {name: value for name, value in vars(module).items() if isinstance(value, Agent)}


def _factories(module: ModuleType) -> dict[str, Callable[[], Any]]:
    """The module's own functions that make an agent without arguments."""
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, FunctionType)
        and value.__module__ == module.__name__
        and (_says_agent(value) or name in _USUAL_FACTORIES or name == USUAL_NAME)
        and not _needed(value)
    }


def _says_agent(function: FunctionType) -> bool:
    """Whether a function is annotated to return or yield an agent."""
    said = function.__annotations__.get("return")
    if isinstance(said, type):
        return issubclass(said, Agent)
    # Agent[Any], 'Agent' and AsyncIterator[Agent] all contain the same word.
    words = str(said).replace("[", " ").replace("]", " ").replace(",", " ").split()
    first = [word for word in words if not word.endswith(_AROUND)]
    return bool(first) and first[0].rpartition(".")[2].strip("'\"") == "Agent"


_AROUND = (
    "Iterator",
    "Generator",
    "Awaitable",
    "Coroutine",
    "ContextManager",
)


def _without_flags(main: FunctionType) -> Callable[[], Any] | None:
    """A program's main function with its flags set to False; None if it needs other arguments."""
    needed = _needed(main)
    if any(main.__annotations__.get(name) not in (bool, "bool") for name in needed):
        return None
    return partial(main, **dict.fromkeys(needed, False))


def _needed(function: Callable[..., Any]) -> list[str]:
    """The required parameters of a function."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [
        parameter.name
        for parameter in parameters
        if parameter.default is parameter.empty and parameter.kind not in optional
    ]
