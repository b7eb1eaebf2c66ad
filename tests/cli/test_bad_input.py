"""Everything that can be said wrongly: one line on stderr, nothing on stdout, and a code."""

from __future__ import annotations

import ctypes
import json
import os
import sqlite3
from pathlib import Path

import pytest

from tests.program import Program, Result

LONG = "x" * 300
NAMES = {
    "": "a {kind} name cannot be empty",
    "   ": "a {kind} name cannot be empty",
    LONG: "this {kind} name has 300 characters: a name has at most 200",
    "a\nb": "the {kind} name 'a\\nb' has control characters: use printable ones",
    "a\x1b[31mb": "the {kind} name 'a\\x1b[31mb' has control characters: use printable ones",
    "a/b": "the {kind} name 'a/b' has a slash: use '-' or '_' instead",
}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ("turns -s pariss", "no session 'pariss'; did you mean 'paris'?"),
        ("session use pariss", "no session 'pariss'; did you mean 'paris'?"),
        ("session rename pariss a", "no session 'pariss'; did you mean 'paris'?"),
        ("session delete pariss --force", "no session 'pariss'; did you mean 'paris'?"),
        ("session delete pariss", "no session 'pariss'; did you mean 'paris'?"),
        ("turns -b mian", "no branch 'mian' in session 'paris'; did you mean 'main'?"),
        ("switch mian", "no branch 'mian' in session 'paris'; did you mean 'main'?"),
        ("delete mian", "no branch 'mian' in session 'paris'; did you mean 'main'?"),
        ("branch --turn 9", "no turn 9 on branch 'tourism': it has turns 1-2"),
        ("branch --turn 0", "no turn 0 on branch 'tourism': it has turns 1-2"),
        ("branch --turn -3", "no turn -3 on branch 'tourism': it has turns 1-2"),
        ("diff -b main", "the branch 'main' was made from no other one; `convo diff A` compares "),
        ("branch --after 0", "no turn 0 on branch 'tourism': it has turns 1-2"),
        (f"branch --turn {2**70}", f"no turn {2**70} on branch 'tourism': it has turns 1-2"),
        ("branch --turn x", "no turn is called 'x'; a turn has a number, and a tag if `convo tag`"),
        ("branch --turn 1.5", "no turn is called '1.5'; a turn has a number"),
        ("branch --match Rome", "no turn on branch 'tourism' says 'Rome'"),
        ("switch -s recipes -", "there is no branch to go back to from 'main'"),
    ],
)
def test_what_is_not_there(paris: Program, args: str, message: str) -> None:
    assert paris(*args.split()).error(3).startswith(message)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ("branch --turn 1 --after 1", "--turn, --after and --match exclude each other: "),
        ("branch --no-switch", "--no-switch goes with a new branch; say NAME or --turn N"),
        ("chat --no-stdin -", "--no-stdin and - contradict each other: - stands for stdin"),
        ("chat --no-stdin", "the prompt is empty; ask something"),
        ("chat -zoo", "no such option -z; text that begins with - goes after --: `convo chat -- "),
        ("branch --match=", "--match needs a text to look for"),
        ("branch --trun 2", "no such option --trun; did you mean --turn?"),
        ("export --list", "no such option --list; see `convo export --help`"),
        ("trun", "no such command 'trun' (did you mean 'turns'?); `convo --help` lists them"),
        ("session lst", "no such command 'lst' (did you mean 'list'?); `convo session --help` "),
        ("switch", "missing argument 'BRANCH'; {help}"),
        ("delete", "missing argument 'BRANCH'; {help}"),
        ("turns 3", "got unexpected extra argument(s) (3); {help}"),
        ("turns --db", "option '--db' requires an argument"),
        ("turns --db=", "invalid value for '--db': the path is empty; {help}"),
        ("turns --format xml", "invalid value for '--format': 'xml' is not one of table, json, "),
        ("turns --format cvs", "invalid value for '--format': 'cvs' is not one of table, json, "),
        ("turns --json --format csv", "--json and --format csv contradict each other; give one "),
        (
            "list turn",
            "invalid value for 'WHAT': 'turn' is not one of turns, branches, sessions, tools ",
        ),
        ("completion tcsh", "invalid value for 'SHELL': 'tcsh' is not one of bash, zsh, fish"),
        ("usage --by-turn --by-branch", "--by-turn and --by-branch exclude each other: give --by"),
        ("chat --max-turns 0 hi", "--max-turns is at least 1, not 0"),
        ("chat --timeout 0 hi", "--timeout is a number of seconds above 0, not 0"),
        ("chat --timeout nan hi", "--timeout is a number of seconds above 0, not nan"),
        ("chat --timeout soon hi", "invalid value for '--timeout': 'soon' is not a number; "),
        ("chat --api rest hi", "invalid value for '--api': 'rest' is not one of responses, chat"),
        ("chat --model= hi", "--model needs the name of a model"),
        ("chat --new -b x hi", "a new session has no branch 'x', only 'main'"),
        ("chat -i @none.txt hi", "the instructions in 'none.txt' cannot be read: No such file or"),
    ],
)
def test_what_cannot_be_meant(paris: Program, args: str, message: str) -> None:
    command = args.split()[0]
    expected = message.format(help=f"see `convo {command} --help`")
    assert paris(*args.split()).error(2).startswith(expected)


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_that_nothing_may_have(paris: Program, name: str) -> None:
    asked = {
        "branch": ["branch", "--turn", "2", "--", name],
        "session": ["session", "new", name],
    }
    for kind, args in asked.items():
        assert paris(*args).error(2) == NAMES[name].format(kind=kind)
    assert paris("session", "rename", "paris", name).error(2) == NAMES[name].format(kind="session")


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_chat_starts_no_session_of_such_a_name(convo: Program, name: str) -> None:
    assert convo("chat", "-s", name, "Hello").error(2) == NAMES[name].format(kind="session")
    assert not convo.db.exists()


def test_names_that_are_taken(paris: Program) -> None:
    for args in (["session", "new", "paris"], ["session", "rename", "recipes", "paris"]):
        assert paris(*args).error(4) == "a session 'paris' already exists"
    assert "has already been used" in paris("branch", "--turn", "1", "tourism").error(4)
    assert paris("chat", "--new", "-s", "paris", "Hi").error(4) == (
        "a session 'paris' already exists"
    )


def test_deleting_what_must_stay(paris: Program) -> None:
    error = paris("delete", "main").error(4)
    assert error.startswith("the branch 'main' cannot be deleted: every session has it")
    assert paris("delete", "main", "--force").error(4) == error
    assert paris("delete", "tourism").error(4) == (
        "'tourism' is the current branch; switch to another branch first, or use --force"
    )
    assert paris("delete", "tourism", "--force").code == 0


def test_a_database_without_sessions(convo: Program) -> None:
    nothing_yet = f"no conversation yet in {convo.db}; start one with `convo chat`"
    lists = ["turns", "branches", "branches --tree", "tools", "show", "usage", "restore --list"]
    for shown, written in zip(
        convo.each(*lists), convo.each(*(f"{line} --json" for line in lists)), strict=True
    ):
        assert shown == Result(0, "", f"{nothing_yet}\n")
        document = json.loads(written.out)
        rows = document["rows"] if isinstance(document, dict) else document
        assert (written.code, rows) == (0, [])
    for missing in convo.each(
        "switch main", "delete a", "show 1", "diff", "export", "undo", "restore", "turns -b main"
    ):
        assert missing.error(3) == nothing_yet
    assert not convo.db.exists()


@pytest.mark.parametrize("command", ["turns", "sessions", "session new a", "chat hello"])
def test_a_database_that_is_none(convo: Program, command: str) -> None:
    folder, text, other = (convo.home / name for name in ("folder", "text", "other.db"))
    folder.mkdir()
    text.write_text("This is a letter, and no database at all. " * 50)
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE birds (name TEXT)")
    connection.close()
    args = command.split()
    assert "is a folder" in convo(*args, "--db", folder).error(6)
    assert "is not an SQLite database" in convo(*args, "--db", text).error(6)
    assert "not one of conversations" in convo(*args, "--db", other).error(6)
    below = convo(*args, "--db", text / "c.db").error(6) if args[0] in {"session", "chat"} else ""
    assert "cannot be" in below or args[0] not in {"session", "chat"}


def _obey_permissions() -> None:
    """Let even root be refused what the permissions of a file refuse: for the child process."""
    if os.getuid() != 0:
        return
    prctl = ctypes.CDLL(None).prctl
    drop_from_bounding_set, override_permissions, read_anything = 24, 1, 2
    prctl(drop_from_bounding_set, override_permissions, 0, 0, 0)
    prctl(drop_from_bounding_set, read_anything, 0, 0, 0)


@pytest.mark.parametrize(
    "command", ["session new a", "branch --turn 1", "switch main", "chat hello"]
)
def test_a_database_that_is_read_only(paris: Program, command: str) -> None:
    paris.db.chmod(0o400)
    result = paris(*command.split(), preexec_fn=_obey_permissions)
    assert "is read-only; make the file and its folder writable" in result.error(6)
    assert "Any sights?" in paris("turns", preexec_fn=_obey_permissions).out


def test_a_folder_that_cannot_be_written(convo: Program) -> None:
    locked = convo.home / "locked"
    locked.mkdir(mode=0o500)
    path = locked / "below" / "c.db"
    result = convo("session", "new", "a", "--db", path, preexec_fn=_obey_permissions)
    assert "cannot be made: Permission denied" in result.error(6)


def test_an_argument_that_is_no_text(convo: Program) -> None:
    error = convo("session", "new", b"caf\xe9").error(2)
    assert error.startswith("invalid value for 'NAME': 'caf\\udce9' is not UTF-8 text")


def test_what_a_user_typed_does_not_reach_the_terminal_raw(paris: Program) -> None:
    for args in (["switch", "\x1b[2J\u202e"], ["\x1b]0;x\x07"], ["turns", "--\x1bc"]):
        assert "\x1b" not in paris(*args).err


def test_the_path_of_a_database_may_be_any_bytes(convo: Program) -> None:
    path = Path(str(convo.home)) / "caf\udce9.db"
    assert convo("session", "new", "a", "--db", path).code == 0
    assert path.exists()
