"""The completion scripts: current, well-formed, and right."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from convo_cli.app import COMMANDS, program
from convo_cli.commands.completion import Shell, script
from convo_cli.shells.words import CommandWords, words_of
from tests.program import PATIENCE, Program

FOLDER = Path(__file__).parents[3] / "completions"
FILES: dict[Shell, str] = {"bash": "convo.bash", "zsh": "_convo", "fish": "convo.fish"}

DRIVER = """
source "$1"
COMP_WORDS=("${@:2}"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_convo
printf '%s\\n' "${COMPREPLY[@]}"
"""


def offered(*words: str) -> list[str]:
    """What bash offers for the last word."""
    command = ["bash", "--norc", "-c", DRIVER, "bash", FOLDER / "convo.bash", "convo", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize("shell", FILES)
def test_the_files_are_current(shell: Shell) -> None:
    assert (FOLDER / FILES[shell]).read_text() == script(shell, program()), (
        f"write it again: convo completion {shell} > completions/{FILES[shell]}"
    )


def test_the_command_prints_the_script(convo: Program) -> None:
    assert convo("completion", "bash").out == (FOLDER / "convo.bash").read_text()


@pytest.mark.parametrize("shell", FILES)
def test_the_shell_itself_can_read_it(shell: Shell) -> None:
    # bash is everywhere; of the others, those that are here are asked.
    if shell == "bash" or shutil.which(shell):
        subprocess.run([shell, "-n", FOLDER / FILES[shell]], check=True, timeout=PATIENCE)


@pytest.mark.parametrize("shell", FILES)
def test_every_command_and_option_is_in_it(shell: Shell) -> None:
    text = (FOLDER / FILES[shell]).read_text()
    for command in words_of(program()).everything():
        for option in (*command.options, *command.common):
            for name in option.names:
                assert _spelled(shell, name) in text, (command.path, name)
        assert " ".join(command.path[-1:]) in text


def _spelled(shell: Shell, name: str) -> str:
    if shell != "fish":
        return name
    return f"-l {name[2:]} " if name.startswith("--") else f"-s {name[1:]} "


@pytest.mark.parametrize(("shell", "quote"), [("zsh", "'\\''"), ("fish", "\\'")])
def test_quotes_are_balanced_where_the_shell_may_be_missing(shell: Shell, quote: str) -> None:
    lines = (FOLDER / FILES[shell]).read_text().splitlines()
    assert [line for line in lines if line.replace(quote, "").count("'") % 2] == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", " ".join(COMMANDS)),
        ("br", "branch branches"),
        ("session ", "list new use rename delete info"),
        ("session n", "new"),
        ("--db x -s y session n", "new"),
        ("-s list br", "branch branches"),
        ("--format ", "table json jsonl csv tsv"),
        ("turns --format = js", "json jsonl"),
        ("turns --format =", "table json jsonl csv tsv"),
        ("list ", "turns branches sessions tools"),
        ("completion ", "bash zsh fish"),
        ("chat --api ", "responses chat"),
        ("chat --model ", ""),
        ("chat list ", ""),
        ("branch --m", "--match"),
        ("switch --ma", ""),
    ],
)
def test_what_bash_offers(line: str, words: str) -> None:
    assert offered(*line.split(" ")) == words.split()


def test_bash_completes_paths(tmp_path: Path) -> None:
    (tmp_path / "one.db").touch()
    assert offered("--db", f"{tmp_path}/o") == [f"{tmp_path}/one.db"]


def test_bash_knows_the_function_as_the_completion_of_convo() -> None:
    line = f'source "{FOLDER}/convo.bash"; complete -p convo'
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout == "complete -F _convo convo\n"


def test_an_option_means_the_same_in_every_command() -> None:
    taking = set(words_of(program()).value_options())
    assert {"--db", "-s", "--turn", "-m"} <= taking
    assert not taking & {"--json", "--force", "--by-turn", "-q"}


def test_words_that_contradict_each_other_are_noticed() -> None:
    one, other = words_of(program()).commands[:2]
    torn = [option for option in one.common if "--json" in option.names]
    (option,) = torn
    changed = CommandWords(("x",), "x", (), (replace(option, takes_value=True),), (), (other,))
    with pytest.raises(ValueError, match="--json"):
        changed.value_options()
