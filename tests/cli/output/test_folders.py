"""Many files are written together, or not at all."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from convo.errors import ConflictError
from convo_cli.exits import UsageError
from convo_cli.output.folders import files_for


def write(path: Path, *, force: bool = False, fails: bool = False) -> None:
    with files_for(path, force=force) as files:
        files.add("a.md", ["one\n", "two\n"])
        files.add("b.md", [b"bytes"])
        if fails:
            raise KeyboardInterrupt


def content(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_new_folder_is_there_at_once(tmp_path: Path) -> None:
    write(tmp_path / "all")
    assert content(tmp_path / "all") == {"a.md": "one\ntwo\n", "b.md": "bytes"}
    assert [path.name for path in tmp_path.iterdir()] == ["all"]
    assert (tmp_path / "all").stat().st_mode & 0o777 == 0o700


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    folder.mkdir(mode=0o755)
    write(folder)
    assert set(content(folder)) == {"a.md", "b.md"}
    assert folder.stat().st_mode & 0o777 == 0o755


def test_a_folder_with_files_is_left_alone_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("mine")
    (tmp_path / "c.md").write_text("mine")
    with pytest.raises(ConflictError, match="is not empty"):
        write(tmp_path)
    assert content(tmp_path) == {"a.md": "mine", "c.md": "mine"}
    write(tmp_path, force=True)
    assert content(tmp_path) == {"a.md": "one\ntwo\n", "b.md": "bytes", "c.md": "mine"}


@pytest.mark.parametrize("name", ["all", "all.zip"])
def test_what_is_interrupted_leaves_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / name, fails=True)
    assert list(tmp_path.iterdir()) == []


def test_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    write(path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.read("a.md") == b"one\ntwo\n"
        assert archive.namelist() == ["a.md", "b.md"]
    first = path.read_bytes()
    with pytest.raises(ConflictError, match="already"):
        write(path)
    write(path, force=True)
    assert path.read_bytes() == first


def test_what_cannot_be_written(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ConflictError, match="not a folder"):
        write(file)
    with pytest.raises(UsageError, match="No such file"):
        write(tmp_path / "none" / "all")
    with pytest.raises(UsageError, match="Not a directory"):
        write(file / "all")
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    with pytest.raises(ConflictError, match="a link to nothing"):
        write(tmp_path / "link")
    (tmp_path / "to").symlink_to(tmp_path / "there")
    (tmp_path / "there").mkdir()
    write(tmp_path / "to")
    assert set(content(tmp_path / "there")) == {"a.md", "b.md"}
