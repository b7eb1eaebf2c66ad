"""Agents in files and modules: found, or what is wrong with them in one line."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from agents import Agent

from convo_cli.agent.finding import find_agent
from convo_cli.agent.loading import load_module
from convo_cli.turn.errors import ChoiceError
from convo_cli.turn.reference import agent_reference

DESK = """
from agents import Agent, function_tool

@function_tool
def weather(city: str) -> str:
    return "Sunny."

other = agent = Agent(name="Desk", tools=[weather])
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with an agent, in which we are, and from which nothing stays imported."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "desk.py").write_text(DESK)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def loaded(named: str) -> Agent[None]:
    reference = agent_reference(named)
    found = find_agent(reference, load_module(reference)).value
    assert isinstance(found, Agent)
    return found


def said_of(named: str) -> str:
    with pytest.raises(ChoiceError) as caught:
        loaded(named)
    hint = caught.value.hint
    return f"{caught.value}; {hint}" if hint else str(caught.value)


@pytest.mark.parametrize(
    "named",
    ["desk.py", "desk.py:agent", "./desk.py:other", "desk:agent", "desk", "~/desk.py", " desk.py "],
)
def test_the_ways_to_name_an_agent(named: str) -> None:
    assert loaded(named).name == "Desk"


def test_the_usual_name_among_several(home: Path) -> None:
    (home / "desk.py").write_text(f"{DESK}\nspare = Agent(name='Spare')\n")
    assert loaded("desk.py").name == "Desk"
    assert loaded("desk.py:spare").name == "Spare"


BROKEN = {
    "\n\n\nagent = Agnt()": "desk.py:4: NameError: name 'Agnt' is not defined",
    "def f(:\n  pass": "desk.py:1: SyntaxError: invalid syntax",
    "import no_such": "desk.py:1: ModuleNotFoundError: No module named 'no_such'",
    "raise SystemExit(3)": "desk.py:1: SystemExit: 3",
    "from agents import Agent\nagent = Agent(name=1)": "desk.py:2: TypeError: Agent name must be a "
    "string, got int",
    "import helper": "helper.py:2: ZeroDivisionError: division by zero",
    "": "'desk.py' has no agent; an agent is an agents.Agent that the module gives a name, or a "
    "function that returns one",
    "from agents import Agent\na = Agent(name='A')\nb = Agent(name='B')": "'desk.py' has 2 "
    "agents; name one: :a, :b",
}


@pytest.mark.parametrize("source", BROKEN)
def test_what_is_wrong_with_an_agent_is_said_as_python_says_it(home: Path, source: str) -> None:
    (home / "helper.py").write_text("\n1 / 0\n")
    (home / "desk.py").write_text(source)
    assert said_of("desk.py") == BROKEN[source]


MISNAMED = {
    "dsk.py": "there is no file 'dsk.py'",
    "desk.py:agnt": "'desk.py' has no agent 'agnt'; did you mean 'agent'?",
    "desk.py:weather": "'weather' in 'desk.py' is no Agent but a FunctionTool; "
    "name one: :other, :agent",
    ".": "'.' names no agent",
    "no_such:agent": "there is no module 'no_such'",
    "desk:agnt": "'desk' has no agent 'agnt'; did you mean 'agent'?",
    "json": "'json' has no agent",
    "a b": "'a b' names no agent",
    "": "'' names no agent",
    "./sub/": "'./sub/' is a folder",
    "./notes.txt": "'./notes.txt' is no Python file",
}


@pytest.mark.parametrize("named", MISNAMED)
def test_an_agent_that_is_not_there(home: Path, named: str) -> None:
    (home / "sub").mkdir()
    (home / "notes.txt").touch()
    assert said_of(named).startswith(MISNAMED[named])


def test_a_folder_is_looked_into_first_only_while_it_is_loaded(home: Path) -> None:
    (home / "statistics.py").write_text("MINE = True")
    (home / "desk.py").write_text(f"import sys\nFIRST = sys.path[0]\n{DESK}")
    loaded("desk.py")
    assert str(home) == sys.modules["_agent_of_convo_desk"].FIRST
    assert sys.path[-1] == str(home)
    assert str(home) not in sys.path[:-1]


def test_a_file_may_be_called_like_the_sdk(home: Path) -> None:
    (home / "agents.py").write_text(DESK)
    assert loaded("agents.py").name == "Desk"


def test_hints_of_types_are_found_in_the_file(home: Path) -> None:
    lines = [
        "from __future__ import annotations",
        "from pydantic import BaseModel",
        "from agents import Agent, function_tool",
        "class Place(BaseModel):",
        "    city: str",
        "@function_tool",
        "def go(place: Place) -> str:",
        "    return place.city",
        "agent = Agent(name='Desk', tools=[go], output_type=Place)",
    ]
    (home / "desk.py").write_text("\n".join(lines))
    assert loaded("desk.py").name == "Desk"


def in_package(home: Path, *parts: str) -> Path:
    """A folder, with two files of which one needs the other as its neighbour."""
    folder = home.joinpath(*parts)
    folder.mkdir(parents=True)
    (folder / "names.py").write_text("NAME = 'Desk'")
    source = "from agents import Agent\nfrom .names import NAME\nagent = Agent(name=NAME)\n"
    (folder / "desk.py").write_text(source)
    return folder


@pytest.mark.parametrize("parts", [("sub",), ("a", "b"), ("agents",), ("a-b",), ("json", "c")])
def test_relative_imports_work_in_any_folder(home: Path, parts: tuple[str, ...]) -> None:
    folder = in_package(home, *parts)
    assert loaded(f"{'/'.join(parts)}/desk.py").name == "Desk"
    assert sys.modules["json"].__name__ == "json"
    assert folder.exists()


def test_a_package_is_found_from_anywhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = in_package(home, "outer", "inner")
    for package in (folder, folder.parent):
        (package / "__init__.py").touch()
    (folder.parent / "titles.py").write_text("NAME = 'Front desk'")
    (folder / "desk.py").write_text(
        "from agents import Agent\nfrom ..titles import NAME\nagent = Agent(name=NAME)\n"
    )
    monkeypatch.chdir(home.parent)
    assert loaded(str(folder / "desk.py")).name == "Front desk"
    assert "outer.inner.desk" in sys.modules


def test_the_current_folder_is_looked_into_after_that_of_the_file(home: Path) -> None:
    (home / "sub").mkdir()
    (home / "here.py").write_text("NAME = 'Desk'")
    (home / "both.py").write_text("NAME = 'wrong'")
    (home / "sub" / "both.py").write_text("NAME = 'Desk'")
    (home / "sub" / "desk.py").write_text(
        "import both, here\nfrom agents import Agent\nassert both.NAME == here.NAME\n"
        "agent = Agent(name=here.NAME)\n"
    )
    assert loaded("sub/desk.py").name == "Desk"


LOOPS = [
    "agent = asyncio.run(build())",
    "agent = asyncio.get_event_loop().run_until_complete(build())",
]


@pytest.mark.parametrize("line", LOOPS)
async def test_code_may_run_an_event_loop_when_it_is_loaded(home: Path, line: str) -> None:
    (home / "desk.py").write_text(
        "import asyncio\nfrom agents import Agent\n"
        f"async def build():\n    return Agent(name='Desk')\n{line}\n"
    )
    assert (await asyncio.to_thread(loaded, "desk.py")).name == "Desk"
