"""What the commands import: nothing that takes long, whatever they are asked."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from convo_cli.app import COMMANDS as COMMANDS_BY_NAME
from convo_cli.app import program
from convo_cli.shells.words import words_of
from tests.program import PATIENCE, Program
from tests.server import OpenAIServer

HEAVY = {"agents", "openai", "pydantic", "mcp", "prompt_toolkit", "httpx2", "requests"}

SLOW = {"aiosqlite", "asyncio", "json", "orjson", "rich", "sqlite3", "ssl"}
"""What reads a database, or draws what it holds."""

RUN = """
import io, json, shlex, sys
from convo_cli.app import run
stdout, sys.stdout, sys.stderr = sys.stdout, io.StringIO(), io.StringIO()
codes = [run(shlex.split(line)) for line in sys.argv[1:]]
loaded = sorted({name.partition(".")[0] for name in sys.modules})
stdout.write(json.dumps([codes, loaded, "rich.table" in sys.modules]))
# Only what is `sys.stdout` then is flushed at exit for certain.
stdout.flush()
"""

MISTAKEN = """
import shlex, sys
from convo_cli.app import run
print(*[int(run(shlex.split(line))) for line in sys.argv[1:]])
print(*{name.partition(".")[0] for name in sys.modules})
"""

ENDING = """
import gc, sys
from convo_cli.__main__ import main
sys.argv = ["convo", "--version"]
assert main() == 0
print(gc.isenabled(), gc.get_freeze_count() > 10_000)
"""

COMMANDS = {
    "turns": 0,
    "list turns": 0,
    "status": 0,
    "show": 0,
    "show -1": 0,
    "branches": 0,
    "branches --tree": 0,
    "diff main": 0,
    "diff main --words": 0,
    "diff main --cost": 0,
    "compare main tourism": 0,
    "tools": 0,
    "list tools": 0,
    "usage": 0,
    "usage --by-turn": 0,
    "usage --by-branch": 0,
    "usage --by day,model --all --since yesterday": 0,
    "tools --by tool": 0,
    "blame": 0,
    "prices": 0,
    "search capital": 0,
    "search xyzzy": 3,
    "branch --turn 1 new": 0,
    "branch --after 1 -b main other": 0,
    "branch --match capital -b main third": 0,
    "squash 1..2 -b main": 0,
    "undo --branch main": 0,
    "merge third -b main": 0,
    "note -1 first -b main": 0,
    "note": 0,
    "tag plan 1 -b main": 0,
    "show plan -b main": 0,
    "tag --list": 0,
    "star 1 -b main": 0,
    "turns --starred -b main": 0,
    "switch main": 0,
    "switch -": 0,
    "delete new third --force": 0,
    "restore --list": 0,
    "restore new": 0,
    "undo -b main": 0,
    "restore": 0,
    "rename other spoon": 0,
    "show --waiting": 0,
    "retry --drop all": 0,
    "continue": 3,
    "db path": 0,
    "db check": 0,
    "db backup copy.db --force": 0,
    "db copy paris.db other.db": 3,
    "db init": 0,
    "db sql --role ann": 0,
    "db gc --force": 0,
    "sessions": 0,
    "session list": 0,
    "session info": 0,
    "session new a": 0,
    "session rename a b": 0,
    "session use paris": 0,
    "session delete b --force": 0,
    "session list --from openai-jsonl": 0,
    "search capital --from openai-jsonl": 3,
    "import openai-jsonl": 3,
    "import openai-jsonl none.jsonl": 3,
    "import --list": 0,
    "config path": 0,
    "config list --origin": 0,
    "config get format": 0,
    "config get instructions": 3,
    "config set theme dark": 0,
    "config unset theme": 0,
    "config edit": 0,
    "server add local http://127.0.0.1:1/v1": 0,
    "server list": 0,
    "server remove local": 0,
    "key list": 0,
    "key remove": 3,
    "alias set fast openai/gpt-5-mini": 0,
    "alias list": 0,
    "alias remove fast": 0,
    "mcp add time -- mcp-server-time": 0,
    "mcp list": 0,
    "mcp remove time": 0,
    "template save brief -i Short.": 0,
    "template list": 0,
    "template show brief": 0,
    "template edit brief": 0,
    "template delete brief": 0,
    "completion bash": 0,
    "completion zsh": 0,
    "completion fish": 0,
    "--help": 0,
    "chat --help": 0,
    "doctor --offline": 0,
    "help": 0,
    "help session use": 0,
    "log": 0,
    "rm none": 3,
    "replay -m echo --from -1": 0,
    "bisect --check 'test $CONVO_TURN -lt 2'": 0,
    "ask -m echo Why?": 0,
    "pick ask-echo": 0,
    "eval add cases.jsonl --from main --turn 1 --name one": 0,
    "eval run cases.jsonl -m echo": 0,
    "eval list": 0,
    "eval show 1": 0,
    "eval compare 1 1": 0,
    "--version": 0,
    "turns -s none": 3,
    "turns --format xml": 2,
    "trun": 2,
    "chat --api rest hi": 2,
    "chat -s a/b hi": 2,
}


LOADING = [["chat"], ["retry"], ["key", "set"], ["server", "check"], ["models"], ["mcp", "tools"]]
"""Commands that ask or start a server, or read a key."""

EXPORTS = [
    "export --format md",
    "export --format html",
    "export --json",
    "export --all-branches --format openai-jsonl --redact",
    "export --all -o all --format json",
    "bundle -o trip.convo",
    "clone trip.convo",
]


def loaded_by(convo: Program, *lines: str) -> tuple[list[int], set[str], bool]:
    done = subprocess.run(
        [sys.executable, "-c", RUN, *lines],
        env={**convo.env, "EDITOR": "true"},
        cwd=convo.home,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    codes, names, with_rich = json.loads(done.stdout)
    return codes, set(names), with_rich


@pytest.mark.parametrize("output_format", ["table", "json", "jsonl", "csv", "tsv"])
def test_no_command_but_chat_imports_what_takes_long(paris: Program, output_format: str) -> None:
    # The prices of a model are looked up once, and then kept.
    assert paris("prices").code == 0
    lines = [f"--format {output_format} {line}" for line in COMMANDS if "--format" not in line]
    codes, names, _ = loaded_by(paris, *lines, "turns --format xml", *EXPORTS)
    expected = [code for line, code in COMMANDS.items() if "--format" not in line]
    assert codes == [*expected, 2, *[0] * len(EXPORTS)]
    assert names & HEAVY == set()


def test_what_reads_the_configuration_loads_no_more_than_tomllib(paris: Program) -> None:
    assert paris("config", "set", "format", "csv").code == 0
    # The prices of a model are looked up once, and then kept.
    assert paris("usage").code == 0
    assert paris("template", "save", "brief", "-i", "Be brief.").code == 0
    lines = ["turns", "usage", "config list --origin", "server list", "alias list", "key list"]
    codes, names, _ = loaded_by(paris, *lines, "chat -t brief Hello")
    assert codes == [0] * 7
    assert names & {"tomlkit", "genai_prices", "keyring"} == set()
    # Reading needs nothing to find the file by.
    assert "platformdirs" not in loaded_by(paris, "turns")[1]


def test_a_command_line_that_is_wrong_loads_no_database(convo: Program) -> None:
    commands = [*COMMANDS_BY_NAME, "db gc", "session use"]
    wrong = ["trun", "--nosuch", "--format xml turns", *(f"{line} --nosuch" for line in commands)]
    done = subprocess.run(
        [sys.executable, "-c", MISTAKEN, "--version", *wrong],
        env=convo.env,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    version, codes, loaded = done.stdout.splitlines()
    assert version.startswith("convo ")
    assert codes.split() == ["0", *("2" for _ in wrong)]
    assert SLOW & set(loaded.split()) == set()


def test_no_command_is_left_out() -> None:
    run = [line.split() for line in [*COMMANDS, *EXPORTS]]
    for command in words_of(program()).everything():
        path = list(command.path)
        if not command.commands and path not in LOADING:
            assert any(line[: len(path)] == path for line in run), path


def test_a_turn_with_echo_imports_nothing_that_takes_long(paris: Program) -> None:
    codes, names, _ = loaded_by(paris, "chat Hello", "retry", "chat -m echo -i Briefly Why?")
    assert codes == [0, 0, 0]
    assert names & HEAVY == set()


@pytest.mark.parametrize("api", ["chat", "responses"])
def test_a_plain_question_imports_what_asks_a_server_alone(
    paris: Program, openai_server: OpenAIServer, api: str
) -> None:
    paris.env |= openai_server.environ
    asked = f"chat -m m --api {api} -o temperature=0.5"
    codes, names, _ = loaded_by(paris, f"{asked} Hello", f"{asked} --no-stream Why?")
    assert codes == [0, 0]
    assert names & HEAVY == {"httpx2"}


def test_an_agent_imports_the_sdk_and_no_prompt(paris: Program) -> None:
    file = paris.home / "desk.py"
    file.write_text("from agents import Agent\nagent = Agent(name='Desk')\n")
    codes, names, _ = loaded_by(paris, f"chat -a {file} Hello")
    assert codes == [0]
    assert names >= {"agents", "openai"}
    assert "prompt_toolkit" not in names


def test_a_model_that_cannot_be_asked_is_refused_without_the_sdk(convo: Program) -> None:
    del convo.env["CONVO_MODEL"]
    codes, names, _ = loaded_by(convo, "chat Hello")
    assert codes == [5]
    assert names & HEAVY == set()


def test_rich_is_imported_for_colours_only(paris: Program) -> None:
    assert not loaded_by(paris, "turns", "branches --json")[2]
    paris.env["FORCE_COLOR"] = "1"
    assert loaded_by(paris, "turns")[2]


def test_what_renders_markdown_waits_for_an_answer(convo: Program) -> None:
    code = (
        "import sys, convo_cli.chat.interactive, convo_cli.actions.show;"
        "print({'markdown_it', 'pygments', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=convo.env, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def test_at_its_end_no_garbage_is_looked_for() -> None:
    """Python would look through all objects, in a fifth of the time of most commands."""
    done = subprocess.run([sys.executable, "-c", ENDING], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "False True"
