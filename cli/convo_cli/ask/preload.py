"""Imports a slow module, and calls it, in the background while the user types."""

import asyncio
import gc
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import Generic, TypeVar

T = TypeVar("T")


class _Abandoned(BaseException):
    """Ends an import. Not an Exception, because modules with fallbacks would catch that."""


class _Brake(MetaPathFinder):
    """Ends the imports of all threads but the main one, each at its next module."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> None:
        """Find nothing; raise `_Abandoned` outside the main thread."""
        if threading.current_thread() is not threading.main_thread():
            raise _Abandoned(fullname)


def collect() -> None:
    """Enable the garbage collector, but exempt the modules, which live as long as the program."""
    gc.freeze()
    gc.enable()


def _imported(name: str) -> ModuleType:
    module = import_module(name)
    collect()
    return module


class Preload(Generic[T]):
    """A module that is imported, and passed to `use`, in a thread of its own after `start`."""

    def __init__(self, name: str, use: Callable[[ModuleType], T]) -> None:
        """Set the module's name, and the function that is called with the module."""
        self._name = name
        self._use = use
        self._thread = ThreadPoolExecutor(1, "preload")
        self._work: Future[T] | None = None

    def start(self) -> None:
        """Start the import, unless it has been started; start it again if it failed."""
        if self._work is None or (self._work.done() and self._work.exception() is not None):
            self._work = self._thread.submit(lambda: self._use(_imported(self._name)))

    async def ready(self) -> T:
        """The result of `use`, once the module is loaded. Raises the error of either."""
        self.start()
        assert self._work is not None
        # Shielded because a stopped turn must not cancel the import: the next turn needs it.
        return await asyncio.shield(asyncio.wrap_future(self._work))

    def stop(self) -> T | None:
        """Abandon an unfinished import, which would otherwise keep the program alive.

        Returns the result of `use` if there is one.
        """
        brake = _Brake()
        if self._work is not None and not self._work.done():
            sys.meta_path.insert(0, brake)
        self._thread.shutdown(wait=True, cancel_futures=True)
        if brake in sys.meta_path:
            sys.meta_path.remove(brake)
        work = self._work
        if work is None or work.cancelled() or work.exception() is not None:
            return None
        return work.result()
