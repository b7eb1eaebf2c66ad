"""Makes the context of an agent: the one that was chosen, or else a default one."""

import asyncio
import inspect
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any, TypeAlias, get_args, get_origin, get_type_hints

from agents import Agent, FunctionTool, RunContextWrapper
from pydantic import PydanticUserError, TypeAdapter, ValidationError

from convo.names import nearest
from convo_cli.agent.loading import explained, place_of
from convo_cli.turn.context_reference import ContextReference, JsonContext
from convo_cli.turn.errors import ChoiceError
from convo_cli.turn.reference import AgentReference

Load: TypeAlias = Callable[[AgentReference], ModuleType]
"""Loads the file or module of a reference in a thread."""


class NamedValues(dict[str, Any]):
    """A JSON object as a context of unknown type; its values are attributes too."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the context has no {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


async def made_context(given: ContextReference | None, agents: list[Agent[Any]], load: Load) -> Any:
    """The context for a run of the agents; None if none was given and no default can be made.

    Raises ChoiceError for a context that cannot be used.
    """
    wanted = context_type(agents)
    if given is None:
        return None if wanted is None else _default(wanted)
    if isinstance(given, JsonContext):
        return _of_json(given.value, wanted)
    return await _of_module(given, load)


def context_type(agents: Iterable[Agent[Any]]) -> Any:
    """The context type that the agents declare; None if they declare none."""
    return next((found for agent in agents for found in _types(agent) if found is not None), None)


def _types(agent: Agent[Any]) -> Iterator[Any]:
    yield _argument(getattr(agent, "__orig_class__", None))
    if inspect.isroutine(agent.instructions):
        yield _wrapped_by(agent.instructions)
    for tool in agent.tools:
        if isinstance(tool, FunctionTool):
            yield _wrapped_by(getattr(tool, "__wrapped__", None))


def _wrapped_by(function: Any) -> Any:
    """The type within the annotation `RunContextWrapper[…]` of a function's first parameter."""
    try:
        hints = get_type_hints(function)
    except (TypeError, NameError, AttributeError):
        return None
    for hint in hints.values():
        origin = get_origin(hint)
        if inspect.isclass(origin) and issubclass(origin, RunContextWrapper):
            return _argument(hint)
    return None


def _argument(generic: Any) -> Any:
    """The argument of a generic type; None for one such as Any that says nothing."""
    (found,) = get_args(generic)[:1] or (None,)
    return found if inspect.isclass(found) and found is not object else None


def _default(wanted: Any) -> Any:
    """A context made without arguments; None if the type requires some."""
    try:
        return wanted()
    except Exception:  # noqa: BLE001  any error means that it cannot be made without arguments
        return None


def _of_json(value: Any, wanted: Any) -> Any:
    if wanted is None:
        return NamedValues(value) if isinstance(value, dict) else value
    try:
        try:
            return TypeAdapter(wanted).validate_python(value)
        except PydanticUserError:
            # Not a data class: it is made by calling it.
            return wanted(**value) if isinstance(value, dict) else wanted(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        said = f"{place}: {first['msg']}" if place else first["msg"]
        raise _unfit(wanted, said) from error
    except Exception as error:
        raise _unfit(wanted, str(error)) from error


def _unfit(wanted: Any, said: str) -> ChoiceError:
    return ChoiceError(f"the context is no {wanted.__name__}: {said}")


async def _of_module(reference: AgentReference, load: Load) -> Any:
    module = await asyncio.to_thread(load, reference)
    name = reference.name or ""
    if not hasattr(module, name):
        public = [name for name in vars(module) if not name.startswith("_")]
        message = f"'{place_of(reference)}' has no '{name}'"
        raise reference.error(message, nearest(name, public))
    value = getattr(module, name)
    if not (inspect.isroutine(value) or inspect.isclass(value)):
        return value
    with explained(reference):
        made = await asyncio.to_thread(value)
        return await made if inspect.isawaitable(made) else made
