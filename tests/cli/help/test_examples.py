"""The examples of the help: three for each command, and each of them works."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from typer._click.core import Command

from convo_cli.app import program
from convo_cli.grammar import Group
from convo_cli.help.examples import ROOT, every_example, examples_of
from convo_cli.invocation import Invocation
from convo_cli.shells.words import words_of
from convo_cli.terminal import Terminal

COMMANDS = [command.path for command in words_of(program()).everything()]

ELSEWHERE = re.compile(
    r"convo (chat$|doctor($| --json)|models|prices update$|server check|mcp tools)"
    r"|convo key set .*--keyring"
    r"| -m (gpt|fast|qwen|local)| --mcp | postgresql://"
    r"|convo eval (show|compare) [0-9]| --judge "
)
"""Examples that need a terminal, a server, what a server has answered, or a keyring."""

NOT_DONE = {
    "convo session delete draft": 4,
    "convo db gc": 4,
    "convo import codex --since 7d --dry-run": 3,
    "convo bisect tourism --check 'python3 check.py' --all": 3,
    "convo bisect --check 'test $(wc -w) -lt 200' --json": 3,
}
"""What asks before it deletes, or finds nothing in this home."""

MADE = """
convo chat -s draft "A draft"
convo chat --new "What is the capital of France?"
convo chat "What is the weather like there?"
convo chat "Which museum is the best?"
convo session rename what-is-the-capital-of-france trip
convo branch --turn 2 food
convo chat "Where do people eat?"
convo branch --turn 2 -b main drafts
convo branch --turn 2 -b main inns
convo delete food drafts --force
convo restore food
convo branch --turn 3 -b main tourism
convo chat -o max_tokens=5 "What are the main attractions?"
convo undo 1 -b main
convo chat -b main -o max_tokens=5 "Where do the locals go?"
convo switch main
convo server add local http://127.0.0.1:1/v1
convo key set
convo key set local
convo alias set fast openai/gpt-5-mini
convo template save brief -i "Be brief."
convo template save long -i "Explain it."
convo mcp add time -- mcp-server-time
convo config set theme dark
convo config set model echo
convo config set options.temperature 0.2
"""

FILES = {
    ".mcp.json": '{"mcpServers": {"time": {"command": "mcp-server-time"}}}',
    "trip.convo": '{"convo": "session", "format": 1, "session": {"name": "oslo"}}',
    "capitals.toml": '[[cases]]\nprompt = "Is it Paris?"\ncontains = "Paris"\n',
    "check.py": "",
    "conversations.db": "",
    "evals.jsonl": '{"messages": [{"role": "user", "content": "Why?"}]}',
}
"""What other programs have left in the current folder."""

ALTERNATIVES = {("branch",), ("continue",)}
"""Commands with examples that begin where the first one does; the others follow one another."""

_END_OF_COMMAND = {"|", "&&", ">", ";"}


def commands_in(line: str) -> Iterator[list[str]]:
    """The arguments of each call of `convo` in a line for a shell."""
    for inner in re.findall(r"\$\((convo [^)]*)\)", line):
        yield shlex.split(inner)[1:]
    words = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    words.whitespace_split = True
    parts: list[list[str]] = [[]]
    for word in words:
        if word in _END_OF_COMMAND:
            parts.append([])
        elif parts[-1] or not re.match(r"[A-Z_]+=", word):
            parts[-1].append(word)
    yield from (part[1:] for part in parts if part and part[0] == "convo")


def convo(args: list[str]) -> tuple[int, str]:
    """Run a command line in this process, with a line on stdin; return its code and stderr."""
    stdin = TextIOWrapper(BytesIO(b"sk-some-text\n"))
    out, err = StringIO(), StringIO()
    return program().run(args, Terminal(stdin, out, err, os.environ)), err.getvalue()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with what the examples speak of."""
    home = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        at_home(patch, home)
        for line in MADE.strip().splitlines():
            code, said = convo(shlex.split(line)[1:])
            assert code == 0, (line, said)
    return home


def at_home(patch: pytest.MonkeyPatch, home: Path) -> None:
    for name in [name for name in os.environ if name.startswith(("CONVO_", "OPENAI_", "XDG_"))]:
        patch.delenv(name)
    for name, value in {
        "HOME": str(home),
        "CONVO_DB": str(home / "c.db"),
        "CONVO_CONFIG": str(home / "config.toml"),
        "CONVO_MODEL": "echo",
        "EDITOR": "true",
        "VISUAL": "true",
    }.items():
        patch.setenv(name, value)
    patch.chdir(home)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_three_examples(path: tuple[str, ...]) -> None:
    examples = examples_of(path)
    assert len(examples) >= 3
    calls = [args[: len(path)] for line, _ in examples for args in commands_in(line)]
    assert list(path) in calls
    for line, text in examples:
        assert len(line) <= 76
        assert text[:1].isupper()


def test_examples_are_of_commands() -> None:
    assert set(every_example()) == {" ".join(path) or ROOT for path in COMMANDS}


def parsed(args: list[str]) -> Command:
    """The command that the arguments are for, after parsing all of them."""
    root = program()
    context = root.make_context("convo", list(args), obj=Invocation(Terminal(None, None, None, {})))
    command: Command = root
    while isinstance(command, Group):
        name, found, rest = command.resolve_command(context, context._protected_args + context.args)
        command = found
        context = command.make_context(name, rest, parent=context)
    return command


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_example_parses(path: tuple[str, ...]) -> None:
    for line, _ in examples_of(path):
        for args in commands_in(line):
            assert parsed(args).callback is not None, line


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_what_needs_no_network_runs(
    path: tuple[str, ...], made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, (line, _) in enumerate(examples_of(path)):
        home = tmp_path / f"home{number if path in ALTERNATIVES else 0}"
        if not home.exists():
            shutil.copytree(made, home)
            for name, text in FILES.items():
                (home / name).write_text(text)
            at_home(monkeypatch, home)
        for args in commands_in(line):
            command = f"convo {shlex.join(args)}"
            if not ELSEWHERE.search(command):
                code, said = convo(args)
                assert code == NOT_DONE.get(command, 0), (command, said)


def test_a_mistaken_example_does_not_parse() -> None:
    with pytest.raises(Exception, match="no-such"):
        parsed(["branch", "--no-such", "2"])
