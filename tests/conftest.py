"""Fixtures that every folder of tests may use."""

import os

import pytest

from tests.server.fixtures import openai_server

# No run of a test is traced: traces go to OpenAI.
os.environ["OPENAI_AGENTS_DISABLE_TRACING"] = "1"

__all__ = ["openai_server"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Three workers for two cores: a test that runs a program waits for half of its time."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(cores * 3 // 2, 1)
