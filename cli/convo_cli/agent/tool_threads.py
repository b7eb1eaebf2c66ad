"""The threads in which synchronous tools run, which nothing can stop: what still runs is known."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from time import monotonic
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")

_MOST = 64
"""Threads at once: tools that never end must not keep others from running."""

_NAMES: dict[int, str] = {}
"""What the functions of tools are called by the model, by their identity."""


class RunningTool(NamedTuple):
    """A function that runs in a thread, and since when, as `monotonic` tells."""

    name: str
    since: float
    future: "Future[Any]"

    @property
    def seconds(self) -> int:
        """How long it has run."""
        return int(monotonic() - self.since)


class ToolThreads(ThreadPoolExecutor):
    """The threads of an event loop, and what runs in them."""

    def __init__(self) -> None:
        super().__init__(_MOST, "tool")
        self._submitted: list[RunningTool] = []

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        """Run a function in a thread."""
        future = super().submit(fn, *args, **kwargs)
        # What is done is forgotten here, so that the list stays short.
        running = [one for one in self._submitted if not one.future.done()]
        self._submitted = [*running, RunningTool(_name(fn), monotonic(), future)]
        return future

    @property
    def running(self) -> list[RunningTool]:
        """What has begun and not ended, the first to begin first."""
        return [one for one in self._submitted if one.future.running()]


def name_function(function: object, name: str) -> None:
    """Have a tool's function be known by the tool's name."""
    _NAMES[id(function)] = name


def _name(fn: Any) -> str:
    """The name of the function that `asyncio.to_thread` was given."""
    inner = fn.args[0] if isinstance(fn, partial) and fn.args else fn
    return _NAMES.get(id(inner)) or str(getattr(inner, "__name__", type(inner).__name__))
