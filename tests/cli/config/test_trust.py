"""The list of what the user has named on this machine."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from convo_cli.config.trust import Trust

HERE = "http://localhost/v1"
AGENT = {"path": "/a.py", "file": "/a.py", "owner": 0}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "convo"


def test_what_was_named_is_known_from_then_on(folder: Path) -> None:
    assert not Trust(folder).knows("servers", HERE)
    assert Trust(folder).remember("servers", HERE) is None
    assert Trust(folder).remember("agents", AGENT) is None
    again = Trust(folder)
    assert again.knows("servers", HERE)
    assert again.knows("agents", dict(AGENT))
    assert not again.knows("agents", AGENT | {"owner": 1})
    assert not again.knows("models", HERE)
    assert json.loads(again.path.read_text()) == {"servers": [HERE], "agents": [AGENT]}


def test_the_list_is_for_its_user_alone(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o755)
    before = os.umask(0)
    try:
        Trust(folder).remember("servers", HERE)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'{"servers": 3}', b"\xff", b"[" * 99_999])
def test_a_damaged_list_names_nothing_and_is_kept(folder: Path, damage: bytes) -> None:
    trust = Trust(folder)
    folder.mkdir(parents=True)
    trust.path.write_bytes(damage)
    assert not trust.knows("servers", HERE)
    said = trust.remember("servers", HERE)
    assert said is not None
    assert said.endswith("it is trusted.damaged now")
    assert (folder / "trusted.damaged").read_bytes() == damage
    assert Trust(folder).knows("servers", HERE)


def test_a_list_that_others_can_write_names_nothing(folder: Path) -> None:
    Trust(folder).remember("servers", HERE)
    Trust(folder).path.chmod(0o622)
    assert not Trust(folder).knows("servers", HERE)


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")])
def test_no_list_is_read_from_what_is_no_file(folder: Path, make: Callable[[Path], None]) -> None:
    folder.mkdir(parents=True)
    make(Trust(folder).path)
    assert not Trust(folder).knows("servers", HERE)
    Trust(folder).remember("servers", HERE)
    assert Trust(folder).knows("servers", HERE)


def test_where_nothing_can_be_written_it_holds_for_this_run(tmp_path: Path) -> None:
    (tmp_path / "convo").write_text("no folder")
    trust = Trust(tmp_path / "convo")
    said = trust.remember("servers", HERE)
    assert said is not None
    assert said.startswith("it is asked about again next time: ")
    assert trust.knows("servers", HERE)
    assert trust.remember("servers", HERE) is None
    assert not Trust(tmp_path / "convo").knows("servers", HERE)


def test_a_link_to_the_list_stays_a_link(folder: Path, tmp_path: Path) -> None:
    folder.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    Trust(folder).path.symlink_to(tmp_path / "elsewhere" / "list.json")
    Trust(folder).remember("servers", HERE)
    assert Trust(folder).path.is_symlink()
    assert Trust(folder).knows("servers", HERE)


def test_processes_that_name_things_at_once_lose_none(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from convo_cli.config.trust import Trust\n"
        "for n in range(20): Trust(Path(sys.argv[1])).remember('servers', f'{sys.argv[2]}/{n}')"
    )
    command = [sys.executable, "-c", code, str(folder)]
    started = [subprocess.Popen([*command, f"http://{name}"]) for name in "abcd"]
    assert [one.wait() for one in started] == [0] * 4
    assert len(json.loads(Trust(folder).path.read_text())["servers"]) == 80
