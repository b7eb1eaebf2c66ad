"""Agents in files and modules: found, or what is wrong with them in one line."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from agents import Agent

from convo_cli.agent.errors import ChoiceError
from convo_cli.agent.loading import load_agent
from convo_cli.agent.reference import agent_reference

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
    return load_agent(agent_reference(named))


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
    "": "'desk.py' has no agent; an agent is an agents.Agent that the module gives a name",
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
