"""Shows the user what a tool raised; the model gets the message of the SDK or the tool's author."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from agents import FunctionTool, Tool, ToolErrorFormatterArgs

from convo_cli.agent.code_errors import mistake_in_call
from convo_cli.agent.tool_threads import name_function
from convo_cli.turn.events import OnEvent, ToolFailed

_TELL: ContextVar[OnEvent | None] = ContextVar("tell", default=None)
"""Reports the errors of tools in the run that the current task belongs to."""

_WATCHED = "_watched_by_convo"


def tell_of_errors(on_event: OnEvent) -> Callable[[ToolErrorFormatterArgs[Any]], None]:
    """A formatter for the SDK that reports errors of tools, in this run and in nested ones."""
    _TELL.set(on_event)

    def tell(failed: ToolErrorFormatterArgs[Any]) -> None:
        if failed.error is not None:
            _tell(failed.tool_name, failed.error)

    return tell


def watch(tool: Tool) -> None:
    """Report errors of a tool with an error handler of its own, and name the tool's thread."""
    if isinstance(tool, FunctionTool):
        name_function(getattr(tool, "__wrapped__", None), tool.name)
    answer = getattr(tool, "_failure_error_function", None)
    if not isinstance(tool, FunctionTool) or answer is None or hasattr(answer, _WATCHED):
        return

    def answered(context: Any, error: Exception) -> Any:
        _tell(tool.name, error)
        return answer(context, error)

    setattr(answered, _WATCHED, True)
    tool._failure_error_function = answered


def _tell(tool: str, error: BaseException) -> None:
    tell = _TELL.get()
    if tell is not None:
        tell(ToolFailed(tool, mistake_in_call(error)))
