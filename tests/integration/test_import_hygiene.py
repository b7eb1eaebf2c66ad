"""What is loaded when: looked up in processes of their own, in `sys.modules`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

AGENTS = {"agents", "openai", "pydantic", "mcp", "httpx2"}
TERMINAL = {"typer", "rich", "prompt_toolkit", "click", "convo_cli"}

LOAD_CONVO = """
import json, sys
import convo, convo.store, convo.session
print(json.dumps(sorted(sys.modules)))
"""

RUN_COMMAND = """
import json, sys
from convo_cli.app import run
code = run(sys.argv[1:])
assert code == 0, code
print("\\n" + json.dumps(sorted(sys.modules)))
"""


def loaded_by(program: str, *args: object) -> set[str]:
    """The top-level modules that a Python program has loaded when it is done."""
    said = subprocess.run(
        [sys.executable, "-c", program, *map(str, args)],
        env={name: value for name, value in os.environ.items() if not name.startswith("CONVO_")},
        check=True,
        capture_output=True,
        text=True,
    )
    return {name.partition(".")[0] for name in json.loads(said.stdout.splitlines()[-1])}


def test_the_library_loads_neither_the_sdk_nor_a_terminal() -> None:
    assert loaded_by(LOAD_CONVO) & (AGENTS | TERMINAL) == set()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with one turn, stored by the program itself."""
    path = tmp_path_factory.mktemp("hygiene") / "c.db"
    loaded = loaded_by(RUN_COMMAND, "chat", "--db", path, "--model", "echo", "Hello")
    assert loaded > AGENTS - {"mcp"}
    return path


@pytest.mark.parametrize(
    "command",
    [
        ["turns"],
        ["turns", "--json"],
        ["branch", "--turn", "1"],
        ["branches"],
        ["switch", "main"],
        ["usage", "--by-turn"],
        ["session", "list"],
        ["completion", "bash"],
    ],
    ids=" ".join,
)
def test_no_command_but_chat_loads_the_sdk(command: list[str], database: Path) -> None:
    assert loaded_by(RUN_COMMAND, "--db", database, *command) & {*AGENTS, "prompt_toolkit"} == set()
