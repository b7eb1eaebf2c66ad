"""Row 20: `~` is the home folder, and a deletion that fails leaves the pointer where it was."""

import sqlite3
from pathlib import Path

import pytest

from convo import ConversationStore
from convo.errors import DatabaseError
from tests.core.addresses import execute
from tests.core.better_than_sdk.openers import AnySession, OpenOurs, OpenTheirs
from tests.core.talk import texts, turn


@pytest.fixture
def home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder that is not the current folder, in which there is a folder named `~` too."""
    home, current = folder / "home", folder / "current"
    home.mkdir()
    (current / "~").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(current)
    return home


@pytest.mark.parametrize("kind", [str, Path])
async def test_a_path_in_the_home_folder(
    theirs: OpenTheirs, ours: OpenOurs, home: Path, kind: type
) -> None:
    await theirs(db_path=kind("~/theirs.db")).add_items(turn("a"))
    assert Path("~/theirs.db").exists()
    assert not (home / "theirs.db").exists()

    session = ours(db_path=kind("~/ours.db"))
    await session.add_items(turn("a"))
    assert (home / "ours.db").exists()
    assert not Path("~/ours.db").exists()
    async with ConversationStore(kind("~/ours.db")) as store:
        assert [info.session_id for info in await store.sessions()] == ["talk"]


async def test_a_missing_folder_named_like_the_home_folder(
    theirs: OpenTheirs, ours: OpenOurs, home: Path
) -> None:
    Path("~").rmdir()
    with pytest.raises(sqlite3.OperationalError, match="unable to open database file"):
        theirs(db_path="~/theirs.db")
    assert await ours(db_path="~/ours.db").get_items() == []


async def on_a_fork(session: AnySession) -> None:
    await session.add_items(turn("a") + turn("b"))
    await session.create_branch_from_turn(2, "fork")


async def current(session: AnySession) -> list[str]:
    return [b["branch_id"] for b in await session.list_branches() if b["is_current"]]


@pytest.mark.sqlite_only("it makes a trigger of SQLite")
async def test_a_deletion_that_fails_leaves_the_session_where_it_was(
    theirs: OpenTheirs, ours: OpenOurs, their_path: Path, path: Path
) -> None:
    for session, file, error in (
        (theirs(), their_path, sqlite3.IntegrityError),
        (ours(), path, DatabaseError),
    ):
        await on_a_fork(session)
        execute(
            file,
            "CREATE TRIGGER refuse BEFORE DELETE ON message_structure"
            " BEGIN SELECT RAISE(ABORT, 'refused'); END",
        )
        with pytest.raises(error, match="refused"):
            await session.delete_branch("fork", force=True)
        if file is their_path:
            assert await current(session) == ["main"]
    assert await current(session) == ["fork"]
    assert texts(await session.get_items()) == ["a", "About a"]

    execute(path, "DROP TRIGGER refuse")
    await session.delete_branch("fork", force=True)
    assert await current(session) == ["main"]
