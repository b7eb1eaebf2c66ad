"""Servers, keys and aliases that have a name, asked for real."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.cli.chat.at_terminal import ChatAtTerminal
from tests.cli.hostile import says_of_session
from tests.program import Program, ended
from tests.server import Fault, OpenAIServer

KEY = "sk-kept-for-the-local-one"
OTHER_KEY = "sk-of-openai-alone"


@pytest.fixture
def named(convo: Program, openai_server: OpenAIServer) -> Program:
    """The program of a user who has named the server `local`, and has a key of OpenAI."""
    del convo.env["CONVO_MODEL"]
    convo.env.update(OPENAI_API_KEY=OTHER_KEY, OPENAI_AGENTS_DISABLE_TRACING="1")
    assert convo("server", "add", "local", openai_server.base_url).code == 0
    return convo


def keep_key(convo: Program, server: str = "local", key: str = KEY) -> None:
    assert convo("key", "set", server, stdin=f"{key}\n").code == 0


def test_a_model_of_a_named_server_is_asked_there(
    named: Program, openai_server: OpenAIServer
) -> None:
    assert named("chat", "-m", "local/qwen/qwen3", "Hi").out == "Answer 1 to: Hi\n"
    assert named("chat", "Again").out == "Answer 2 to: Again\n"
    assert [request.model for request in openai_server.requests] == ["qwen/qwen3"] * 2
    info = json.loads(named("session", "info", "--json").out)
    assert (info["model"], info["base_url"]) == ("qwen/qwen3", openai_server.base_url)


def test_no_server_is_sent_the_key_of_another(named: Program, openai_server: OpenAIServer) -> None:
    assert named("chat", "-m", "local/m", "Hi").code == 0
    keep_key(named)
    assert named("chat", "-m", "local/m", "Hi").code == 0
    assert named("chat", "-m", "local/m", "Hi", env={"LOCAL_API_KEY": "sk-exported"}).code == 0
    at_it = {"OPENAI_BASE_URL": openai_server.base_url}
    assert named("chat", "-m", "m", "Hi", env=at_it).code == 0
    keys = [request.key for request in openai_server.requests]
    assert keys == ["no-key-needed", KEY, "sk-exported", OTHER_KEY]


def test_the_variable_of_a_key_can_be_named(named: Program, openai_server: OpenAIServer) -> None:
    args = ("server", "add", "local", openai_server.base_url, "--key-variable", "MY_TOKEN")
    assert named(*args, "--force").code == 0
    assert named("chat", "-m", "local/m", "Hi", env={"MY_TOKEN": "sk-mine"}).code == 0
    assert openai_server.requests[-1].key == "sk-mine"


def test_a_kept_key_belongs_to_an_address(named: Program, openai_server: OpenAIServer) -> None:
    keep_key(named)
    with OpenAIServer() as other:
        assert named("config", "set", "servers.local.url", other.base_url).code == 0
        assert named("chat", "-m", "local/m", "Hi").code == 0
        assert [request.key for request in other.requests] == ["no-key-needed"]
    assert openai_server.requests == []


def test_keys_are_in_a_file_of_the_users_own_and_are_never_shown(named: Program) -> None:
    keep_key(named)
    file = named.home / ".local" / "share" / "convo" / "keys.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    for args in (("key", "list"), ("key", "list", "--json"), ("config", "list", "--json")):
        assert KEY not in named(*args).out
    assert named("key", "list", "--json").code == 0
    config = named.home / ".config" / "convo" / "config.toml"
    assert KEY not in config.read_text()
    file.chmod(0o640)
    assert (
        named("chat", "-m", "local/m", "Hi")
        .error(2)
        .startswith(f"{file}: other users of this machine can read or change it; chmod 600 {file}")
    )


def test_a_key_is_typed_without_echo(named: Program) -> None:
    child = named.at_terminal("key", "set", "local")
    child.expect("Key of local: ")
    child.sendline(KEY)
    assert ended(child) == 0
    assert KEY not in child.before
    rows = json.loads(named("key", "list", "--json").out)
    assert {row["server"]: row["key"] for row in rows} == {
        "openai": "OPENAI_API_KEY",
        "local": "keys.json",
    }
    assert named("key", "remove", "local").err == "removed the key of 'local'\n"
    assert named("key", "remove", "local").error(3) == "no key is stored for 'local'"


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "there is no key"), ("sk with spaces", "that has characters that no key has")],
)
def test_what_is_no_key_is_not_kept(named: Program, typed: str, said: str) -> None:
    assert named("key", "set", "local", stdin=typed).error(2).startswith(said)
    assert (
        named("key", "set", "lokal", stdin=KEY)
        .error(3)
        .startswith("no server has the name 'lokal' (did you mean 'local'?)")
    )


def test_the_key_of_openai_can_be_kept_too(convo: Program) -> None:
    del convo.env["CONVO_MODEL"]
    assert "`convo key set`" in convo("chat", "Hi").error(5)
    keep_key(convo, "openai", OTHER_KEY)
    # It is asked now, where nobody answers.
    proxy = {"HTTPS_PROXY": "http://127.0.0.1:9"}
    assert convo("chat", "Hi", env=proxy).error(5).startswith("cannot reach")


def test_an_unknown_server_is_sent_no_kept_key(convo: Program, openai_server: OpenAIServer) -> None:
    del convo.env["CONVO_MODEL"]
    keep_key(convo, "openai", OTHER_KEY)
    assert convo("chat", "--base-url", openai_server.base_url, "-m", "m", "Hi").code == 0
    assert openai_server.requests[-1].key == "no-key-needed"


def test_a_refused_key_is_named_and_not_shown(named: Program, openai_server: OpenAIServer) -> None:
    keep_key(named)
    openai_server.script(Fault.status(401, message=f"bad key {KEY}"))
    said = named("chat", "-m", "local/m", "Hi").error(5)
    assert "does not accept the API key (401); `convo key set local` sets another" in said
    assert KEY not in said


KEYRING = '''
import json, os
from pathlib import Path
from keyring.backend import KeyringBackend

FILE = Path(os.environ["HOME"], "keyring.json")


class Keyring(KeyringBackend):
    """A keyring that any program of this test can look into."""

    priority = 1

    def _all(self):
        return json.loads(FILE.read_text()) if FILE.exists() else {}

    def get_password(self, service, username):
        return self._all().get(f"{service} {username}")

    def set_password(self, service, username, password):
        if password == "sk-refused":
            raise RuntimeError("the keyring is locked")
        FILE.write_text(json.dumps({**self._all(), f"{service} {username}": password}))

    def delete_password(self, service, username):
        FILE.write_text(json.dumps({k: v for k, v in self._all().items()
                                    if k != f"{service} {username}"}))
'''


def test_a_key_in_the_keyring(named: Program, openai_server: OpenAIServer, tmp_path: Path) -> None:
    (tmp_path / "standin.py").write_text(KEYRING)
    named.env.update(PYTHONPATH=str(tmp_path), PYTHON_KEYRING_BACKEND="standin.Keyring")
    done = named("key", "set", "local", "--keyring", stdin=KEY)
    assert done.err == "the key of 'local' is in the system's keyring\n"
    kept = json.loads((tmp_path / "keyring.json").read_text())
    assert kept == {f"convo {openai_server.base_url}": KEY}
    assert KEY not in (named.home / ".local" / "share" / "convo" / "keys.json").read_text()
    assert named("chat", "-m", "local/m", "Hi").code == 0
    assert openai_server.requests[-1].key == KEY
    assert named("key", "set", "local", "--keyring", stdin="sk-refused").error(2) == (
        "the key is not kept in the system's keyring: the keyring is locked"
    )
    assert named("key", "remove", "local").code == 0
    assert json.loads((tmp_path / "keyring.json").read_text()) == {}


def test_without_the_library_the_keyring_names_it(named: Program, tmp_path: Path) -> None:
    (tmp_path / "keyring.py").write_text("raise ImportError")
    said = named("key", "set", "local", "--keyring", stdin=KEY, env={"PYTHONPATH": str(tmp_path)})
    assert said.error(2) == (
        "the library for the system's keyring is not installed; pip install 'convo-cli[keyring]'"
    )


def test_an_alias_stands_for_a_model_wherever_one_is_named(
    named: Program, openai_server: OpenAIServer
) -> None:
    assert named("alias", "set", "fast", "local/small").err == "'fast' is local/small\n"
    assert named("chat", "-m", "fast", "Hi").code == 0
    assert named("chat", "Hi", "--new", env={"CONVO_MODEL": "fast"}).code == 0
    assert named("config", "set", "model", "fast").code == 0
    assert named("chat", "Hi", "--new").code == 0
    assert [request.model for request in openai_server.requests] == ["small"] * 3
    assert named("alias", "list", "--json").out == (
        '[\n  {"alias": "fast", "model": "local/small"}\n]\n'
    )
    assert (
        named("alias", "remove", "fats")
        .error(3)
        .startswith("there is no alias 'fats' (did you mean 'fast'?)")
    )
    assert named("alias", "remove", "fast").code == 0
    assert named("alias", "set", "echo", "x").error(2) == (
        "'aliases.echo' stands for something else already; take another name"
    )


def test_an_alias_of_openai_leaves_a_named_server(named: Program) -> None:
    proxy = {"HTTPS_PROXY": "http://127.0.0.1:9"}
    assert named("chat", "-m", "local/m", "Hi").code == 0
    assert named("alias", "set", "fast", "openai/gpt-5-mini").code == 0
    for model in ("fast", "openai/gpt-5-mini"):
        assert "cannot reach OpenAI" in named("chat", "-m", model, "Hi", env=proxy).err


def test_what_is_typed_goes_before_what_is_configured(
    named: Program, openai_server: OpenAIServer
) -> None:
    assert named("config", "set", "model", "local/configured").code == 0
    assert named("chat", "One").code == 0
    assert named("chat", "-m", "local/typed", "Two").code == 0
    assert named("chat", "Three", env={"CONVO_MODEL": "local/exported"}).code == 0
    # What is configured goes before what the session was last asked with.
    assert named("chat", "Four").code == 0
    with OpenAIServer() as other:
        # A server that is typed takes a name as it is, and a configured one is not its own.
        asked = named("chat", "--base-url", other.base_url, "Five")
        assert asked.code == 0, asked
        assert other.requests[-1].model == "test-model"
        assert named("chat", "--base-url", other.base_url, "-m", "local/typed", "Six").code == 0
        assert other.requests[-1].model == "local/typed"
    assert [request.model for request in openai_server.requests] == [
        "configured",
        "typed",
        "exported",
        "configured",
    ]


def test_configured_instructions_and_settings(named: Program, openai_server: OpenAIServer) -> None:
    for key, value in (
        ("model", "local/m"),
        ("instructions", "Be brief."),
        ("options.temperature", "0.5"),
        ("options.top_p", "0.9"),
    ):
        assert named("config", "set", key, value).code == 0
    assert named("chat", "Hi").code == 0
    assert named("chat", "Hi", "-i", "Be long.", "-o", "temperature=1").code == 0
    one, two = (request.data for request in openai_server.requests)
    assert one["messages"][0] == {"role": "system", "content": "Be brief."}
    assert (one["temperature"], one["top_p"]) == (0.5, 0.9)
    assert two["messages"][0]["content"] == "Be long."
    assert (two["temperature"], two["top_p"]) == (1, 0.9)


def test_a_database_may_name_a_server_that_is_configured(
    named: Program, openai_server: OpenAIServer
) -> None:
    keep_key(named)
    says_of_session(named.db, base_url=openai_server.base_url, model="m")
    assert named("chat", "Hi").code == 0
    assert openai_server.requests[-1].key == KEY
    trusted = named.home / ".local" / "state" / "convo" / "trusted.json"
    assert not trusted.exists()
    # It is not named any more, whatever was typed before.
    assert named("chat", "--base-url", openai_server.base_url, "-m", "m", "Hi").code == 0
    assert named("server", "remove", "local").code == 0
    asked = len(openai_server.requests)
    assert "which you have not named" in named("chat", "Hi").error(5)
    assert len(openai_server.requests) == asked
    assert named("key", "list", "--json").out.count('"server"') == 1


def test_what_a_database_calls_a_model_is_looked_up_nowhere(
    named: Program, openai_server: OpenAIServer
) -> None:
    assert named("alias", "set", "fast", "local/small").code == 0
    proxy = {"HTTPS_PROXY": "http://127.0.0.1:9"}
    for model in ("fast", "local/small"):
        says_of_session(named.db, model=model)
        assert named("chat", "Hi", env=proxy).code == 5
    assert openai_server.requests == []


def test_a_server_is_replaced_only_by_force(named: Program, openai_server: OpenAIServer) -> None:
    said = named("server", "add", "local", "http://127.0.0.1:9/v1").error(4)
    assert said == (
        f"a server 'local' already exists: {openai_server.base_url}; --force puts this in its place"
    )
    assert (
        named("server", "add", "openai", "http://h/v1")
        .error(2)
        .startswith("'servers.openai' stands for something else already; take another name")
    )
    assert named("server", "add", "bad", "h/v1").error(2).startswith("'servers.bad.url' is a web")
    assert named("server", "remove", "nope").code == 3


def test_servers_are_checked(named: Program, openai_server: OpenAIServer) -> None:
    assert named("server", "add", "gone", "http://127.0.0.1:9/v1").code == 0
    good = named("server", "check", "local", "--json")
    assert (good.code, json.loads(good.out)[0]["models"]) == (0, 1)
    both = named("server", "check", "--json")
    assert both.code == 5
    rows = {row["server"]: row["problem"] for row in json.loads(both.out)}
    assert rows["local"] is None
    assert rows["gone"].startswith("cannot reach http://127.0.0.1:9/v1")


def test_models_are_listed_with_what_is_known_of_them(
    named: Program, openai_server: OpenAIServer
) -> None:
    assert named("server", "add", "gone", "http://127.0.0.1:9/v1").code == 0
    assert named("config", "set", "model", "local/test-model").code == 0
    listed = named("models", "local")
    assert (listed.code, listed.err) == (0, "")
    assert listed.out.splitlines()[2:] == ["*  local/test-model"]
    offline = {"OPENAI_API_KEY": None}
    everything = named("models", "--json", env=offline)
    assert everything.code == 0
    assert everything.err.startswith("gone: cannot reach http://127.0.0.1:9/v1")
    assert json.loads(everything.out) == [
        {
            "server": "local",
            "model": "local/test-model",
            "context_window": None,
            "input_price": None,
            "output_price": None,
            "default": True,
        }
    ]
    assert named("models", "lokal").error(3).startswith("no server has the name 'lokal'")
    assert named("models", "gone").error(5).startswith("cannot reach")


def test_nothing_to_list_says_what_to_do(convo: Program) -> None:
    assert convo("models").error(5).startswith("there is no server to ask")


def test_the_chat_asks_a_named_server_too(named: Program, openai_server: OpenAIServer) -> None:
    named.env["CONVO_SESSION"] = "talk"
    with ChatAtTerminal(named, "-m", "echo", columns=120) as chat:
        chat.ready("talk:main 1>")
        said = chat.say("/model local/qwen3", "talk:main 1>")
        assert said == ["the next message asks qwen3"]
        chat.say("Hi", "talk:main 2>")
        assert chat.leave() == 0
    assert openai_server.requests[-1].model == "qwen3"


def test_an_agents_own_model_is_not_asked_at_the_server_of_the_configured_one(
    named: Program, openai_server: OpenAIServer
) -> None:
    (named.home / "agent.py").write_text(
        "from agents import Agent\nown = Agent(name='Own', model='gpt-4.1')\n"
        "open = Agent(name='Open')\n"
    )
    assert named("config", "set", "model", "local/m").code == 0
    assert named("chat", "-a", "agent.py:open", "Hi", cwd=named.home).code == 0
    assert [request.model for request in openai_server.requests] == ["m"]
    proxy = {"HTTPS_PROXY": "http://127.0.0.1:9"}
    done = named("chat", "-a", "agent.py:own", "Hi", "--new", cwd=named.home, env=proxy)
    assert "cannot reach OpenAI" in done.err
    assert len(openai_server.requests) == 1
