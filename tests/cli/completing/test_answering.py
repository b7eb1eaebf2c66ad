"""Whole answers to the shells, from a line to what can be typed on it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from convo_cli.completing.answering import answer
from convo_cli.completing.table import Command, root_command
from convo_cli.settings import current_folder
from tests.cli.completing.conftest import CONFIG
from tests.cli.test_imports import SLOW
from tests.program import PATIENCE, Program

BREAKS = " \t\n\"'@><=;|&(:"


def offered(line: str) -> list[str]:
    """What fish is offered for the last word; fish chooses among it."""
    *before, word = line.split(" ")
    mode, *found = answer("fish", word, *before)
    if mode:
        return [mode]
    values = [one.partition("\t")[0] for one in found]
    return [value for value in values if word in value]


def in_bash(line: str, kind: str = "9") -> list[str]:
    """What bash is told to put into the line."""
    return answer("bash", f"convo {line}", BREAKS, kind, "80")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        # Commands and options.
        ("swit", "switch"),
        ("session re", "rename"),
        ("-s list switc", "switch"),
        ("nosuch ", ""),
        ("help session del", "delete"),
        ("turns --lim", "--limit"),
        ("turns -n 5 --lim", ""),
        ("chat --attach x --attac", "--attach"),
        ("db path --deb", "--debug"),
        ("export --forma", "--format"),
        # Formats of that command.
        ("--format ", "table json jsonl csv tsv"),
        ("turns --format ", "table json jsonl csv tsv"),
        ("export --format j", "json jsonl openai-jsonl"),
        ("turns --format=js", "--format=json --format=jsonl"),
        ("completion ", "bash zsh fish"),
        ("chat --api ", "responses chat"),
        # The database.
        ("-s ", "paris recipes"),
        ("turns --session=rec", "--session=recipes"),
        ("turns -srec", "-srecipes"),
        ("turns -qsrec", "-qsrecipes"),
        ("session use ", "paris recipes"),
        ("session new ", ""),
        ("switch ", "main tourism -"),
        ("-b ", "main tourism"),
        ("-s recipes -b ", "main"),
        ("-s nosuch -b ", ""),
        ("delete main ", "tourism"),
        ("diff tourism ", "main"),
        ("rename main ", ""),
        ("show ", "2 1"),
        ("show -b main ", "3 2 1 plan"),
        ("show 1..", "1..2 1..1"),
        ("show -b main ..pl", "..plan"),
        ("tag ", "plan"),
        ("show --waiting ", "1"),
        ("chat --turn ", "2 1"),
        ("branch -b mai --after=", "--after=3 --after=2 --after=1 --after=plan"),
        ("retry ", "1"),
        ("retry --drop a", "all"),
        ("restore ", "lost gone"),
        # The configuration.
        ("chat -m ", "fast echo m local/"),
        ("models ", "local"),
        ("key remove ", "local openai"),
        ("alias remove ", "fast"),
        ("chat -t ", "brief"),
        ("chat -t brief -p ", "what= lang="),
        ("chat --mcp ", "files"),
        ("config set theme ", "light dark none"),
        ("config set status ", "true false"),
        ("config unset the", "theme"),
        ("config unset servers", "servers servers.local servers.local.url"),
        ("import claude-c", "claude-code"),
        ("config get servers.", "servers.local.url servers.local.api servers.local.key_variable"),
        ("chat -o temp", "temperature="),
        ("chat -o verbosity=", "verbosity=low verbosity=medium verbosity=high"),
        ("chat -o store=", "store=true store=false"),
        # Files.
        ("--db ", "files"),
        ("chat --attach ", "files"),
        ("chat -a ", "files"),
        ("export -o ", "files"),
        ("export -o=", "files"),
        ("mcp add x --cwd ", "folders"),
        ("db backup ", "files"),
        ("chat -i @c", "@c.db @config.toml"),
        ("chat -i c", ""),
        # What only the user can know, and words after --.
        ("chat ", ""),
        ("search ", ""),
        ("chat -- -", ""),
        ("switch -- ma", "main"),
        ("chat -- --mod", ""),
    ],
)
def test_what_is_offered(machine: Path, line: str, found: str) -> None:
    assert offered(line) == found.split()


def test_the_line_names_the_database(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVO_DB", "/nowhere")
    assert offered("-s ") == []
    assert offered(f"--db {machine}/c.db -s ") == ["paris", "recipes"]
    assert offered("--db ~/c.db -s ") == offered("--db=$HOME/c.db -s ") == ["paris", "recipes"]
    assert in_bash("--db $UNKNOWN -s ") == [""]
    assert offered("--db mysql://h/d -s ") == []


def test_the_configuration_names_the_database(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CONVO_DB")
    config = machine / "config.toml"
    for line in ("db = '~/c.db'", f'db = """\n{machine}/c.db"""'):
        config.write_text(f"{line}\n")
        assert offered("-s ") == ["paris", "recipes"]


def test_the_folder_has_a_session(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(machine / "c.db")) as file, file:
        file.execute(
            "INSERT INTO convo_sessions (session_id, folder) VALUES ('recipes', ?)"
            "ON CONFLICT (session_id) DO UPDATE SET folder = excluded.folder",
            (current_folder(),),
        )
    monkeypatch.setenv("CONVO_SESSION", "paris")
    assert offered("chat --here --turn ") == ["1"]
    assert offered("chat --turn ") == ["2", "1"]
    monkeypatch.delenv("CONVO_SESSION")
    (machine / "config.toml").write_text('session.scope = "folder"\n')
    assert offered("show ") == ["1"]
    monkeypatch.chdir("/")
    assert offered("show ") == []


def test_a_name_that_looks_like_an_option(machine: Path) -> None:
    with closing(sqlite3.connect(machine / "c.db")) as file, file:
        record = "INSERT INTO convo_branches (session_id, branch_id, kept_empty) VALUES (?, ?, 1)"
        file.execute(record, ("paris", "-dash"))
    assert "-dash" not in [*offered("switch "), *offered("switch -")]
    assert offered("switch -- -d") == offered("turns -b -d") == ["-dash"]
    assert offered("turns --branch=-d") == ["--branch=-dash"]


def test_what_is_said_about_a_name_has_no_control_characters(machine: Path) -> None:
    said = json.dumps({"role": "user", "content": "\x1b]0;title\x07 red\n\u202edna"})
    with closing(sqlite3.connect(machine / "c.db")) as file, file:
        file.execute("UPDATE agent_messages SET message_data = ?", (said,))
    for asked in (
        ("bash", "convo show ", BREAKS, "63", "80"),
        ("zsh", "80", "", "convo", "show"),
        ("fish", "", "show"),
    ):
        found = answer(*asked)
        assert "]0;title red dna" in found[1] + found[-1]
        assert all(text.replace("\t", "").isprintable() for text in found)


def test_an_assignment_before_the_command_is_for_it(machine: Path) -> None:
    assigned = ("CONVO_DB=/nowhere", f"CONVO_DB='{machine}/c.db'", "CONVO_SESSION=recipes")
    assert answer("zsh", "80", "", assigned[0], "convo", "-s") == ["sessions"]
    assert answer("zsh", "80", "", *assigned, "convo", "-b")[2] == "main"
    assert len(answer("zsh", "80", "", *assigned, "convo", "-b")) == 4


def test_the_environment_names_the_session(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVO_SESSION", "recipes")
    assert offered("-b ") == ["main"]
    assert offered("-s paris -b ") == ["main", "tourism"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("switch to", ["", "tourism"]),
        ("switch 'to", ["", "tourism"]),
        ('switch "to', ["", "tourism"]),
        ("switch t\\o", ["", "tourism"]),
        ("turns --format=js", ["", "json", "jsonl"]),
        ("chat -m lo", ["open", "local/"]),
        ("chat -o temp", ["open", "temperature="]),
        ("chat -o verbosity=h", ["", "high"]),
        ("switch TO", [""]),
        ("turns > c", ["files", ""]),
        ("turns >c", ["files", ""]),
        ("turns > x.csv --form", ["", "--format"]),
        ("turns | convo swit", ["", "switch"]),
    ],
)
def test_what_bash_puts_into_the_line(machine: Path, line: str, found: list[str]) -> None:
    assert in_bash(line) == found


def test_a_list_in_bash_has_descriptions(machine: Path) -> None:
    assert in_bash("show ", "63") == [
        "",
        "2  (Any sights?)",
        "1  (What is the capital of France?)",
    ]
    # What follows an open quote would be put into the line.
    assert in_bash("show '", "63") == ["", "2", "1"]
    assert in_bash("show 2", "63") == ["", "2"]


def test_what_zsh_shows_beside_a_value(machine: Path) -> None:
    found = answer("zsh", "80", "", "convo", "switch")
    assert found[0] == "branches"
    assert found[1:7] == ["", "main", "main     -- 3 turns", "", "tourism", found[6]]
    assert found[6] == "tourism  -- current, 2 turns"
    assert (
        answer("zsh", "30", "3", "convo", "show", "-b", "main")[3] == "3  -- And tomorrow? I mean …"
    )


def commands(command: Command, path: str = "") -> list[tuple[str, Command]]:
    found = [(path, command)]
    for name, below in command.commands.items():
        found += commands(below, f"{path}{name} ")
    return found


COMMANDS = commands(root_command())
BEFORE = {"parameters": "-t brief "}
"""What such a value needs before it."""


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[path for path, _ in COMMANDS])
def test_every_value_that_can_be_known_is_completed(
    machine: Path, path: str, command: Command
) -> None:
    for option in command.options:
        if option.kind not in {"-", "free", "text_or_file"}:
            before = BEFORE.get(option.kind, "")
            for name in option.names:
                assert offered(f"{path}{before}{name} "), f"{path}{name}: {option.kind}"
            assert offered(f"{path}{before}{option.names[-1]}=")
    # Every argument may be given alone: the shells do not know what must come before it.
    given = ""
    for kind in command.arguments:
        if kind not in {"free"}:
            assert offered(f"{path}{given}"), f"{path}: {kind}"
        given += "theme " if kind == "config_keys" else "main " if kind == "branches" else "x "


def test_a_tab_that_asks_the_database_loads_little(machine: Path) -> None:
    (machine / "config.toml").write_text(f"db = '{machine}/c.db'\n{CONFIG}")
    command = answer("command")
    for line in ("convo -s ", "convo show ", "convo chat -m "):
        at_end = "print(*sys.modules)\nassert gc.get_freeze_count()"
        command[-1] = f"{answer('command')[-1]}{at_end}"
        asked = [*command, "bash", line, BREAKS, "9", "80"]
        environ = {**os.environ, "CONVO_DB": ""}
        done = subprocess.run(asked, env=environ, capture_output=True, check=True, timeout=PATIENCE)
        *found, loaded = done.stdout.decode().split("\0")
        assert len(found) > 2
        assert {"sqlite3", "convo_cli.completing.offers"} <= set(loaded.split())
        assert {*SLOW, "site", "typing", "re", "pathlib", "typer"} & set(loaded.split()) == {
            "sqlite3"
        }


def test_every_kind_of_value_is_found_without_other_packages(machine: Path) -> None:
    kinds: dict[str, str] = {}
    for path, command in COMMANDS:
        for option in command.options:
            kinds[option.kind] = f"{path}{BEFORE.get(option.kind, '')}{option.names[-1]}"
        given = ""
        for kind in command.arguments:
            kinds.setdefault(kind, f"{path}{given}".strip())
            given += "theme " if kind == "config_keys" else "x "
    assert {"settings", "config_values", "set_keys", "waiting"} <= kinds.keys()
    *python, start = answer("command")
    each = "for line in sys.argv[1:]:\n    main(['fish', '', *line.split()])\n"
    start = start.replace("main(sys.argv[1:])\n", each)
    done = subprocess.run([*python, start, *kinds.values()], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_program_answers_as_well(machine: Path, paris: Program) -> None:
    for wrong in ((), ("csh",), ("bash", "convo ")):
        assert "what shells ask" in paris("__complete", *wrong).error(2)
    done = paris("__complete", "fish", "", "switch")
    assert (done.code, done.err) == (0, "")
    assert done.out.split("\0")[1] == "main\t3 turns"
