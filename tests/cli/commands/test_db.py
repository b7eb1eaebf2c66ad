"""`convo db backup` and `convo db check`."""

import json
from pathlib import Path

from tests.core.addresses import execute, rows
from tests.program import Program


def test_a_backup_can_be_used_in_place_of_the_database(paris: Program, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    done = paris("db", "backup", str(copy))
    assert (done.code, done.out) == (0, "")
    assert f"to {copy}: 2 sessions, " in done.err
    assert paris("turns", "--db", str(copy)).out == paris("turns").out


def test_what_was_copied_is_said_to_programs(paris: Program, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    row = json.loads(paris("db", "backup", str(copy), "--json").out)
    assert list(row) == ["path", "bytes", "sessions", "messages"]
    assert (row["path"], row["bytes"]) == (str(copy), copy.stat().st_size)


def test_no_backup_over_a_file_without_force(paris: Program, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("mine")
    assert "already exists; --force" in paris("db", "backup", str(copy)).error(4)
    assert "the database itself" in paris("db", "backup", str(paris.db), "--force").error(4)
    assert copy.read_text() == "mine"
    assert paris("db", "backup", str(copy), "--force").code == 0


def test_nothing_to_copy(convo: Program) -> None:
    assert "no database to copy" in convo("db", "backup", "copy.db").error(3)
    assert not convo.db.exists()


def test_a_database_that_does_not_exist_is_not_called_sound(convo: Program) -> None:
    done = convo("db", "check")
    assert (done.code, done.out) == (0, "")
    assert done.err == f"there is no database at {convo.db} yet\n"


def test_a_sound_database(paris: Program) -> None:
    done = paris("db", "check")
    assert (done.code, done.out, done.err) == (0, "", "the database is sound\n")
    assert json.loads(paris("db", "check", "--json").out) == []


def test_what_is_wrong_is_listed_and_mended(paris: Program) -> None:
    execute(paris.db, "DELETE FROM branch_reservations")
    found = paris("db", "check", "--json")
    assert found.code == 6
    (problem,) = json.loads(found.out)
    assert list(problem) == ["problem", "session", "branch", "detail"]
    assert problem["problem"] == "branch name not reserved"
    assert "branch name not reserved" in paris("db", "check").out
    mended = paris("db", "check", "--repair")
    assert (mended.code, mended.out) == (0, "")
    assert mended.err == "repaired 1 of 1 problem\nthe database is sound\n"
    assert paris("db", "check").code == 0


def test_a_name_that_is_none_is_said_to_programs_as_text(paris: Program) -> None:
    execute(paris.db, "UPDATE convo_sessions SET branch_id = x'fffe'")
    problems = json.loads(paris("db", "check", "--json").out)
    assert {problem["branch"] for problem in problems} == {"b'\\xff\\xfe'"}
    assert paris("db", "check", "--repair").code == 0


def test_gc_keeps_the_index_of_searches_unless_all_is_to_go(paris: Program) -> None:
    indexed = "SELECT count(*) FROM sqlite_master WHERE name = 'convo_words'"
    found = paris("search", "paris").out
    assert paris("db", "gc", "--force").code == 0
    assert rows(paris.db, indexed) == [(1,)]
    assert paris("db", "gc", "--force", "--all").code == 0
    assert rows(paris.db, indexed) == [(0,)]
    assert paris("search", "paris").out == found


def test_a_damaged_file_is_said_to_be_damaged(paris: Program) -> None:
    with paris.db.open("rb+") as file:
        file.seek(8192)
        file.write(b"\xff" * 4096)
    assert paris("db", "check").code == 6
