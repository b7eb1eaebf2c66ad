"""`.ci/run` in a folder of its own; stand-ins for Pythons, tools and Makefile note their use."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TOOL = """#!/bin/sh
echo "$(basename "$0") $1" >>said
test "$(basename "$0")" != "$(cat failing)"
"""
PYTHON = "#!/bin/sh\ncase $2 in *print*) echo 3.11 ;; esac\n"
MAKEFILE = """
setup test docs:
	@echo "$@ $(VENV) $$SECRET" >>said
	@test "$@ $(VENV)" != "$$(cat failing)"
"""
ALL = [
    "setup  hidden",
    *("ruff check", "ruff format", "mypy ", "lint-imports ", "test  ", "docs  hidden"),
    *("setup .venv-3.12 hidden", "test .venv-3.12 "),
    *("setup .venv-3.13 hidden", "test .venv-3.13 "),
]

Run = Callable[[str], "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs it where there are Pythons 3.12 and 3.13, and one thing fails."""
    pyenv = [f"pyenv/versions/{version}/bin/python3" for version in ("3.12.1", "3.13.0")]
    tools = [f".venv/bin/{name}" for name in ("ruff", "mypy", "lint-imports")]
    scripts = dict.fromkeys(tools, TOOL) | dict.fromkeys([*pyenv, ".venv/bin/python"], PYTHON)
    for name, script in scripts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "Makefile").write_text(MAKEFILE)
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)

    def run(failing: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "failing").write_text(failing)
        env = {"PATH": "/usr/bin:/bin", "PYENV_ROOT": str(tmp_path / "pyenv"), "SECRET": "hidden"}
        return subprocess.run([".ci/run"], cwd=tmp_path, env=env, capture_output=True, text=True)

    return run


def test_the_part_for_other_pythons_is_there() -> None:
    named = re.search(r"^PART=\((.*?)\)$", (ROOT / ".ci" / "run").read_text(), re.M | re.S)
    assert named
    for pattern in named[1].split():
        assert [*ROOT.glob(pattern)], pattern


def test_all_of_it_is_run_in_a_cleaned_environment(run: Run, tmp_path: Path) -> None:
    done = run("nothing")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("ci: all of it holds\n")
    assert (tmp_path / "said").read_text().splitlines() == ALL


@pytest.mark.parametrize("failing", ["mypy", "test ", "setup .venv-3.12", "test .venv-3.13"])
def test_whatever_fails_fails_it_and_the_rest_is_run(
    run: Run, tmp_path: Path, failing: str
) -> None:
    done = run(failing)
    assert done.returncode == 1
    assert f"ci: failed: {'make ' if ' ' in failing else '.venv/bin/'}" in done.stderr
    skipped = ["test .venv-3.12 "] if failing == "setup .venv-3.12" else []
    said = (tmp_path / "said").read_text().splitlines()
    assert said == [line for line in ALL if line not in skipped]


def test_without_an_environment_nothing_is_run(run: Run, tmp_path: Path) -> None:
    done = run("setup ")
    assert done.returncode == 1
    assert (tmp_path / "said").read_text().splitlines() == ["setup  hidden"]
