"""Files that are written: whole or as they were, through links, into FIFOs and devices."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from convo.errors import ConflictError
from convo_cli.exits import UsageError
from convo_cli.output.files import write_file
from tests.program import Program


def failing() -> Iterator[str]:
    yield "half"
    raise OSError(28, "No space left on device")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    file = tmp_path / "old.md"
    file.write_text("what was there, and longer than what comes")
    file.chmod(0o640)
    return file


@pytest.mark.parametrize("how", ["plainly", "by a link", "with a second name", "by an open file"])
def test_a_file_keeps_its_names_and_its_mode(tmp_path: Path, old: Path, how: str) -> None:
    path, second = old, tmp_path / "second"
    if how == "by a link":
        path = tmp_path / "link"
        path.symlink_to(old)
    elif how == "with a second name":
        second.hardlink_to(old)
    with old.open("r+") as opened:
        if how == "by an open file":
            path = Path(f"/dev/fd/{opened.fileno()}")
        write_file(path, ["new\n", "text\n"], force=True)
        inode = os.fstat(opened.fileno()).st_ino
    assert old.read_text() == "new\ntext\n"
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert path.is_symlink() == (how == "by a link")
    assert (old.stat().st_ino == inode) == (how not in {"plainly", "by a link"})
    assert not second.exists() or second.read_text() == "new\ntext\n"


@pytest.mark.parametrize("has_second_name", [False, True])
def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, old: Path, has_second_name: bool
) -> None:
    before = old.read_text()
    if has_second_name:
        (tmp_path / "second").hardlink_to(old)
    names = sorted(tmp_path.iterdir())
    with pytest.raises(UsageError, match="cannot be written: No space left on device"):
        write_file(old, failing(), force=True)
    assert old.read_text() == before
    assert sorted(tmp_path.iterdir()) == names


def test_a_file_that_grows_beyond_its_room_stays_as_it_was(paris: Program) -> None:
    file, second = paris.home / "out.md", paris.home / "second.md"
    for name in (file, second):
        name.write_text("old")
    (paris.home / "third.md").hardlink_to(second)
    big = "x" * 5000
    assert paris("chat", big, "-m", "echo").code == 0
    for name in (file, second):
        # Python 3.11 would leave half a file of byte code, which no later import could read.
        limited = "export PYTHONDONTWRITEBYTECODE=1; ulimit -f 1"
        done = paris.shell(f"{limited}; convo export --force -o {name}")
        assert (done.code, name.read_text()) == (2, "old"), done


def test_a_link_that_leads_nowhere_is_written_through(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("there.md")
    with pytest.raises(ConflictError):
        write_file(link, ["new"], force=False)
    write_file(link, ["new"], force=True)
    assert link.is_symlink()
    assert (tmp_path / "there.md").read_text() == "new"


def test_links_in_a_circle_are_no_file(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match="cannot be written: Too many levels of symbolic links"):
        write_file(tmp_path / "loop", ["new"], force=True)


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_a_fifo_and_a_device_are_written_into(paris: Program, force: list[str]) -> None:
    os.mkfifo(paris.home / "fifo")
    done = paris.shell(
        f"cd {paris.home}; cat fifo > read & convo export -o fifo {' '.join(force)}; wait"
    )
    assert done.code == 0, done
    assert (paris.home / "read").read_text() == paris("export").out
    assert stat.S_ISFIFO((paris.home / "fifo").stat().st_mode)
    assert paris("export", "-o", "/dev/null", *force).code == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert paris("export", "-o", "/dev/full", *force).error(2).endswith("No space left on device")


def test_a_fifo_that_nobody_reads_is_not_waited_for_in_a_chat(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(UsageError, match="cannot be written: No such device or address"):
        write_file(tmp_path / "fifo", ["new"], force=True, wait=False)
    reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(UsageError, match="cannot be written: nobody reads what is written to it"):
        write_file(tmp_path / "fifo", ["x" * 1_000_000], force=True, wait=False)
    os.close(reader)


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
@pytest.mark.parametrize("more", [[], ["--force"], ["--format", "json"]])
def test_the_names_of_stdout(paris: Program, name: str, more: list[str]) -> None:
    done = paris("export", "-o", name, *more)
    assert (done.code, done.err) == (0, "")
    assert done.out == paris("export", *(word for word in more if word != "--force")).out


def test_stdout_in_a_file_is_not_replaced(paris: Program) -> None:
    done = paris.shell(f"cd {paris.home}; (echo a; convo export -o /dev/stdout; echo b) > all")
    assert done.code == 0
    assert (paris.home / "all").read_text() == f"a\n{paris('export').out}b\n"
