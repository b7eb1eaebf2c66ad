"""A question that cannot be held is not asked: no answer is paid for that would be lost."""

from __future__ import annotations

import resource
import signal
from pathlib import Path

import pytest

from tests.cli.chat.at_terminal import ENTER, ChatAtTerminal
from tests.integration.locks import EXCLUSIVE_WITH_LOG, WRITE_LOCK, locked
from tests.integration.test_disk import MAY_MOUNT, disk, full
from tests.program import Program
from tests.server import OpenAIServer

__all__ = ["disk"]


IMPATIENT = """
from convo.store.base import OpenedStore
OpenedStore.__init__.__kwdefaults__["lock_timeout"] = 1.0
"""
"""Loaded by Python before the program, so that a test waits for locks less long than people do."""


def served_in(folder: Path, openai_server: OpenAIServer) -> Program:
    """The program after one turn, with a model on the test server; it waits a second for locks."""
    convo = Program(folder, {**openai_server.environ, "CONVO_MODEL": "test-model"})
    assert convo("chat", "-s", "talk", "One?").code == 0
    (folder / "site").mkdir(exist_ok=True)
    (folder / "site" / "sitecustomize.py").write_text(IMPATIENT)
    convo.env["PYTHONPATH"] = str(folder / "site")
    return convo


def no_descriptors() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))


def no_space() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


@pytest.mark.parametrize("lock", [WRITE_LOCK, EXCLUSIVE_WITH_LOG], ids=["write", "all"])
@pytest.mark.parametrize("command", [("chat", "Two?"), ("retry",)], ids=["chat", "retry"])
def test_a_locked_database(
    tmp_path: Path, openai_server: OpenAIServer, lock: tuple[str, ...], command: tuple[str, ...]
) -> None:
    convo = served_in(tmp_path, openai_server)
    with locked(convo.db, *lock):
        error = convo(*command).err.splitlines()[-1]
    assert "is locked: another process has held it" in error
    assert len(openai_server.requests) == 1


def test_a_disk_without_space(disk: Path, openai_server: OpenAIServer) -> None:
    convo = served_in(disk, openai_server)
    # The connections that closed took the log along: a new one needs space from the start.
    with full(disk):
        done = convo("chat", "Two?", preexec_fn=None if MAY_MOUNT else no_space)
    assert (done.code, len(openai_server.requests)) == (6, 1)
    assert done.error(6)
    assert convo("chat", "Two?").code == 0


def test_no_descriptors_left(tmp_path: Path, openai_server: OpenAIServer) -> None:
    convo = served_in(tmp_path, openai_server)
    error = convo("chat", "Two?", preexec_fn=no_descriptors).error(6)
    assert "no file descriptors are left" in error
    assert len(openai_server.requests) == 1


def test_in_the_chat_the_text_stays_in_the_line(
    tmp_path: Path, openai_server: OpenAIServer
) -> None:
    convo = served_in(tmp_path, openai_server)
    with ChatAtTerminal(convo, columns=160) as chat:
        chat.ready("talk:main 2>")
        with locked(convo.db, *WRITE_LOCK):
            chat.type("Two?" + ENTER)
            chat.see("^convo: the database .* is locked")
            chat.see("talk:main 2> Two\\?$")
            assert len(openai_server.requests) == 1
        chat.type(ENTER)
        chat.ready("talk:main 3>")
        assert chat.leave() == 0
    assert openai_server.requests[-1].user_texts == ["One?", "Two?"]


def test_in_the_chat_a_new_wording_stays_one(tmp_path: Path, openai_server: OpenAIServer) -> None:
    convo = served_in(tmp_path, openai_server)
    with ChatAtTerminal(convo, columns=160) as chat:
        chat.ready("talk:main 2>")
        chat.type("/edit 1" + ENTER)
        chat.see("One\\?$")
        with locked(convo.db, *WRITE_LOCK):
            chat.type(" Or two?" + ENTER)
            chat.see("^convo: the database .* is locked")
        chat.see("One\\? Or two\\?$")
        chat.type(ENTER)
        chat.ready("talk:one-or-two 2>")
    assert openai_server.requests[-1].user_texts == ["One? Or two?"]
