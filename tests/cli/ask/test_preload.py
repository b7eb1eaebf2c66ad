"""A module that is imported while something else goes on."""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest

from convo_cli.ask.preload import Preload


def itself(module: ModuleType) -> ModuleType:
    return module


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


async def test_the_module_is_waited_for(folder: Path) -> None:
    (folder / "preloaded_one.py").write_text("import threading\nWHERE = threading.current_thread()")
    preload = Preload("preloaded_one", itself)
    assert (await preload.ready()).WHERE is not threading.main_thread()
    preload.stop()


async def test_who_stops_waiting_stops_nobody_else(folder: Path) -> None:
    (folder / "preloaded_two.py").write_text("import time\ntime.sleep(0.2)\nDONE = True")
    preload = Preload("preloaded_two", itself)
    first = asyncio.create_task(preload.ready())
    await asyncio.sleep(0)
    first.cancel()
    assert (await preload.ready()).DONE
    assert first.cancelled()
    preload.stop()


async def test_what_goes_wrong_is_raised_where_it_is_waited_for(folder: Path) -> None:
    preload = Preload("preloaded_by_nobody", itself)
    preload.start()
    with pytest.raises(ModuleNotFoundError):
        await preload.ready()
    preload.stop()


def test_an_import_that_nobody_waits_for_is_given_up(folder: Path) -> None:
    begun = folder / "begun"
    (folder / "preloaded_endless.py").write_text(
        f"import pathlib\npathlib.Path({str(begun)!r}).touch()\n"
        "while True:\n    try:\n        import no_such_module\n"
        "    except Exception:\n        continue\n"
    )
    finders = list(sys.meta_path)
    preload = Preload("preloaded_endless", itself)
    preload.start()
    while not begun.exists():
        threading.Event().wait(0.01)
    preload.stop()
    assert "preloaded_endless" not in sys.modules
    assert sys.meta_path == finders
