"""The command line as a person meets it: whole processes, from their start to their end."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.databases import Contents
from benchmarks.measure import say
from benchmarks.plan import Plan
from benchmarks.processes import CommandFailed, Launcher, Run, import_times, run_until
from benchmarks.results import Series
from benchmarks.subjects import CONVO
from benchmarks.worker import build
from benchmarks.workers import Worker

ROOT = Path(__file__).parents[1]
PROGRAM = Path(sys.executable).with_name("convo")
PROMPT = re.compile(rb":\S+ \d+>")
PROMPT_OF_CHAT = "convo chat, to its prompt"
ONE_TAB = """
source "$1"
COMP_WORDS=(convo session lis) COMP_CWORD=2
_convo
[[ ${COMPREPLY[0]} == list ]]
"""

IMPORTS = 'python -c "import typer, rich.table, aiosqlite"'
AGENTS = 'python -c "import agents"'
"""What the commands are compared with."""


@dataclass(frozen=True)
class Case:
    """A command line that is measured. `{unique}` in it is another word each time.

    Attributes:
        name: What the report calls it.
        command: The command line; the first word of `convo` commands is left out.
        over: The name of the case that it is compared with.
        limit: How many times that it may take.
        peak: Megabytes that it may need; 0 for no limit.
        seconds: How many seconds it may take; 0 for no limit.
        on: The turns of the database that it runs on; 0 for none.
        file: Which copy of that database: a chat writes to its own.
        until_prompt: Whether it runs on a terminal, until the prompt of the chat is there.
        is_convo: Whether it is a command of `convo`.
    """

    name: str
    command: tuple[str, ...]
    over: str = ""
    limit: float = 0.0
    peak: int = 0
    seconds: float = 0.0
    on: int = 0
    file: str = "measured"
    until_prompt: bool = False
    is_convo: bool = True

    @property
    def is_slow(self) -> bool:
        """Whether it imports the SDK, which the databases have been built with already."""
        return AGENTS in (self.name, self.over)

    def argv(self, unique: str) -> list[str]:
        """The command line of one run."""
        words = [word.replace("{unique}", unique) for word in self.command]
        return [*_program(), *words] if self.is_convo else words


@dataclass
class Commands:
    """What the commands took."""

    cases: list[Case]
    series: Series = field(default_factory=Series)
    peaks: dict[Case, int] = field(default_factory=dict)
    imports: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


def cases(sizes: tuple[int, ...]) -> list[Case]:
    """All command lines, those on a database for each of its sizes."""
    found = [_python(IMPORTS), _python(AGENTS)]
    on_databases = (
        "turns",
        "turns --json",
        "usage",
        "usage --by-turn",
        "branches",
        "branch --turn 2 {unique}",
        "switch main",
        "search river",
        "session list",
    )
    of_all_turns = (
        "show",
        "show --json",
        "export --format md",
        "export --format html",
        "export --format jsonl",
        "diff main half",
    )
    for size in sizes:
        for line in on_databases:
            found.append(_quick(f"convo {line}", tuple(line.split()), size))
        for line in of_all_turns:
            found.append(_whole(f"convo {line}", tuple(line.split()), size))
    found += [
        _quick("convo --version", ("--version",), 0),
        _quick("convo completion bash", ("completion", "bash"), 0),
    ]
    if shutil.which("bash"):
        tab = ("bash", "--norc", "-c", ONE_TAB, "bash", str(ROOT / "completions/convo.bash"))
        found.append(Case("one TAB in bash", tab, IMPORTS, 1.5, is_convo=False))
    return [
        *found,
        Case(PROMPT_OF_CHAT, ("chat",), IMPORTS, 2.5, on=sizes[0], until_prompt=True),
        Case(
            "convo chat --model echo hi",
            ("chat", "--model", "echo", "--new", "hi"),
            AGENTS,
            1.15,
            on=sizes[0],
            file="chat",
        ),
    ]


def measured(plan: Plan) -> Commands:
    """Run every command line as often as the plan says, alternating.

    The databases lie in the default folder for temporary files: a program's own start is what is
    measured, and that writes nothing.
    """
    commands = Commands(cases(plan.command_sizes))
    with TemporaryDirectory(prefix="convo-bench-") as scratch:
        home = Path(scratch)
        with Worker(CONVO) as worker:
            for size in plan.command_sizes:
                path = home / f"measured-{size}.db"
                worker.ask(build, path=path, contents=Contents(size))
                shutil.copyfile(path, home / f"chat-{size}.db")
        with Launcher(home, cpu=plan.cpu) as launcher:
            for size in plan.command_sizes:
                # Something for `diff`: it has the first half of the turns.
                half = [*_program(), "branch", "--after", str(max(1, size // 2)), "half"]
                launcher.run(half, _environ(home, "measured", size))
                launcher.run([*_program(), "switch", "main"], _environ(home, "measured", size))
            # Nobody's first run counts: it may have to compile what it imports.
            for number in range(-1, plan.command_runs):
                say(f"commands: run {number + 1} of {plan.command_runs}")
                for case in list(commands.cases):
                    if number >= 0 or not case.is_slow:
                        _measure(commands, case, number, home, launcher)
        first = _environ(home, "measured", plan.command_sizes[0])
        commands.imports = import_times([*_program()[1:], "turns"], first)
    return commands


def _measure(commands: Commands, case: Case, number: int, home: Path, launcher: Launcher) -> None:
    argv, environ = case.argv(f"b{number + 1}"), _environ(home, case.file, case.on)
    try:
        done = (
            run_until(argv, environ, PROMPT, cpu=launcher.cpu)
            if case.until_prompt
            else launcher.run(argv, environ)
        )
    except CommandFailed as error:
        commands.failures.append(str(error))
        commands.cases.remove(case)
        return
    if number >= 0:
        _note(commands, case, number, done)


def _note(commands: Commands, case: Case, number: int, done: Run) -> None:
    commands.series.add(case.name, "process", case.on, number, [done.seconds])
    commands.peaks[case] = max(commands.peaks.get(case, 0), done.peak)


def _quick(name: str, command: tuple[str, ...], size: int) -> Case:
    """A command that talks to no model: at most 1.7 times the imports, and 60 MB."""
    return Case(name.replace("{unique}", "NAME"), command, IMPORTS, 1.7, 60, on=size)


def _whole(name: str, command: tuple[str, ...], size: int) -> Case:
    """A command that writes every turn: a second at most, on up to 10,000 of them."""
    return Case(name, command, seconds=1.0, on=size)


def _python(name: str) -> Case:
    """A Python that runs the line in the case's name."""
    _, option, line = shlex.split(name)
    return Case(name, (sys.executable, option, line), is_convo=False)


def _program() -> list[str]:
    if PROGRAM.exists():
        return [sys.executable, str(PROGRAM)]
    return [sys.executable, "-m", "convo_cli"]


def _environ(home: Path, file: str, size: int) -> dict[str, str]:
    """A home without settings or keys, and the database of a size."""
    inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {
        **inherited,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TERM": "xterm",
        "CONVO_DB": str(home / f"{file}-{size}.db"),
        "CONVO_MODEL": "echo",
        "PROMPT_TOOLKIT_NO_CPR": "1",
    }
