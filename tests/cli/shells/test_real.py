"""What a user of each shell gets from a TAB, and what the shell then makes of the line."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.completing.test_typed import NAMES
from tests.cli.shells.real import SHELLS, TAB, RealShell

CONFIG = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}
LOADED = {
    "bash": 'eval "$(convo completion bash)"; bind "set bell-style none"',
    "zsh": 'autoload -Uz compinit && compinit -u; eval "$(convo completion zsh)"',
    "fish": "convo completion fish | source",
}


@pytest.fixture(params=SHELLS)
def shell(
    request: pytest.FixtureRequest, tmp_path: Path, conversations: Path
) -> Iterator[RealShell]:
    """A shell whose startup file loads the completions, and a database in its folder."""
    startup = tmp_path / CONFIG[request.param]
    startup.parent.mkdir(parents=True, exist_ok=True)
    startup.write_text(LOADED[request.param] + "\n")
    shutil.copy(conversations, tmp_path / "c.db")
    (tmp_path / "my file.txt").touch()
    with RealShell(request.param, tmp_path, CONVO_DB=str(tmp_path / "c.db")) as opened:
        yield opened


def test_a_tab(shell: RealShell) -> None:
    assert shell.words(f"swit{TAB}tour{TAB}") == ["switch", "tourism"]
    assert shell.words(f"turns --format=cs{TAB}-s rec{TAB}") == [
        "turns",
        "--format=csv",
        "-s",
        "recipes",
    ]
    assert shell.words(f"chat -o temp{TAB}0.5") == ["chat", "-o", "temperature=0.5"]
    assert shell.words(f"export -o my{TAB}") == ["export", "-o", "my file.txt"]
    assert shell.words(f"chat --attach=my{TAB}") == ["chat", "--attach=my file.txt"]
    assert shell.words(f"chat hello{TAB} you") == ["chat", "hello", "you"]
    shell.see(f"show {TAB}{TAB}", r"What is the capital of France\?")


STALE = {
    "bash": "_convo_command=(/nowhere/python)",
    "zsh": "_convo_command=(/nowhere/python)",
    "fish": "set -g __convo_command /nowhere/python",
}


def test_a_program_that_has_moved_is_found_again(shell: RealShell) -> None:
    assert shell.words(f"swit{TAB}") == ["switch"]
    shell.run(STALE[shell.shell])
    assert shell.words(f"swit{TAB}tour{TAB}") == ["switch", "tourism"]


def test_hostile_names_are_inert(shell: RealShell) -> None:
    names = [name for name in NAMES if not (shell.shell == "fish" and "\t" in name)]
    for name in names:
        with closing(sqlite3.connect(shell.home / "one.db")) as file, file:
            file.execute("DROP TABLE IF EXISTS agent_sessions")
            file.execute("CREATE TABLE agent_sessions (session_id TEXT, updated_at TEXT)")
            stored = name.encode("utf-8", "surrogateescape")
            file.execute("INSERT INTO agent_sessions VALUES (CAST(? AS TEXT), '')", (stored,))
        expected = ["--db", "one.db", "-s", name]
        assert shell.words(f"--db one.db -s {TAB}") == expected
        first = name[:1]
        if first.isalpha() and first.isascii():
            assert shell.words(f"--db one.db -s '{first}{TAB}") == expected
            assert shell.words(f'--db one.db -s "{first}{TAB}') == expected
    assert not (shell.home / "ran").exists()
