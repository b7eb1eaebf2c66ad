"""The program on a PostgreSQL server: addresses, passwords, people, and `convo db`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.cli.stored import make_conversations
from tests.core.addresses import execute, rows
from tests.postgres.databases import Databases
from tests.postgres.server import Server
from tests.program import Program, Result


class OnServer(Program):
    """The program on a server, whose password is in CONVO_DB alone."""

    def on(self, url: str) -> OnServer:
        parts = urlsplit(url)
        self.password = parts.password or ""
        self.address = f"postgresql://{parts.username}@{parts.hostname}:{parts.port}{parts.path}"
        self.env["CONVO_DB"] = url
        return self


@pytest.fixture
def convo(tmp_path: Path, postgres_url: str) -> OnServer:
    return OnServer(tmp_path).on(postgres_url)


@pytest.fixture
def named(convo: OnServer) -> OnServer:
    """The same; nothing names the database or knows its password."""
    del convo.env["CONVO_DB"]
    return convo


LOOKS = (
    *("status", "db path", "db check", "config list --origin", "config get db"),
    *("doctor --offline", "sessions", "turns", "search hello", "usage --all --by-day"),
    "branches --tree",
)


def test_a_conversation_and_no_password(convo: OnServer) -> None:
    lines = ["chat hello", *LOOKS, "db backup x.db --debug", "show 9 --debug", "db gc --force"]
    done = convo.each(*lines)
    assert [one.code for one in done] == [0] * 12 + [2, 3, 0]
    assert done[1].out.startswith("what")
    assert convo.address in done[1].out
    assert done[2].out == f"{convo.address}\n"
    assert done[3].err == "the database is sound\n"
    assert "use pg_dump, or `convo db copy`" in done[12].err
    assert done[14].err == "removed 0 things that could be restored\n"
    assert convo.password not in "".join(one.out + one.err for one in done)
    assert not list(convo.home.glob(f"**/*{convo.password}*"))
    json_of = convo("status", "--json")
    assert json.loads(json_of.out)["database"] == convo.address
    assert json.loads(json_of.out)["bytes"] is None


def test_a_password_on_the_command_line_is_refused(named: OnServer) -> None:
    url = f"postgresql://ann:{named.password}@db/convo"
    for args in (("--db", url, "turns"), ("db", "copy", url, "x.db"), ("config", "set", "db", url)):
        env = {"CONVO_CONFIG": str(named.home / "config.toml")}
        said = named(*args, "--debug", env=env).error(2)
        assert "db:5432:convo:ann:PASSWORD into ~/.pgpass" in said
        assert named.password not in said
    assert not (named.home / "config.toml").exists()


@pytest.mark.parametrize("way", ["PGPASSWORD", "PGPASSFILE", "pgpass", "service", "config"])
def test_where_the_password_is_found(named: OnServer, way: str) -> None:
    file = named.home / ("file" if way != "pgpass" else ".pgpass")
    file.write_text(f"*:*:*:*:{named.password}\n")
    file.chmod(0o600)
    address, env = named.address, {}
    if way == "service":
        file.write_text(f"[team]\npassword={named.password}\n")
        address, env = f"{address}?service=team", {"PGSERVICEFILE": str(file)}
    elif way == "config":
        config = named.home / "config.toml"
        config.write_text(f'db = "{address}"\n')
        config.chmod(0o600)
        env = {"CONVO_CONFIG": str(config), "PGPASSFILE": str(file)}
    elif way != "pgpass":
        env = {way: named.password if way == "PGPASSWORD" else str(file)}
    args = () if way == "config" else ("--db", address)
    done = named("sessions", *args, env=env)
    assert (done.code, done.err) == (0, "")


def test_what_keeps_a_server_from_being_used(named: OnServer, postgres_server: Server) -> None:
    right = {"PGPASSWORD": named.password}
    base, database = named.address.rsplit("/", 1)
    host = base.rsplit(":", 1)[0]
    for address, env, what in (
        (named.address, {}, "no password supplied; put the password in ~/.pgpass"),
        (named.address, {"PGPASSWORD": "wr0ng"}, "password authentication failed"),
        (f"{base}/nosuch", right, 'database "nosuch" does not exist'),
        (f"{host}:1/{database}", right, "Connection refused; is a server running there?"),
        (f"{named.address}?sslmode=require", right, "server does not support SSL"),
    ):
        said = named("--db", address, "turns", "--debug", env=env)
        assert (said.code, said.out) == (6, "")
        last = said.err.splitlines()[-1]
        shown = address.partition("?")[0]
        assert last.startswith(f"convo: the database {shown} cannot be opened: {what}")
        assert named.password not in said.err
        assert "wr0ng" not in said.err


def test_a_password_is_asked_for_on_a_terminal(named: OnServer) -> None:
    shown = named.at_terminal("--db", named.address, "sessions", "--json")
    shown.expect_exact(f"Password for {named.address}: ")
    shown.sendline(named.password)
    shown.expect_exact("[]")
    shown.expect_exact("\n")
    shown.wait()
    assert shown.exitstatus == 0
    assert named.password not in (shown.before or "")


def test_ctrl_c_at_the_password_ends_the_program_and_the_echo_is_back(named: OnServer) -> None:
    shown = named.at_terminal("--db", named.address, "sessions")
    shown.expect_exact("Password for ")
    shown.sendintr()
    shown.expect_exact("interrupted")
    shown.wait()
    assert shown.exitstatus == 130
    assert shown.getecho()


def test_two_people_are_where_they_are(convo: OnServer) -> None:
    convo.each("chat one", "chat two", "branch --turn 2 side")
    bob = {"CONVO_USER": "bob"}
    # There is no current session of his that a prompt could go on in.
    done = convo.each("sessions --json", "chat mine", "session use one", "turns --json", env=bob)
    assert not any(one["current"] for one in json.loads(done[0].out)[1:])
    assert "started session 'mine'" in done[1].err
    assert len(json.loads(done[3].out)) == 2
    (status,) = convo.each("status --json")
    found = json.loads(status.out)
    assert (found["session"], found["branch"]) == ("one", "side")


def test_a_tab_answers_what_it_can_and_asks_no_server(named: OnServer) -> None:
    def completed(line: str) -> Result:
        return named(
            "__complete", "bash", line, " ", "9", "80", env={"CONVO_DB": "postgresql://x/y"}
        )

    assert "--limit" in completed("convo turns --lim").out
    for line in ("convo show ", "convo turns -s ", "convo switch --db postgresql://x/z "):
        done = completed(line)
        assert (done.code, done.err) == (0, "")


def test_tables_made_by_an_administrator(
    tmp_path: Path, databases: Databases, postgres_server: Server
) -> None:
    name = databases.url("limited").rsplit("/", 1)[1]
    databases.make(name)
    connection = databases.connection(name)
    connection.execute("DROP ROLE IF EXISTS limited")
    connection.execute("CREATE ROLE limited LOGIN PASSWORD 'limited'")
    try:
        url = postgres_server.url(name, user="limited", password="limited")
        convo = OnServer(tmp_path).on(url)
        init, chat, sql = convo.each("db init", "chat hi", "db sql")
        assert "`convo db sql --role ROLE` prints what an administrator runs" in init.error(6)
        assert "make the tables with `convo db init`" in chat.err
        for _ in range(2):
            connection.execute(sql.out.encode())
        done = convo.each("db init", "chat hi", "undo", "restore", "db check")
        assert [one.code for one in done] == [0] * 5
        connection.execute(
            "REVOKE USAGE ON SEQUENCE message_structure_id_seq, convo_runs_id_seq FROM limited"
        )
        assert convo("chat", "hi").code == 0
        connection.execute("REVOKE INSERT ON agent_messages FROM limited")
        assert "permission denied for table agent_messages" in convo("chat", "hi").err
    finally:
        databases.drop(name)
        connection = databases.connection("postgres")
        connection.execute("DROP ROLE IF EXISTS limited")


def test_the_script_needs_somebody_to_grant_rights_to(tmp_path: Path) -> None:
    convo = Program(tmp_path)
    assert "name a --role" in convo("db", "sql").error(2)
    out = convo("db", "sql", "--role", 'o"x', "--schema", "s").out
    assert 'GRANT USAGE ON SCHEMA "s" TO "o""x";' in out
    assert out.startswith("BEGIN;\n")


def test_tables_where_there_are_none(tmp_path: Path, new_postgres_url: str) -> None:
    convo = OnServer(tmp_path).on(new_postgres_url)
    turns, init, again, after = convo.each("turns", "db init", "db init", "sessions --json")
    assert turns.code == 6
    assert "make the tables with `convo db init`" in turns.err
    assert (init.code, again.code) == (0, 0)
    assert after.out == "[]\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.db"
    asyncio.run(make_conversations(path))
    return path


def test_a_file_on_the_server_and_back(convo: OnServer, file: Path) -> None:
    env = {"PGPASSWORD": convo.password, "CONVO_DB": None}
    there = convo("db", "copy", file, convo.address, "--json", env=env)
    told = json.loads(there.out)
    assert (told["sessions"], told["skipped"], told["to"]) == (2, 0, convo.address)
    assert "already exists there" in convo("db", "copy", file, convo.address, env=env).error(4)
    back, shown = convo.each(
        f"db copy {convo.address} back.db", "sessions --db back.db --json", env=env
    )
    assert back.code == 0
    assert len(json.loads(shown.out)) == 2
    for line in ("show --json -s paris", "usage --json -s paris", "branches --json -s paris"):
        mine, theirs, again = convo.each(
            *(f"{line} --db {db}" for db in (file, convo.address, "back.db")), env=env
        )
        assert mine.out == theirs.out == again.out


def test_one_session_is_copied(convo: OnServer, file: Path) -> None:
    env = {"PGPASSWORD": convo.password, "CONVO_DB": None}
    done = convo("db", "copy", file, convo.address, "-s", "par", env=env)
    assert "copied 1 session, " in done.err
    assert [
        name for (name,) in rows(convo.env["CONVO_DB"], "SELECT session_id FROM agent_sessions")
    ]
    assert "no session 'nosuch'" in convo("db", "copy", file, "x.db", "-s", "nosuch").error(3)


def test_what_cannot_be_copied(convo: OnServer, file: Path) -> None:
    assert "FROM and TO are one database" in convo("db", "copy", file, file).error(2)
    assert "there is no database at none.db" in convo("db", "copy", "none.db", "x.db").error(3)
    assert convo("db", "copy", "mysql://x/y", file).code == 2
    execute(file, "UPDATE agent_messages SET message_data = x'fffe' WHERE id = 1")
    env = {"PGPASSWORD": convo.password}
    said = convo("db", "copy", file, convo.address, env=env).error(6)
    assert "session 'recipes' has a text that cannot be stored there, and was not copied" in said
