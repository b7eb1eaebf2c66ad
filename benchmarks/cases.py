"""The command lines that are measured, each with what is asked of it."""

from __future__ import annotations

import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.databases import Contents
from benchmarks.plan import Plan
from benchmarks.targets import (
    AGENT_OVER_SDK,
    ANSWER_SECONDS,
    CHAT_OVER_IMPORTS,
    CHAT_OVER_LLM,
    COMMAND_OVER_IMPORTS,
    FIRST_SEARCH_SECONDS,
    LISTED_SECONDS,
    OVER_TYPER,
    PEAK,
    PROMPT_OVER_IMPORTS,
    REPLAY_OVER_ONE,
    TAB_OVER_IMPORTS,
    TAB_OVER_SQLITE,
    WHOLE_SECONDS,
)
from convo_cli.completing.answering import answer

ROOT = Path(__file__).parents[1]
PROGRAM = Path(sys.executable).with_name("convo")

TYPER = 'python -c "import typer"'
IMPORTS = 'python -c "import typer, rich.table, aiosqlite"'
SQLITE = 'python -c "import sqlite3"'
AGENTS = 'python -c "import agents"'
LLM = "llm -m echo hi"
"""What the commands are compared with."""

ONE_REPLAY = "convo replay, one model"

PROMPT_OF_CHAT = "convo chat, to its prompt"
FIRST_ANSWER = "convo chat, from Enter to the answer, beyond the server's own time"

FIRST_TAB = """
PATH=$2:$PATH
source "$1"
COMP_LINE="convo session lis" COMP_POINT=17 COMP_TYPE=9
_convo
[[ ${COMPREPLY[0]} == list ]]
"""
_LINES = ("convo show ", "convo switch ", "convo -s ", "convo chat -m ")
"""Lines whose end is in the database."""

_ON_DATABASES = (
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
_OF_ALL_TURNS = (
    "show",
    "show --json",
    "export --format md",
    "export --format html",
    "export --format json",
    "export --format jsonl",
    "diff main half",
)
_MISTAKES = ("nosuch", "turns --nosuch")


@dataclass(frozen=True)
class Database:
    """A database that commands run on; those that change it have a `copy` of their own."""

    label: str
    contents: Contents
    copy: str = "measured"

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.copy}-{self.contents.name}.db"


@dataclass(frozen=True)
class Case:
    """A command line that is measured. `{unique}` in it is another word each time.

    Attributes:
        name: What the report calls it.
        command: The command line; the first word of `convo` commands is left out.
        limits: How many times what other cases take it may take, by their names.
        peak: Megabytes that it may need; 0 for no limit.
        seconds: How many seconds it may take; 0 for no limit.
        on: The database that it runs on.
        until: What ends it: its own end or, on a terminal, the prompt of the chat, or the first
            answer to a question that is typed as soon as that prompt is there.
        code: The exit code that it has to end with.
        is_convo: Whether it is a command of `convo`.
        asks_server: Whether it asks the server on loopback instead of `echo`.
        is_of_waiting: Whether that server answers after a tenth of a second.
    """

    name: str
    command: tuple[str, ...]
    limits: tuple[tuple[str, float], ...] = ()
    peak: int = 0
    seconds: float = 0.0
    on: Database | None = None
    until: Literal["end", "prompt", "answer"] = "end"
    code: int = 0
    is_convo: bool = True
    asks_server: bool = False
    is_of_waiting: bool = False

    @property
    def is_slow(self) -> bool:
        """Whether it imports the SDK, which the databases have been built with already, or waits
        for most of its time."""
        return self.is_of_waiting or AGENTS in (self.name, *(name for name, _ in self.limits))

    @property
    def key(self) -> tuple[str, str, int]:
        """Its key in the results."""
        return (self.name, "" if self.on is None else self.on.label, 0)

    def argv(self, unique: str) -> list[str]:
        """The command line of one run."""
        words = [word.replace("{unique}", unique) for word in self.command]
        return [*program(), *words] if self.is_convo else words


def program() -> list[str]:
    """How `convo` is started."""
    if PROGRAM.exists():
        return [sys.executable, str(PROGRAM)]
    return [sys.executable, "-m", "convo_cli"]


def cases(plan: Plan, agent: Path, llm: Path | None) -> list[Case]:
    """The command lines of the parts of a plan.

    `agent` is a file with an agent, `llm` the program of that name where it is there.
    """
    found = [_python(IMPORTS)]
    if "commands" in plan.parts:
        found += _commands(plan)
    if "chat" in plan.parts:
        if llm is not None:
            found.append(Case(LLM, (str(llm), *LLM.split()[1:]), is_convo=False))
        found += [_python(AGENTS), *_chats(plan, agent)]
    return found


def _commands(plan: Plan) -> list[Case]:
    found = [
        _python(TYPER),
        Case("convo --version", ("--version",), ((TYPER, OVER_TYPER),), PEAK),
        *(
            Case(f"convo {line}", tuple(line.split()), ((TYPER, OVER_TYPER),), code=2)
            for line in _MISTAKES
        ),
        _quick("completion bash"),
    ]
    if shutil.which("bash"):
        script = ROOT / "completions/convo.bash"
        tab = ("bash", "--norc", "-c", FIRST_TAB, "bash", str(script), str(PROGRAM.parent))
        found.append(
            Case("bash, and its first TAB", tab, ((IMPORTS, TAB_OVER_IMPORTS),), is_convo=False)
        )
    found.append(_python(SQLITE))
    found += [_tab(line, of_turns(size)) for size in plan.command_sizes for line in _LINES]
    for size in plan.command_sizes:
        found += [_quick(line, of_turns(size)) for line in _ON_DATABASES]
        found += [_whole(line, of_turns(size)) for line in _OF_ALL_TURNS]
        line = ("db", "gc", "--force")
        found.append(Case(f"convo {' '.join(line)}", line, on=of_turns(size, "gc")))
    others, turns = plan.searched
    many = Database(
        f"{(others + 1) * turns:,} turns of {others + 1:,} sessions", Contents(turns, others, turns)
    )
    listed = Database(f"{plan.listed:,} sessions", Contents(2, plan.listed - 1, 2))
    return [
        *found,
        Case("convo session list", ("session", "list"), seconds=LISTED_SECONDS, on=listed),
        Case("convo search river", ("search", "river"), on=many),
    ]


def _chats(plan: Plan, agent: Path) -> list[Case]:
    on = of_turns(plan.command_sizes[0], "chat")
    plain = {
        "limits": ((IMPORTS, CHAT_OVER_IMPORTS), (LLM, CHAT_OVER_LLM)),
        "peak": PEAK,
        "on": on,
    }
    ask = ("chat", "--new", "hi")
    echo = (*ask, "--model", "echo")
    return [
        Case(PROMPT_OF_CHAT, ("chat",), ((IMPORTS, PROMPT_OVER_IMPORTS),), on=on, until="prompt"),
        Case(
            FIRST_ANSWER,
            ("chat", "--new"),
            seconds=ANSWER_SECONDS,
            on=on,
            until="answer",
            asks_server=True,
        ),
        Case("convo chat --model echo hi", echo, **plain),  # type: ignore[arg-type]
        Case("convo chat hi", ask, **plain, asks_server=True),  # type: ignore[arg-type]
        Case(
            "convo chat --agent FILE --model echo hi",
            (*echo, "--agent", str(agent)),
            ((AGENTS, AGENT_OVER_SDK),),
            on=on,
        ),
        *_replays(plan),
    ]


def _replays(plan: Plan) -> list[Case]:
    """A conversation asked again by one model, and by four at once, of a server that takes 100 ms.

    The turns run no tools there: what is compared is the time that models take beside each other.
    """
    on = of_turns(plan.replayed, "replay")
    line = ("replay", "--yes", "-q")
    four = [word for name in ("one", "two", "three", "four") for word in ("-m", name)]
    how = {"on": on, "asks_server": True, "is_of_waiting": True}
    return [
        Case(ONE_REPLAY, (*line, "-m", "one"), **how),  # type: ignore[arg-type]
        Case(
            "convo replay, four models",
            (*line, *four),
            ((ONE_REPLAY, REPLAY_OVER_ONE),),
            **how,  # type: ignore[arg-type]
        ),
    ]


def _tab(line: str, on: Database) -> Case:
    """What a shell runs at each TAB after its first: at most 1.3 times the import of `sqlite3`."""
    asked = (*answer("command"), "bash", line, " =:", "9", "80")
    return Case(f"{line}TAB", asked, ((SQLITE, TAB_OVER_SQLITE),), on=on, is_convo=False)


def of_turns(size: int, copy: str = "measured") -> Database:
    """The database with one session of so many turns."""
    return Database(f"{size:,} turns", Contents(size), copy)


def first_search(plan: Plan) -> Case:
    """The search that makes the index of a file that has never been searched."""
    others, turns = plan.first_searched
    label = f"{(others + 1) * turns:,} turns of {others + 1:,} sessions, the first time"
    on = Database(label, Contents(turns, others, turns))
    return Case("convo search river", ("search", "river"), seconds=FIRST_SEARCH_SECONDS, on=on)


def _quick(line: str, on: Database | None = None) -> Case:
    """A command that talks to no model: at most 1.7 times the imports, and 60 MB."""
    name = f"convo {line}".replace("{unique}", "NAME")
    return Case(name, tuple(line.split()), ((IMPORTS, COMMAND_OVER_IMPORTS),), PEAK, on=on)


def _whole(line: str, on: Database) -> Case:
    """A command that writes every turn: a second and 60 MB at most, on up to 10,000 of them."""
    return Case(f"convo {line}", tuple(line.split()), peak=PEAK, seconds=WHOLE_SECONDS, on=on)


def _python(name: str) -> Case:
    """A Python that runs the line in the case's name."""
    _, option, line = shlex.split(name)
    return Case(name, (sys.executable, option, line), is_convo=False)
