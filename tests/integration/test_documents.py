"""What CONTRIBUTING says is there has to be there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
PATHS = sorted(
    set(re.findall(r"`((?:core|cli|tests|completions|docs|benchmarks)/[\w./]*)`", CONTRIBUTING))
)
TARGETS = sorted(set(re.findall(r"\bmake ([a-z][a-z-]*)", CONTRIBUTING)))


@pytest.mark.parametrize("path", PATHS)
def test_every_path_that_is_named_is_there(path: str) -> None:
    assert (ROOT / path).exists()
    assert (ROOT / path).is_dir() == path.endswith("/")


def test_every_target_that_is_named_is_listed_by_make_help() -> None:
    said = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    listed = {line.split()[0] for line in said.stdout.splitlines() if line.startswith("  ")}
    assert TARGETS
    assert set(TARGETS) <= listed
