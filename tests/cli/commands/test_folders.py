"""Sessions by folder: `chat --here`, `session list --here`, and `session.scope`."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.program import Program


@pytest.fixture
def folders(convo: Program) -> tuple[Path, Path]:
    found = convo.home / "a", convo.home / "b"
    for folder in found:
        folder.mkdir()
    return found


def listed(convo: Program, folder: Path, *args: str) -> list[str]:
    rows: list[dict[str, Any]] = json.loads(
        convo("session", "list", "--here", "--json", *args, cwd=folder).out
    )
    return [row["session"] for row in rows]


def status(convo: Program, folder: Path) -> tuple[str | None, str | None]:
    found = json.loads(convo("status", "--json", cwd=folder).out)
    return found["session"], found["folder"]


def test_a_folder_goes_on_with_its_last_session(convo: Program, folders: tuple[Path, Path]) -> None:
    a, b = folders
    convo("chat", "--here", "one", cwd=a)
    convo("chat", "--here", "two", cwd=b)
    answer = convo("chat", "--here", "more", cwd=a)
    assert answer.out.startswith("This is turn 2.")
    assert (listed(convo, a), listed(convo, b)) == (["one"], ["two"])
    # Without --here the head decides, which stayed.
    assert status(convo, a) == ("two", None)


def test_with_the_scope_every_command_does(convo: Program, folders: tuple[Path, Path]) -> None:
    a, b = folders
    convo("config", "set", "session.scope", "folder")
    convo("chat", "one", cwd=a)
    convo("chat", "two", cwd=b)
    assert status(convo, a) == ("one", str(a.resolve()))
    assert status(convo, b) == ("two", str(b.resolve()))
    assert json.loads(convo("turns", "--json", cwd=a).out)[0]["text"] == "one"
    assert convo("undo", cwd=convo.home).error(3).startswith("no conversation yet in the folder")
    assert convo("turns", "-s", "one", cwd=b).code == 0


def test_a_session_that_is_used_belongs_to_the_folder(
    convo: Program, folders: tuple[Path, Path]
) -> None:
    a, b = folders
    convo("config", "set", "session.scope", "folder")
    convo("chat", "one", cwd=a)
    convo("chat", "-s", "other", "two", cwd=a)
    assert status(convo, a)[0] == "other"
    convo("session", "use", "one", cwd=a)
    assert status(convo, a)[0] == "one"
    moved = a.rename(b / "moved")
    assert status(convo, moved)[0] is None
    convo("session", "use", "one", cwd=moved)
    assert status(convo, moved)[0] == "one"


def test_a_link_is_the_folder_that_it_leads_to(convo: Program, folders: tuple[Path, Path]) -> None:
    a, _ = folders
    link = convo.home / "link"
    link.symlink_to(a)
    convo("chat", "--here", "one", cwd=a)
    assert listed(convo, link) == ["one"]


def test_a_folder_that_is_gone(convo: Program, folders: tuple[Path, Path]) -> None:
    script = f'cd {folders[0]} && rmdir {folders[0]} && convo chat --here "Hello"'
    assert convo.shell(script).error(2) == (
        "the current folder does not exist any more; go to another one"
    )


def test_what_is_typed_comes_before_the_environment(
    convo: Program, folders: tuple[Path, Path]
) -> None:
    convo("chat", "-s", "other", "one")
    convo("chat", "--here", "two", cwd=folders[0], env={"CONVO_SESSION": "other"})
    assert listed(convo, folders[0]) == ["two"]


def test_a_folder_is_recorded_only_if_that_is_wanted(convo: Program) -> None:
    convo("chat", "one")
    convo("session", "use", "one")
    with closing(sqlite3.connect(convo.db)) as file:
        assert file.execute("SELECT folder FROM convo_sessions").fetchall() == [(None,)]
    assert listed(convo, convo.home) == []
    assert json.loads(convo("session", "info", "--json").out)["folder"] is None


def test_a_folder_of_a_database_controls_no_terminal(convo: Program) -> None:
    convo("chat", "--here", "one", cwd=convo.home)
    with closing(sqlite3.connect(convo.db)) as file, file:
        file.execute("UPDATE convo_sessions SET folder = ?", ["/x\x1b[31m" + os.sep])
    assert "\x1b" not in convo("session", "info").out
