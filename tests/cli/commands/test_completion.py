"""`convo completion`: prints the scripts, and puts them where the shells look."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from convo_cli.shells.places import FILES, script
from tests.cli.shells.real import SHELLS, TAB, RealShell, needs
from tests.program import PATIENCE, Program

README = Path(__file__).parents[3] / "README.md"
PLACES = {
    "bash": ".local/share/bash-completion/completions/convo",
    "zsh": ".zfunc/_convo",
    "fish": ".config/fish/completions/convo.fish",
}


@pytest.mark.parametrize("shell", FILES)
def test_the_command_prints_the_script(convo: Program, shell: str) -> None:
    assert convo("completion", shell).out == script(shell)


@pytest.mark.parametrize("shell", FILES)
def test_the_shell_itself_can_read_it(shell: str, tmp_path: Path) -> None:
    (tmp_path / "script").write_text(script(shell))
    subprocess.run([needs(shell), "-n", tmp_path / "script"], check=True, timeout=PATIENCE)


@pytest.mark.parametrize("shell", FILES)
def test_it_is_installed_once(convo: Program, shell: str) -> None:
    place = convo.home / PLACES[shell]
    done = convo("completion", shell, "--install")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith(f"installed: {place}\n")
    assert place.read_text() == script(shell)
    assert place.parent.stat().st_mode & 0o022 == 0
    before = place.stat().st_mtime_ns
    again = json.loads(convo("completion", shell, "--install", "--json").out)
    assert (again["path"], again["changed"]) == (str(place), False)
    assert (again["remaining"] is None) == (shell == "fish")
    assert place.stat().st_mtime_ns == before
    place.write_text("# An older one.\n")
    assert convo("completion", shell, "--install").code == 0
    assert place.read_text() == script(shell)


def test_the_places_follow_the_environment(convo: Program) -> None:
    named = {
        "bash": {"BASH_COMPLETION_USER_DIR": "b"},
        "zsh": {"ZDOTDIR": "z"},
        "fish": {"XDG_CONFIG_HOME": "f"},
    }
    for shell, environ in named.items():
        env = {name: str(convo.home / value) for name, value in environ.items()}
        assert convo("completion", shell, "--install", env=env).code == 0
    made = {str(one.relative_to(convo.home)) for one in convo.home.rglob("*") if one.is_file()}
    assert made == {"b/completions/convo", "z/.zfunc/_convo", "f/fish/completions/convo.fish"}


def test_a_place_that_cannot_be_written_is_named(convo: Program) -> None:
    (convo.home / ".zfunc").touch()
    error = convo("completion", "zsh", "--install").error(2)
    assert str(convo.home / ".zfunc") in error


@pytest.mark.parametrize("shell", SHELLS)
def test_the_lines_of_the_readme_work_in_an_empty_home(paris: Program, shell: str) -> None:
    needs(shell)
    section = README.read_text().partition("## Completions")[2].partition("\n## ")[0]
    blocks = re.findall(r"(?:^    .+\n)+", section, re.MULTILINE)
    (lines,) = [block.splitlines() for block in blocks if f"completion {shell} " in block]
    for line in lines:
        assert paris.shell(line.strip()).code == 0, line
    with RealShell(shell, paris.home, CONVO_DB=str(paris.db)) as opened:
        assert opened.words(f"swit{TAB}tour{TAB}") == ["switch", "tourism"]
    # Nothing is left to do, and the program knows.
    told = json.loads(paris("completion", shell, "--install", "--json").out)
    assert (told["changed"], told["remaining"]) == (False, None)
