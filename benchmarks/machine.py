"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path

_PACKAGES = ("openai-agents", "aiosqlite", "orjson", "typer", "rich", "prompt_toolkit")


def versions() -> list[str]:
    """The versions of all that takes part, as they are said in a line."""
    return [
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
        *(f"{name} {metadata.version(name)}" for name in _PACKAGES),
    ]


def machine() -> str:
    """The processor, the memory and the system."""
    cores = os.cpu_count()
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{_processor()}, {cores} cores, {gigabytes:.0f} GB, {platform.system()}"


def load() -> str:
    """How busy the machine was with other things; the benchmarks themselves keep one core busy."""
    return ", ".join(f"{average:.1f}" for average in os.getloadavg())


def filesystem_of(folder: Path) -> str:
    """The kind of file system that a folder is on, where the system says it."""
    found = ""
    with suppress(OSError):
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
        resolved = folder.resolve()
        # The longest mount point that the folder is below, and of two mounts there the later.
        deepest = 0
        for _, point, kind, *_ in mounts:
            if resolved.is_relative_to(point) and len(point) >= deepest:
                deepest, found = len(point), kind
    return found or sys.platform


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return " ".join(line.partition(":")[2].split())
    return platform.processor() or platform.machine()
