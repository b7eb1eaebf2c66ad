"""Damaged and malicious files for the tests of sources, and the import that they are given to."""

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from convo import ConversationStore
from convo.importing.choosing import Choice, Totals
from convo.importing.registry import source_called
from convo.importing.source import Report
from tests.core.addresses import Address, contents, tables

STRANGE: list[Any] = [
    None,
    True,
    -1,
    0,
    2**63,
    10**40,
    1e308,
    "",
    " ",
    "\x1b[2J\x07",
    "\ud800",
    "\0",
    "../../etc/passwd",
    "[bold]x[/bold]",
    "<script>alert(1)</script>",
    "2026-13-45T99:99:99Z",
    [],
    {},
    [[]],
    [None, 1, "x"],
    {"": None},
    {"type": "text", "text": {"text": 1}},
]
"""Values that no field expects."""


def damaged(data: bytes) -> st.SearchStrategy[bytes]:
    """A file that is cut off, or has bytes changed, removed or repeated."""
    place = st.integers(0, max(len(data) - 1, 0))

    def with_change(begin: int, end: int, change: bytes) -> bytes:
        begin, end = min(begin, end), max(begin, end)
        return data[:begin] + change + data[end:]

    return st.one_of(
        place.map(lambda end: data[:end]),
        st.builds(with_change, place, place, st.binary(max_size=8)),
        st.builds(
            lambda at, byte: with_change(at, at + 1, byte), place, st.binary(min_size=1, max_size=1)
        ),
        place.map(lambda at: data[:at] + data[at // 2 :]),
    )


def changed(value: Any) -> st.SearchStrategy[Any]:
    """A JSON value with something in it replaced with a strange value, dropped or repeated."""
    paths = list(_paths(value))

    def replaced(path: tuple[Any, ...], new: Any) -> Any:
        return _with(value, path, new)

    return st.builds(replaced, st.sampled_from(paths), st.sampled_from(STRANGE))


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Any:
    yield path
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, one in inner:
        yield from _paths(one, (*path, key))


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = json.loads(json.dumps(value))
    at = copy
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = new
    return copy


async def imported(
    database: Path, source: str, *paths: Path, choice: Choice | None = None
) -> tuple[Totals, Report]:
    """Import files, and return what was taken and what was left out."""
    report, totals = Report(), Totals()

    async with ConversationStore(database, create=True) as store:
        await store.import_from(source_called(source), paths, choice or Choice(), report, totals)
        assert await store.check() == []
    return totals, report


def everything(database: Address) -> dict[str, list[Any]]:
    """All rows of a database, to compare it with what it was before.

    A server also notes each write, of whatever it was: that is no part of a conversation.
    """
    return {
        name: contents(database, name) for name in tables(database) if name != "convo_last_writes"
    }


async def imported_twice(database: Path, source: str, path: Path) -> None:
    """Import a file two times: the second time changes nothing, whatever the file holds."""
    await imported(database, source, path)
    before = everything(database)
    await imported(database, source, path)
    assert everything(database) == before
