"""Fixtures of the command line: the program as a process, with and without conversations."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.cli.stored import make_conversations
from tests.program import Program


@pytest.fixture
def convo(tmp_path: Path) -> Program:
    """The program, with a database that is not there yet."""
    return Program(tmp_path)


@pytest.fixture(scope="session")
def conversations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database to be copied."""
    path = tmp_path_factory.mktemp("conversations") / "c.db"
    asyncio.run(make_conversations(path))
    return path


@pytest.fixture
def paris(convo: Program, conversations: Path) -> Program:
    """The program, on branch `tourism` of session `paris`."""
    shutil.copy(conversations, convo.db)
    return convo
