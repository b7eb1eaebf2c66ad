"""What the library loads, looked up in `sys.modules` of a process of its own.

`tests/cli/test_imports.py` does the same for the commands.
"""

from __future__ import annotations

import json
import subprocess
import sys

LOADED = """
import json, sys
import convo, convo.store, convo.session
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""

AGENTS = {"agents", "httpx2", "mcp", "openai", "pydantic"}
TERMINAL = {"click", "convo_cli", "prompt_toolkit", "rich", "typer"}


def test_the_library_loads_neither_the_sdk_nor_a_terminal() -> None:
    said = subprocess.run([sys.executable, "-c", LOADED], check=True, capture_output=True)
    loaded = set(json.loads(said.stdout))
    assert "aiosqlite" in loaded
    assert loaded & (AGENTS | TERMINAL) == set()
