"""The Makefile in a folder of its own; stand-ins for Python and convo note what it asks."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PYTHON = """#!/bin/sh
echo "$*" >>"$NOTES"
case "$*" in
    *version_info*) test -z "$TOO_OLD" ;;
    -V) echo Python 3.9.6 ;;
    *ensurepip*) test -z "$NO_ENSUREPIP" ;;
    "-m venv "*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    "-m pip install "*) echo Successfully installed && cp convo .venv/bin/convo ;;
esac
"""

CONVO = """#!/bin/sh
echo "${CONVO_MODEL:-${OPENAI_BASE_URL:-nobody}} was given '$*' and '$(cat)'"
"""

KEY, SERVER = "OPENAI_API_KEY", "OPENAI_BASE_URL"


@dataclass(frozen=True)
class Clone:
    """A folder with the Makefile and the stand-ins."""

    folder: Path

    def make(
        self, *args: str, stdin: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        # Whatever make or convo was told outside is not meant for this one.
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ARGS", "CONVO_", "MAKE", "MFLAGS", "OPENAI_"))
        }
        return subprocess.run(
            ["make", "PYTHON=./python", *args],
            cwd=self.folder,
            env=inherited | {"NOTES": "notes"} | variables,
            input=stdin,
            capture_output=True,
            text=True,
        )

    def installs(self) -> int:
        return (self.folder / "notes").read_text().count("-m pip install")

    def stamp(self) -> Path:
        return self.folder / ".venv/.installed"


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    folder = tmp_path / "a clone"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    for name, script in (("python", PYTHON), ("convo", CONVO)):
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    return Clone(folder)


def test_a_first_chat_writes_the_answer_alone(clone: Clone) -> None:
    done = clone.make("chat", stdin="hi")
    assert done.stdout == "echo was given 'chat' and 'hi'\n"
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("variables", "asked", "told"),
    [
        ({}, "echo", "the built-in offline model 'echo' answers"),
        ({KEY: "", SERVER: "", "CONVO_MODEL": ""}, "echo", "offline model 'echo' answers"),
        ({KEY: "sk-1"}, "https://api.openai.com/v1", "OpenAI, because OPENAI_API_KEY is set"),
        ({SERVER: "http://me:sk-1@box/v1"}, "http://me:sk-1@box/v1", "that OPENAI_BASE_URL names"),
        ({KEY: "sk-1", SERVER: "http://box/v1"}, "http://box/v1", "that OPENAI_BASE_URL names"),
        ({KEY: "sk-1", "CONVO_MODEL": "gpt-5"}, "gpt-5", "'gpt-5', which CONVO_MODEL names"),
    ],
)
def test_what_is_set_is_asked_and_said(
    clone: Clone, variables: dict[str, str], asked: str, told: str
) -> None:
    clone.make("setup")
    done = clone.make("chat", "ARGS=--new", stdin="hi", **variables)
    assert done.stdout == f"{asked} was given 'chat --new' and 'hi'\n"
    assert (done.stderr.count("\n"), done.stderr.count("sk-1")) == (1, 0)
    assert done.stderr.startswith("make chat: ")
    assert told in done.stderr


def test_what_is_installed_is_installed_once(clone: Clone) -> None:
    clone.make("chat")
    clone.make("chat")
    assert clone.installs() == 1


@pytest.mark.parametrize("changed", ["pyproject.toml", "constraints.txt"])
def test_a_change_of_what_is_needed_installs_again(changed: str, clone: Clone) -> None:
    clone.make("chat")
    later = clone.stamp().stat().st_mtime
    for name in ("pyproject.toml", "constraints.txt"):
        os.utime(clone.folder / name, (later - 20, later - 20))
    os.utime(clone.stamp(), (later - 10, later - 10))
    clone.make("chat")
    assert clone.installs() == 1
    os.utime(clone.folder / changed, (later, later))
    clone.make("chat")
    assert clone.installs() == 2


def test_a_moved_clone_gets_an_environment_of_its_own(clone: Clone) -> None:
    clone.make("chat")
    moved = Clone(clone.folder.rename(clone.folder.with_name("moved")))
    (moved.folder / ".venv/of-the-old-place").touch()
    assert moved.make("chat").returncode == 0
    assert not (moved.folder / ".venv/of-the-old-place").exists()
    assert moved.installs() == 2
    moved.make("chat")
    assert moved.installs() == 2


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("TOO_OLD", "convo needs Python 3.11 or newer, and ./python is Python 3.9.6."),
        ("NO_ENSUREPIP", "sudo apt install python3-venv"),
    ],
)
def test_a_python_that_will_not_do_is_named(variable: str, message: str, clone: Clone) -> None:
    done = clone.make("test", **{variable: "1"})
    assert message in done.stderr
    assert done.returncode == 2
    assert not clone.stamp().exists()


def test_a_python_that_is_not_there_is_named(clone: Clone) -> None:
    done = clone.make("test", "PYTHON=./nowhere")
    assert '"./nowhere" does not run. Install Python 3.11 or newer' in done.stderr
    assert done.returncode == 2


def test_help_lists_every_target_and_installs_nothing(clone: Clone) -> None:
    done = clone.make()
    for target in ("chat", "test", "check", "bench", "bench-quick", "lock", "format", "clean"):
        assert f"\n  {target} " in done.stdout
    assert not (clone.folder / ".venv").exists()
