"""Fixtures that every folder of tests may use."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.postgres.fixtures import (
    databases,
    new_postgres_url,
    postgres_server,
    postgres_url,
    proxied,
)
from tests.postgres.run import Run
from tests.server.fixtures import openai_server

# No run of a test is traced: traces go to OpenAI.
os.environ["OPENAI_AGENTS_DISABLE_TRACING"] = "1"
# What a developer has configured, and their keys, are none of the tests'.
os.environ["CONVO_CONFIG"] = os.devnull
os.environ["XDG_DATA_HOME"] = "/nowhere"

__all__ = [
    "databases",
    "new_postgres_url",
    "openai_server",
    "postgres_server",
    "postgres_url",
    "proxied",
]

_RUN = pytest.StashKey[Run]()


def pytest_configure(config: pytest.Config) -> None:
    _heed_signals()
    if not hasattr(config, "workerinput"):
        config.stash[_RUN] = Run()


def pytest_unconfigure(config: pytest.Config) -> None:
    if run := config.stash.get(_RUN, None):
        run.end()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where the servers of this run are."""
    node.workerinput["postgres_run"] = str(node.config.stash[_RUN].folder)


@pytest.fixture(scope="session")
def postgres_run(pytestconfig: pytest.Config) -> Path:
    """The folder of the servers of this run."""
    if run := pytestconfig.stash.get(_RUN, None):
        return run.folder
    return Path(pytestconfig.workerinput["postgres_run"])


def _heed_signals() -> None:
    """Have what the tests start end on the signals that they send.

    What a shell runs in the background, and what `nohup` runs, ignores some of them, and so does
    all that is started from there.
    """
    for number, usual in (
        (signal.SIGINT, signal.default_int_handler),
        (signal.SIGHUP, signal.SIG_DFL),
        (signal.SIGTERM, signal.SIG_DFL),
    ):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Three workers for two cores: a test that runs a program waits for half of its time."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(cores * 3 // 2, 1)
