"""The tests of an agent that docs/eval.md shows are tests that pass, and fail if the agent does."""

import re
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from agents import Agent
from agents.testing import ScriptedModel, assistant_message

PAGE = Path(__file__).parents[3] / "docs" / "eval.md"
GOOD = "Room 12 is yours. Breakfast is at 7, and yes, your dog is welcome."

Test = Callable[[Path], Coroutine[Any, Any, None]]


def shown(monkeypatch: pytest.MonkeyPatch, answer: str) -> dict[str, Test]:
    """The tests on the page, of an agent that always gives this answer."""
    desk = ModuleType("desk")
    model = ScriptedModel([[assistant_message(answer)] for _ in range(20)])
    desk.agent = Agent("desk", model=model)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "desk", desk)
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    return {name: one for name, one in names.items() if name.startswith("test_")}


async def test_they_pass(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = shown(monkeypatch, GOOD)
    assert len(found) == 2
    for name, test in found.items():
        (tmp_path / name).mkdir()
        await test(tmp_path / name)


async def test_they_fail_if_the_agent_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    remembers, knows = shown(monkeypatch, "Who are you?").values()
    with pytest.raises(AssertionError, match="does not contain '12'"):
        await remembers(tmp_path)
    with pytest.raises(AssertionError, match="breakfast"):
        await knows(tmp_path)
