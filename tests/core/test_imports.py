import subprocess
import sys

HEAVY = {"agents", "openai", "pydantic", "mcp", "typer", "rich", "prompt_toolkit", "click"}


def test_the_library_loads_neither_a_terminal_nor_the_sdk() -> None:
    code = "import sys, convo; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()
