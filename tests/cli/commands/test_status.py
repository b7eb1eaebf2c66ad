"""`convo status`: where the user is, and which model answers."""

from __future__ import annotations

import json
from typing import Any

from tests.program import Program


def status_of(convo: Program, *more: str, **env: str | None) -> dict[str, Any]:
    return json.loads(convo("status", "--json", *more, env=env).out)


def test_a_database_that_is_not_there_yet(convo: Program) -> None:
    found = status_of(convo)
    assert (found["bytes"], found["session"], found["sessions"]) == (None, None, 0)
    assert "it does not exist yet" in convo("status").out
    assert not convo.db.exists()


def test_where_the_user_is(paris: Program) -> None:
    found = status_of(paris)
    assert (found["session"], found["branch"], found["turn"]) == ("paris", "tourism", 2)
    assert found["bytes"] == paris.db.stat().st_size
    assert found["database"] == str(paris.db)
    assert status_of(paris, "-b", "main")["branch"] == "main"
    assert paris("status", "-s", "rome").error(3).startswith("no session 'rome'")


def test_where_the_model_comes_from(paris: Program) -> None:
    paris("chat", "-m", "echo", "Hello")
    assert status_of(paris)["model_origin"] == "environment CONVO_MODEL"
    found = status_of(paris, CONVO_MODEL=None)
    assert (found["model"], found["model_origin"]) == ("echo", "session paris")
    paris("config", "set", "model", "gpt-5-mini")
    file = paris("config", "path").out.strip()
    found = status_of(paris, CONVO_MODEL=None)
    assert (found["model"], found["model_origin"]) == ("gpt-5-mini", f"file {file}:1")


def test_the_model_of_a_template(paris: Program) -> None:
    paris("template", "save", "brief", "-m", "echo", "-i", "Be brief.")
    paris("chat", "-t", "brief", "Hello", env={"CONVO_MODEL": None})
    found = status_of(paris, CONVO_MODEL=None)
    assert (found["template"], found["model_origin"]) == ("brief", "template brief")


def test_without_a_key_or_a_server_nobody_answers(convo: Program) -> None:
    found = status_of(convo, CONVO_MODEL=None)
    assert (found["model"], found["problem"]) == (None, "there is neither a key nor a server")
    found = status_of(convo, CONVO_MODEL=None, OPENAI_API_KEY="sk-x")
    assert (found["model_origin"], found["problem"]) == ("default", None)


def test_a_server_is_shown_without_its_password(convo: Program) -> None:
    out = convo("status", env={"OPENAI_BASE_URL": "http://me:secret@127.0.0.1:1/v1"}).out
    assert "http://127.0.0.1:1/v1" in out
    assert "secret" not in out


def test_what_waits_and_what_can_be_restored(paris: Program) -> None:
    nowhere = {"CONVO_MODEL": "m", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}
    assert paris("chat", "Hello", env=nowhere).code == 5
    assert paris("undo").code == 0
    found = status_of(paris)
    assert (found["waiting"], found["restorable"]) == (1, 1)
    assert "1 prompt; `convo show --waiting` lists them" in paris("status").out
