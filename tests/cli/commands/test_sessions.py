"""`convo session …` and `convo sessions`."""

from __future__ import annotations

import json
import stat

from tests.program import Program, ended


def names(convo: Program) -> dict[str, bool]:
    return {row["session"]: row["current"] for row in json.loads(convo("sessions", "--json").out)}


def test_a_session_from_its_start_to_its_end(convo: Program) -> None:
    result = convo("session", "new", "Ägypten")
    assert (result.code, result.out, result.err) == (0, "", "started session 'Ägypten'\n")
    row = json.loads(convo("session", "new", "b", "--json").out)
    assert row == {"session": "b", "branch": "main"}
    assert convo("session", "use", "Ägypten").err == "session 'Ägypten' is current now\n"
    assert convo("session", "use", "Ägypten").err == "already in session 'Ägypten'\n"
    renamed = convo("session", "rename", "Ägypten", "Nil")
    assert (renamed.out, renamed.err) == ("", "renamed session 'Ägypten' to 'Nil'\n")
    assert names(convo) == {"b": False, "Nil": True}
    deleted = convo("session", "delete", "b", "--force", "--json")
    assert json.loads(deleted.out) == {"session": "Nil", "branch": "main", "deleted": "b"}
    assert names(convo) == {"Nil": True}


def test_sessions_under_three_names(paris: Program) -> None:
    assert paris("sessions").out == paris("session", "list").out == paris("list", "sessions").out


def test_the_session_of_an_option_of_the_environment_and_of_the_head(paris: Program) -> None:
    recipes = paris("turns", "-s", "recipes").out
    assert "Bread?" in recipes
    assert paris("turns", env={"CONVO_SESSION": "recipes"}).out == recipes
    assert "capital" in paris("turns", "-s", "paris", env={"CONVO_SESSION": "recipes"}).out
    assert "capital" in paris("turns", env={"CONVO_SESSION": ""}).out


def test_deleting_a_session_is_confirmed_on_a_terminal(paris: Program) -> None:
    for reply, code, left in (("n", 4, 2), ("y", 0, 1)):
        child = paris.at_terminal("session", "delete", "recipes")
        child.expect_exact("Delete the session 'recipes' with all its branches? [y/N] ")
        child.sendline(reply)
        assert ended(child) == code
        assert len(names(paris)) == left


def test_deleting_a_session_needs_force_where_nobody_can_be_asked(paris: Program) -> None:
    assert paris("session", "delete", "recipes").error(4) == (
        "deleting the session 'recipes' needs a yes; use --force to delete it"
    )
    assert "recipes" in names(paris)


def test_a_database_is_made_for_the_user_alone(convo: Program) -> None:
    path = convo.home / "new" / "folder" / "c.db"
    assert convo("session", "new", "a", "--db", path).code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_default_database_is_in_the_data_folder_of_the_user(convo: Program) -> None:
    data = convo.home / "data"
    env = {"CONVO_DB": None, "XDG_DATA_HOME": str(data)}
    assert convo("session", "new", "a", env=env).code == 0
    assert [path.name for path in data.rglob("*.db")] == ["conversations.db"]


def test_what_is_known_of_a_session(paris: Program) -> None:
    shown = paris("session", "info")
    assert shown.out.splitlines()[2] == "session   paris"
    assert "model     " in shown.out
    assert "agent" not in shown.out
    assert json.loads(paris("session", "info", "recipes", "--json").out)["session"] == "recipes"
    assert paris("session", "info", "parys").error(3) == "no session 'parys'; did you mean 'paris'?"
    assert "no conversation yet" in paris("session", "info", "--db", "none.db").error(3)
