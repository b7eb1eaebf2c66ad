"""The program `llm` with its plugin `echo`, beside which a one-shot chat is measured.

It has a virtual environment of its own, in the user's cache, which is made once.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import platformdirs

REQUIREMENTS = ("llm==0.36", "llm-echo==0.5")
_MINUTES = 5


class NotInstalledError(Exception):
    """There is no `llm` to measure; the text says why."""


def folder() -> Path:
    """Where its environment is: outside of the repository, one for each Python and release."""
    version = "-".join([*REQUIREMENTS, f"python{sys.version_info[0]}.{sys.version_info[1]}"])
    return Path(platformdirs.user_cache_path("convo-benchmarks")) / version.replace("==", "-")


def installed(*, may_install: bool) -> Path:
    """The program, installed if it has to be and may be. Raises `NotInstalledError`."""
    environment = folder()
    program = environment / "bin" / "llm"
    done = environment / "installed"
    if not done.exists():
        if not may_install:
            raise NotInstalledError("`make bench` installs it; a quick run does not")
        pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        _run([sys.executable, "-m", "venv", "--clear", str(environment)])
        _run([*pip, "--disable-pip-version-check", *REQUIREMENTS])
        done.touch()
    return program


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_MINUTES * 60)
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip() or f"exit {error.returncode}").splitlines()[-1]
        raise NotInstalledError(f"it cannot be installed: {last}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalledError(f"it cannot be installed: {error}") from error
