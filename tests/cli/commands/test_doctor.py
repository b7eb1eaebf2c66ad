"""`convo doctor`: what is in order on this machine, and what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.program import Program, Result, ended
from tests.server import OpenAIServer

KEY = "sk-nobody-may-see-this"


def findings(result: Result) -> dict[str, Any]:
    return {row["check"]: row for row in json.loads(result.out)}


def test_a_new_home_is_in_order(convo: Program) -> None:
    result = convo("doctor", "--json")
    assert (result.code, result.err) == (0, "")
    found = findings(result)
    assert {row["state"] for row in found.values()} <= {"ok", "note"}
    assert found["Agents SDK"]["found"][0].isdigit()
    assert found["database"]["found"].startswith("there is none yet")
    assert found["key of openai"]["found"] == "there is none"
    assert list(convo.home.iterdir()) == []


def test_a_database_that_is_in_order(paris: Program) -> None:
    result = paris("doctor")
    assert result.code == 0
    assert "sound, 2 sessions" in result.out
    assert result.err == "nothing is wrong\n"


@pytest.mark.parametrize(("mode", "state"), [(0o600, "ok"), (0o644, "note"), (0o666, "wrong")])
def test_who_can_open_the_database(paris: Program, mode: int, state: str) -> None:
    paris.db.chmod(mode)
    result = paris("doctor", "--json")
    assert findings(result)["database file"]["state"] == state
    assert result.code == (1 if state == "wrong" else 0)


def test_a_folder_that_others_can_write_to(paris: Program) -> None:
    paris.home.chmod(0o777)
    found = findings(paris("doctor", "--json"))["database file"]
    assert (found["state"], found["hint"]) == ("wrong", f"chmod o-w {paris.home}")


def test_a_damaged_database(paris: Program) -> None:
    paris.db.write_bytes(b"no database" * 1000)
    result = paris("doctor", "--json")
    assert result.code == 1
    assert findings(result)["database"]["state"] == "wrong"


def test_keys_are_present_or_not_and_never_shown(convo: Program) -> None:
    convo("key", "set", stdin=KEY)
    result = convo("doctor", "--offline", "--json", env={"LOCAL_API_KEY": KEY})
    found = findings(result)
    assert found["key of openai"]["found"] == "there is one"
    assert found["server openai"]["found"] == "not asked: --offline"
    assert KEY not in result.out + result.err
    path = Path(found["keys file"]["found"].partition(",")[0])
    path.chmod(0o644)
    result = convo("doctor", "--offline", "--json")
    assert result.code == 1
    found = findings(result)
    assert found["keys file"]["hint"] == found["keys"]["hint"] == f"chmod 600 {path}"


def test_servers_are_asked(convo: Program, openai_server: OpenAIServer) -> None:
    convo("server", "add", "here", openai_server.environ["OPENAI_BASE_URL"])
    convo("server", "add", "gone", "http://127.0.0.1:1/v1")
    env = {"HERE_API_KEY": openai_server.environ["OPENAI_API_KEY"]}
    result = convo("doctor", "--json", env=env)
    assert result.code == 1
    found = findings(result)
    assert found["server here"]["state"] == "ok"
    assert "connection refused" in found["server gone"]["found"]
    asked = len(openai_server.requests)
    assert convo("doctor", "--offline", env=env).code == 0
    assert len(openai_server.requests) == asked


def test_a_configuration_with_a_mistake(convo: Program) -> None:
    path = Path(convo("config", "path").out.strip())
    path.parent.mkdir(parents=True)
    path.write_text("modle = 1\n")
    result = convo("doctor", "--json")
    assert result.code == 1
    found = findings(result)
    assert "modle" in found["config.toml"]["found"]
    assert found["database"]["state"] == "ok"


@pytest.mark.parametrize("url", ["notaurl", "http://[", "http://me:secret@[/?key=secret"])
def test_an_address_that_is_none(convo: Program, url: str) -> None:
    env = {"OPENAI_BASE_URL": url}
    result = convo("doctor", "--json", env=env)
    assert result.code == 1
    assert "is not a web address" in result.out
    assert "secret" not in result.out
    assert (
        "is not a web address"
        in json.loads(convo("status", "--json", env={**env, "CONVO_MODEL": None}).out)["problem"]
    )


def test_a_database_that_cannot_be_named(convo: Program) -> None:
    result = convo("doctor", "--json", "--db", "postgresql://me:secret@host/db")
    assert result.code == 1
    assert "has a password in it" in findings(result)["database file"]["found"]
    assert "secret" not in result.out
    result = convo("doctor", "--json", "--db", convo.home)
    assert findings(result)["database file"]["found"] == f"{convo.home} is not a regular file"


def test_the_completion_of_the_shell(convo: Program) -> None:
    env = {"SHELL": "/bin/fish"}
    found = findings(convo("doctor", "--json", env=env))["completion"]
    assert (found["state"], found["hint"]) == ("note", "`convo completion fish --install` does it")
    convo("completion", "fish", "--install")
    assert findings(convo("doctor", "--json", env=env))["completion"]["state"] == "ok"
    Path(findings(convo("doctor", "--json", env=env))["completion"]["found"]).write_text("old")
    assert "another release" in findings(convo("doctor", "--json", env=env))["completion"]["found"]


def test_a_shell_that_is_not_known_is_told_which_have_one(convo: Program) -> None:
    found = findings(convo("doctor", "--json", "--offline"))["completion"]
    assert (found["state"], found["found"]) == ("note", "the shell is not known")
    assert found["hint"] == "there is one for bash, zsh, fish"


def test_what_the_terminal_can_do(convo: Program) -> None:
    child = convo.at_terminal("doctor", env={"TERM": "xterm-256color"}, columns=120)
    ended(child)
    assert "xterm-256color, 120x24" in child.before
    child = convo.at_terminal("doctor", env={"TERM": "dumb", "LANG": "C", "LC_ALL": "C"})
    ended(child)
    assert "it cannot redraw lines" in " ".join(child.before.split())
