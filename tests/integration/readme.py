"""The README's examples, run: `python -m tests.integration.readme` writes their real output.

A transcript is a block of lines `$ command`, each followed by what a person sees of it.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
DOCS = README.parent / "docs"

_BLOCK = r"(<!-- {} -->\n```\w+\n)(.*?)(```)"
_TIME = re.compile(r"20\d\d-\d\d-\d\d([ T])\d\d:\d\d(:\d\dZ)?")


def block(marker: str, document: Path = README) -> str:
    """The text of the fenced block behind a marker comment."""
    found = re.search(_BLOCK.format(marker), document.read_text(), re.DOTALL)
    assert found, marker
    return found[2]


def commands(transcript: str) -> list[str]:
    return [line[2:] for line in transcript.splitlines() if line.startswith("$ ")]


def played(lines: list[str]) -> str:
    """The transcript that comes of running commands in one shell, without a terminal."""
    script = "\n".join(f"echo {_quoted('$ ' + line)}\n{line} 2>&1" for line in lines)
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            ["bash", "-c", script], capture_output=True, text=True, check=True, env=_environ(home)
        )
    assert done.stderr == ""
    return done.stdout


def without_times(text: str) -> str:
    """A text in which every time is the same one."""
    return _TIME.sub(lambda time: f"2026-01-01{time[1]}00:00{':00Z' if time[2] else ''}", text)


def _environ(home: str) -> dict[str, str]:
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("CONVO_", "OPENAI_")) and key not in {"COLUMNS", "FORCE_COLOR"}
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    return {**kept, "PATH": path, "HOME": home, "TMPDIR": home, "LC_ALL": "C.UTF-8"}


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def main() -> None:
    transcript = played(commands(block("transcript")))
    text = README.read_text()
    pattern = re.compile(_BLOCK.format("transcript"), re.DOTALL)
    README.write_text(pattern.sub(lambda found: found[1] + transcript + found[3], text))


if __name__ == "__main__":
    main()
