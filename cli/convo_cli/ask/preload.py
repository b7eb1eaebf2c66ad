"""Imports a module that takes long, and puts it to use, while the user types."""

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
    """Ends an import; not an Exception, which modules that have alternatives would catch."""


class _Brake(MetaPathFinder):
    """Ends the imports of all threads but the main one, each at the next module it comes to."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> None:
        """Find nothing, and stop where nobody waits any more."""
        if threading.current_thread() is not threading.main_thread():
            raise _Abandoned(fullname)


def collect() -> None:
    """Look for garbage from now on, but not among the modules, which are none for ever."""
    gc.freeze()
    gc.enable()


def _imported(name: str) -> ModuleType:
    module = import_module(name)
    collect()
    return module


class Preload(Generic[T]):
    """A module that is imported, and put to use, in a thread of its own, from `start` on."""

    def __init__(self, name: str, use: Callable[[ModuleType], T]) -> None:
        """Name the module, and what is to be made of it."""
        self._name = name
        self._use = use
        self._thread = ThreadPoolExecutor(1, "preload")
        self._work: Future[T] | None = None

    def start(self) -> None:
        """Begin, unless that was done; again, where that has failed."""
        if self._work is None or (self._work.done() and self._work.exception() is not None):
            self._work = self._thread.submit(lambda: self._use(_imported(self._name)))

    async def ready(self) -> T:
        """What was made of the module, once it is there. Raises what went wrong."""
        self.start()
        assert self._work is not None
        # Shielded, because who no longer waits for it may need it for the next turn.
        return await asyncio.shield(asyncio.wrap_future(self._work))

    def stop(self) -> T | None:
        """Give up what has not ended, which would otherwise keep the program alive.

        Returns what was made of the module, if it was.
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
