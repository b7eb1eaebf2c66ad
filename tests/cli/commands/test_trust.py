"""One-shot chats on databases that name servers and agents which the user has not named."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.hostile import marking_agent, says_of_held, says_of_session
from tests.program import Program
from tests.server import OpenAIServer

KEY = "sk-the-users-own-key"
OTHER = "which you have not named on this machine"


@pytest.fixture
def keyed(convo: Program) -> Program:
    """The program of a user with a key, who names no model and no server."""
    del convo.env["CONVO_MODEL"]
    convo.env.update(OPENAI_API_KEY=KEY, NO_PROXY="127.0.0.1", no_proxy="127.0.0.1")
    return convo


def session_at(path: Path, where: str) -> None:
    says_of_session(path, base_url=where, model="m")


def held_turn_at(path: Path, where: str) -> None:
    says_of_held(path, {"base_url": where, "model": "m", "api": "chat"})


@pytest.mark.parametrize(
    ("prepare", "command"),
    [
        (session_at, ("chat", "Hi")),
        (session_at, ("retry",)),
        (session_at, ("chat", "-m", "mine", "--api", "responses", "Hi")),
        (held_turn_at, ("retry",)),
        (held_turn_at, ("retry", "-m", "mine")),
    ],
)
def test_a_server_that_only_the_database_names_is_sent_nothing(
    keyed: Program,
    openai_server: OpenAIServer,
    prepare: Callable[[Path, str], None],
    command: tuple[str, ...],
) -> None:
    where = openai_server.base_url
    prepare(keyed.db, where)
    assert keyed(*command).err.splitlines()[-1] == (
        f"convo: the database names the server {where}, {OTHER}; "
        f"--base-url {where} asks it, another --base-url another server"
    )
    assert keyed(*command).code == 5
    assert openai_server.requests == []
    assert not (keyed.home / ".local" / "state" / "convo" / "trusted.json").exists()


def test_a_server_that_was_named_once_is_asked_from_then_on(
    keyed: Program, openai_server: OpenAIServer, tmp_path: Path
) -> None:
    says_of_session(keyed.db, base_url=openai_server.base_url, model="m")
    assert keyed("chat", "--base-url", f"{openai_server.base_url}/", "-m", "m", "One").code == 0
    assert keyed("chat", "Two").code == 0
    # It is the machine that knows it, and not the database.
    other = tmp_path / "other.db"
    says_of_session(other, base_url=openai_server.base_url, model="m")
    assert keyed("chat", "Three", "--db", other).code == 0
    assert [request.key for request in openai_server.requests] == [KEY] * 3


def test_the_environment_names_a_server_too(keyed: Program, openai_server: OpenAIServer) -> None:
    assert (
        keyed("chat", "-m", "m", "One", env={"OPENAI_BASE_URL": openai_server.base_url}).code == 0
    )
    assert keyed("chat", "Two").code == 0
    assert len(openai_server.requests) == 2


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com@evil.example/v1",
        "https://api.openai.com\\@evil.example/v1",
        "http://evil.example/\x1b]0;x\x07",
        "nonsense",
    ],
)
def test_what_is_no_address_is_not_asked(keyed: Program, url: str) -> None:
    says_of_session(keyed.db, base_url=url, model="m")
    said = keyed("chat", "Hi").error(5)
    assert said.endswith(", which is not a web address; name the server with --base-url URL")
    assert "\x1b" not in said


@pytest.mark.parametrize("odd", [b"http://evil.example", ""])
def test_what_is_no_text_counts_as_missing(keyed: Program, odd: Any) -> None:
    says_of_session(keyed.db, base_url=odd, agent=odd, api=odd, model=odd)
    said = keyed("chat", "Hi", env={"OPENAI_API_KEY": None}).error(5)
    assert said.startswith("no model to ask")
    assert keyed("chat", "-m", "echo", "Hi").code == 0


@pytest.mark.parametrize(
    "options", [[], 5, None, {"base_url": 5, "api": [], "agent": {}, "instructions": 1, "model": 2}]
)
def test_held_options_of_other_types_count_as_missing(convo: Program, options: Any) -> None:
    says_of_held(convo.db, options)
    assert convo("retry").code == 0


def test_a_model_whose_name_says_where_it_is_asked(keyed: Program) -> None:
    says_of_session(keyed.db, model="litellm/huggingface/https://evil.example")
    said = keyed("chat", "Hi").error(5)
    assert said == (
        f"the database names the model litellm/huggingface/https://evil.example, {OTHER}; "
        "-m litellm/huggingface/https://evil.example asks it, another -m another model"
    )


@pytest.mark.parametrize("command", [("chat", "Hi"), ("retry",)])
def test_an_agent_that_only_the_database_names_is_not_run(
    convo: Program, command: tuple[str, ...]
) -> None:
    file = marking_agent(convo.home / "it is theirs")
    if command[0] == "chat":
        says_of_session(convo.db, agent=f"{file}:agent")
    else:
        says_of_held(convo.db, {"agent": f"{file}:agent"})
    done = convo(*command)
    assert done.code == 2
    assert done.err.splitlines()[-1] == (
        f"convo: the database names the agent {file}:agent, {OTHER}; "
        f"-a {shlex.quote(f'{file}:agent')} runs it, --no-agent goes on without it"
    )
    assert not (file.parent / "ran").exists()
    assert convo(*command, "--no-agent").code == 0
    assert not (file.parent / "ran").exists()


@pytest.mark.parametrize(
    "named", ["desk", "desk:agent", "./desk.py", "../home/desk.py", "sub.desk"]
)
def test_a_bare_name_is_none_of_a_file_that_was_named(
    convo: Program, named: str, tmp_path: Path
) -> None:
    convo.home = tmp_path / "home"
    marking_agent(convo.home)
    marking_agent(convo.home / "sub")
    says_of_session(convo.db, agent=named)
    said = convo("chat", "Hi", cwd=convo.home).error(2)
    assert said.startswith("the database names the agent ")
    assert f"{convo.home}/" in said
    assert list(convo.home.rglob("ran")) == []


@pytest.mark.parametrize(
    "odd",
    [
        "~nobody-here/x.py",
        "x" * 5000 + ".py",
        "/a\0/../b.py",
        "/a\0.py",
        ":",
        "@/",
        "a@/b",
        "a:b:c",
        "__main__",
        "__main__:x",
        "os:system",
        "/dev/null",
        "/",
        "a.b@/a/c.py",
        "\x1b[2J.py",
    ],
)
def test_what_names_no_agent_is_refused(convo: Program, odd: str) -> None:
    says_of_session(convo.db, agent=odd)
    said = convo("chat", "Hi").error(2)
    assert said.startswith(("the agent of this session is gone: ", "the database names the agent "))
    assert len(said) < 600
    assert "\x1b" not in said


def test_another_function_of_a_file_is_another_agent(convo: Program) -> None:
    file = marking_agent(convo.home)
    assert convo("chat", "-a", f"{file}:agent", "One").code == 0
    (convo.home / "ran").unlink()
    says_of_session(convo.home / "theirs.db", agent=f"{file}:wipe")
    said = convo("chat", "Two", "--db", convo.home / "theirs.db").error(2)
    assert said.startswith(f"the database names the agent {file}:wipe, {OTHER}")
    assert not (convo.home / "ran").exists()


def test_a_named_file_is_run_as_it_was_named(convo: Program) -> None:
    (convo.home / "pkg").mkdir()
    marking_agent(convo.home / "pkg")
    assert convo("chat", "-a", "pkg.desk:agent", "One", cwd=convo.home).code == 0
    (convo.home / "pkg" / "ran").unlink()
    for named in ("desk:agent@", ""):
        theirs = convo.home / f"theirs{len(named)}.db"
        says_of_session(theirs, agent=f"{named}{convo.home}/pkg/desk.py")
        assert "names the agent" in convo("chat", "Two", "--db", theirs).error(2)
    assert convo("chat", "Two", cwd="/").code == 0
    assert (convo.home / "pkg" / "ran").exists()


def test_a_path_that_one_line_cannot_show_is_not_shown_as_another(convo: Program) -> None:
    file = marking_agent(convo.home, "a  b.py")
    says_of_session(convo.db, agent=str(file))
    assert (
        convo("chat", "Hi").error(2).endswith("; -a FILE.py runs it, --no-agent goes on without it")
    )


def test_an_agent_that_was_named_once_goes_on(convo: Program) -> None:
    file = marking_agent(convo.home)
    assert convo("chat", "-a", file, "One").code == 0
    (convo.home / "ran").unlink()
    file.write_text(file.read_text() + "# Edited.\n")
    assert convo("chat", "Two").code == 0
    assert (convo.home / "ran").exists()


def test_a_module_is_the_one_that_it_was(convo: Program) -> None:
    marking_agent(convo.home / "mine")
    marking_agent(convo.home / "theirs")
    assert convo("chat", "-a", "desk:agent", "One", cwd=convo.home / "mine").code == 0
    (convo.home / "mine" / "ran").unlink()
    assert convo("chat", "Two", cwd=convo.home / "theirs").code == 0
    assert (convo.home / "mine" / "ran").exists()
    assert not (convo.home / "theirs" / "ran").exists()


def test_an_agent_that_others_can_change_is_named_each_time(convo: Program) -> None:
    file = marking_agent(convo.home / "open")
    file.parent.chmod(0o777)
    assert convo("chat", "-a", file, "One").code == 0
    (file.parent / "ran").unlink()
    said = convo("chat", "Two").error(2)
    assert f"and other users of this machine can change {file.parent}; -a {file} runs it" in said
    assert not (file.parent / "ran").exists()


IMPORTING = """\
from agents import Agent
try:
    import helper
    name = helper.NAME
except ImportError:
    name = "Alone"
agent = Agent(name=name, instructions=f"I am {name}.")
"""


def test_the_current_folder_is_imported_from_where_the_agent_was_named_alone(
    convo: Program,
) -> None:
    mine, theirs = convo.home / "mine", convo.home / "theirs"
    for folder in (mine / "sub", theirs):
        folder.mkdir(parents=True)
    (mine / "sub" / "desk.py").write_text(IMPORTING)
    (mine / "helper.py").write_text("NAME = 'Mine'")
    (theirs / "helper.py").write_text("NAME = 'Theirs'")
    assert "I am Mine." in convo("chat", "-a", "sub/desk.py", "One", cwd=mine).out
    assert "I am Mine." in convo("chat", "Two", cwd=mine).out
    assert "I am Alone." in convo("chat", "Three", cwd=theirs).out


@pytest.mark.parametrize("context", ['{"user": "root"}', "desk.py:SECRETS", '"\x1b[2J"'])
def test_a_context_that_only_the_database_names_is_given_to_no_tool(
    convo: Program, context: str
) -> None:
    file = marking_agent(convo.home)
    assert convo("chat", "-a", file, "One").code == 0
    (convo.home / "ran").unlink()
    theirs = convo.home / "theirs.db"
    says_of_session(theirs, agent=str(file), context=context)
    said = convo("chat", "Two", "--db", theirs, cwd=convo.home).error(2)
    assert said.startswith(("the database names the ", "the context "))
    assert "\x1b" not in said
    assert not (convo.home / "ran").exists()


def test_a_context_that_was_named_once_goes_on(convo: Program) -> None:
    file = marking_agent(convo.home)
    assert convo("chat", "-a", file, "--context", '{"user": "me"}', "One").code == 0
    assert convo("chat", "Two").code == 0
    state = convo.home / ".local" / "state" / "convo" / "trusted.json"
    assert '"me"' not in state.read_text()


WIPING = """\
from pathlib import Path
from agents import Agent, function_tool

@function_tool
def wipe(path: str) -> str:
    Path(path).unlink()
    return "done"

agent = Agent(name="Janitor", tools=[wipe])
"""


def test_a_call_that_a_database_holds_is_not_run(convo: Program) -> None:
    file, kept = convo.home / "desk.py", convo.home / "kept"
    file.write_text(WIPING)
    kept.touch()
    assert convo("chat", "-a", file, "Hi").code == 0
    call = {"type": "function_call", "name": "wipe", "arguments": json.dumps({"path": str(kept)})}
    done = {"type": "function_call_output", "call_id": "1", "output": "done"}
    theirs = convo.home / "theirs.db"
    begun = ({**call, "call_id": "1"}, done, {**call, "call_id": "2"})
    says_of_held(theirs, {"agent": str(file), "model": "echo"}, *begun)
    assert convo("retry", "--db", theirs).code == 0
    assert convo("retry", "--db", theirs).code == 0
    assert convo("chat", "And now?", "--db", theirs).code == 0
    assert kept.exists()


@pytest.mark.parametrize(
    "command",
    [("session", "info"), ("show",), ("turns",), ("export",), ("sessions",), ("search", "Hi")],
)
def test_commands_that_look_run_nothing(convo: Program, command: tuple[str, ...]) -> None:
    file = marking_agent(convo.home)
    says_of_session(convo.db, agent=str(file), base_url="http://127.0.0.1:9/v1")
    assert convo(*command, cwd=convo.home).code == 0
    assert not (convo.home / "ran").exists()
