"""Imports a module that takes long while the user types."""

import asyncio
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
from importlib.abc import MetaPathFinder
from types import ModuleType


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


class Preload:
    """A module that is imported in a thread of its own, from `start` on."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._thread = ThreadPoolExecutor(1, "preload")
        self._import: Future[ModuleType] | None = None

    def start(self) -> None:
        """Begin, unless that was done."""
        if self._import is None:
            self._import = self._thread.submit(import_module, self._name)

    async def module(self) -> ModuleType:
        """The module, once it is there. Raises what the import raised."""
        self.start()
        assert self._import is not None
        # Shielded, because who no longer waits for it may need it for the next turn.
        return await asyncio.shield(asyncio.wrap_future(self._import))

    def stop(self) -> None:
        """Give up an import that has not ended, which would otherwise keep the program alive."""
        brake = _Brake()
        if self._import is not None and not self._import.done():
            sys.meta_path.insert(0, brake)
        self._thread.shutdown(wait=True, cancel_futures=True)
        if brake in sys.meta_path:
            sys.meta_path.remove(brake)
