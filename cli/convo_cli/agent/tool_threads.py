"""Runs synchronous tools in threads, which cannot be stopped, and knows which ones still run."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from time import monotonic
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")

_MOST = 64
"""The number of threads: tools that never end must not keep others from running."""

_NAMES: dict[int, str] = {}
"""The names of tools, by the functions that they call."""


class RunningTool(NamedTuple):
    """A function that runs in a thread, and its start in `monotonic` seconds."""

    name: str
    since: float
    future: "Future[Any]"

    @property
    def seconds(self) -> int:
        """How long it has run, in seconds."""
        return int(monotonic() - self.since)


class ToolThreads(ThreadPoolExecutor):
    """The threads of an event loop, with a list of the functions that run in them."""

    def __init__(self) -> None:
        super().__init__(_MOST, "tool")
        self._submitted: list[RunningTool] = []

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        """Run a function in a thread."""
        future = super().submit(fn, *args, **kwargs)
        # Finished functions are dropped here, so that the list stays short.
        running = [one for one in self._submitted if not one.future.done()]
        self._submitted = [*running, RunningTool(_name(fn), monotonic(), future)]
        return future

    @property
    def running(self) -> list[RunningTool]:
        """The functions that still run, oldest first."""
        return [one for one in self._submitted if one.future.running()]


def name_function(function: object, name: str) -> None:
    """Set the name under which a tool's function is reported."""
    _NAMES[id(function)] = name


def _name(fn: Any) -> str:
    """The name of the function that `asyncio.to_thread` was given."""
    inner = fn.args[0] if isinstance(fn, partial) and fn.args else fn
    return _NAMES.get(id(inner)) or str(getattr(inner, "__name__", type(inner).__name__))
