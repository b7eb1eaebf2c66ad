"""The command line as a person meets it: whole processes, from their start to their end."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import llm
from benchmarks.cases import Case, Database, cases, first_search, of_turns, program
from benchmarks.measure import say
from benchmarks.plan import Plan
from benchmarks.processes import AtTerminal, CommandFailed, Launcher, Run, import_times
from benchmarks.results import Series
from benchmarks.server import Server
from benchmarks.subjects import CONVO
from benchmarks.worker import build
from benchmarks.workers import Worker

_PROMPT = re.compile(rb":\S+ \d+( \([^)]*\))?>")
_NEXT_PROMPT = re.compile(rb":\S+ 2( \([^)]*\))?>")
_ANSWER = re.compile(rb"Answer \d")
_QUESTION = b"hi\r"
_WAIT = 0.1
"""Seconds that a model takes that a replay waits for."""

_BYTES_A_TURN = 10_000
"""What a turn of a file takes at most with its index, its log and what is sorted meanwhile."""

_AGENT = 'from agents import Agent\n\nagent = Agent(name="bench", instructions="Be brief.")\n'


@dataclass
class Commands:
    """What the commands took; `series` are of the clock that the plan names."""

    cases: list[Case]
    series: Series = field(default_factory=Series)
    processor: Series = field(default_factory=Series)
    peaks: dict[Case, int] = field(default_factory=dict)
    imports: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    not_measured: list[str] = field(default_factory=list)


def measured(plan: Plan) -> Commands:
    """Run every command line as often as the plan says, alternating.

    The databases lie in the default folder for temporary files: a program's own start is what is
    measured, and that writes nothing.
    """
    with ExitStack() as stack:
        home = Path(stack.enter_context(TemporaryDirectory(prefix="convo-bench-")))
        server = stack.enter_context(Server())
        waiting = stack.enter_context(Server(_WAIT))
        launcher = stack.enter_context(Launcher(home))
        bench = CommandBench(plan, home, launcher, server, waiting)
        bench.run()
        return bench.commands


class CommandBench:
    """The command lines of a plan under way."""

    def __init__(
        self, plan: Plan, home: Path, launcher: Launcher, server: Server, waiting: Server
    ) -> None:
        self._plan, self._home = plan, home
        self._launcher, self._server, self._waiting = launcher, server, waiting
        self.commands = Commands([])
        agent = home / "agent.py"
        agent.write_text(_AGENT)
        self.commands.cases = cases(plan, agent, self._llm())

    def run(self) -> None:
        """Run everything that the plan has."""
        commands = self.commands
        self._build()
        # Nobody's first run counts: it may have to compile what it imports.
        for number in range(-1, self._plan.command_runs):
            say(f"commands: run {number + 1} of {self._plan.command_runs}")
            for case in list(commands.cases):
                if number >= 0 or not case.is_slow:
                    self._measure(case, number)
        if "commands" in self._plan.parts:
            on = of_turns(self._plan.command_sizes[0])
            commands.imports = import_times([*program()[1:], "turns"], self._environ(on))
            if self._plan.first_searched[0]:
                self._search_first()

    def _llm(self) -> Path | None:
        if "chat" not in self._plan.parts:
            return None
        try:
            return llm.installed(may_install=self._plan.may_install)
        except llm.NotInstalledError as error:
            self.commands.not_measured.append(f"`llm`: {error}")
            return None

    def _build(self) -> None:
        """The databases of all cases, and for `diff` a branch with the first half of the turns."""
        on = {case.on.file: case.on for case in self.commands.cases if case.on is not None}
        built: dict[str, Path] = {}
        with self._building() as worker:
            for file, database in on.items():
                name, path = database.contents.name, self._home / file
                if name in built:
                    shutil.copyfile(built[name], path)
                else:
                    say(f"commands: building {database.label}")
                    worker.ask(build, path=path, contents=database.contents)
                    built[name] = path
        for size in self._plan.command_sizes:
            if of_turns(size).file in on:
                environ = self._environ(of_turns(size))
                half = str(max(1, size // 2))
                self._launcher.run([*program(), "branch", "--after", half, "half"], environ)
                self._launcher.run([*program(), "switch", "main"], environ)

    @contextmanager
    def _building(self) -> Iterator[Worker]:
        with Worker(CONVO) as worker:
            yield worker

    def _search_first(self) -> None:
        """Search a large file that has never been searched, once."""
        case = first_search(self._plan)
        assert case.on is not None
        contents = case.on.contents
        turns = contents.turns + contents.others * contents.other_turns
        if shutil.disk_usage(self._home).free < turns * _BYTES_A_TURN:
            self.commands.not_measured.append(
                f"the first search of {turns:,} turns: it takes "
                f"{turns * _BYTES_A_TURN / 2**30:.0f} GB in {self._home.parent}"
            )
            return
        say(f"commands: building {case.on.label}")
        path = self._home / case.on.file
        with self._building() as worker:
            worker.ask(build, path=path, contents=contents)
        say("commands: searching it")
        self.commands.cases.append(case)
        self._measure(case, 0)
        path.unlink()

    def _measure(self, case: Case, number: int) -> None:
        try:
            done = self._run(case, f"b{number + 1}")
        except CommandFailed as error:
            self.commands.failures.append(str(error))
            self.commands.cases.remove(case)
            return
        if number >= 0:
            seconds = done.processor if self._plan.cpu and done.processor else done.seconds
            self.commands.series.add(*case.key, number, [seconds])
            self.commands.processor.add(*case.key, number, [done.processor])
            self.commands.peaks[case] = max(self.commands.peaks.get(case, 0), done.peak)

    def _run(self, case: Case, unique: str) -> Run:
        argv, environ = case.argv(unique), self._environ(case.on, self._asked_by(case))
        if case.until == "end":
            return self._launcher.run(argv, environ, case.code)
        with AtTerminal(argv, environ) as terminal:
            seconds = terminal.until(_PROMPT)
            if case.until == "answer":
                terminal.type(_QUESTION)
                seconds = max(0.0, terminal.until(_ANSWER) - self._server.own_time())
                # Killed now, it would leave a prompt that waits.
                terminal.until(_NEXT_PROMPT)
                return Run(seconds)
        return Run(seconds, terminal.spent)

    def _asked_by(self, case: Case) -> Server | None:
        if not case.asks_server:
            return None
        return self._waiting if case.is_of_waiting else self._server

    def _environ(self, on: Database | None, server: Server | None = None) -> dict[str, str]:
        """A home without settings or keys, a database, and `echo` or a server to ask."""
        names = ("PATH", "PYTHONPATH")
        inherited = {name: os.environ[name] for name in names if name in os.environ}
        asked = {"CONVO_MODEL": "echo"} if server is None else server.environ
        return {
            **inherited,
            **asked,
            "HOME": str(self._home),
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "CONVO_DB": str(self._home / ("none.db" if on is None else on.file)),
            "LLM_USER_PATH": str(self._home / "llm"),
            "PROMPT_TOOLKIT_NO_CPR": "1",
        }
