"""Agents that a function makes: called, awaited, entered, or caught when it runs one."""

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from convo_cli.agent.host import AgentHost
from convo_cli.turn.choice import ModelChoice
from convo_cli.turn.errors import ChoiceError
from convo_cli.turn.reference import agent_reference


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    sys.modules.pop("_agent_of_convo_desk", None)


START = """
    import asyncio
    from contextlib import asynccontextmanager, contextmanager
    from agents import Agent, Runner
    log = []
    def desk(said):
        return Agent(name="Desk", instructions=said)
"""


async def answers(source: str, name: str = "", turns: int = 1) -> list[str]:
    """What echo says of the agent that the source makes."""
    Path("desk.py").write_text(dedent(START) + dedent(source))
    choice = ModelChoice(model="echo", agent=agent_reference(f"desk.py{name}"))
    async with AgentHost() as host:
        return [(await host.run_turn(choice, [], "Hi", lambda _: None)).text for _ in range(turns)]


WAYS = {
    "plain": "def build(): return desk('plain')",
    "with defaults": "def build(a='with', *, b='defaults'): return desk(f'{a} {b}')",
    "awaited": "async def build():\n    await asyncio.sleep(0)\n    return desk('awaited')",
    "own loop": "async def made(): return desk('own loop')\n"
    "def build(): return asyncio.run(made())",
    "entered": "@asynccontextmanager\nasync def build(): yield desk('entered')",
    "entered at once": "@contextmanager\ndef build(): yield desk('entered at once')",
    "yielded": "async def build(): yield desk('yielded')",
    "a class": "class build(Agent):\n"
    "    def __init__(self): super().__init__('D', instructions='a class')",
    "run": "async def build(): await Runner.run(desk('run'), 'Hello')",
    "run at once": "def build(): Runner.run_sync(desk('run at once'), 'Hello')",
    "run elsewhere": "def build(): asyncio.run(Runner.run(desk('run elsewhere'), input='Hello'))",
    "streamed": "async def build():\n    result = Runner.run_streamed(desk('streamed'), 'Hello')\n"
    "    async for event in result.stream_events(): pass",
}


@pytest.mark.parametrize("way", WAYS)
async def test_the_ways_to_make_an_agent(way: str) -> None:
    (said,) = await answers(WAYS[way], ":build")
    assert f'My instructions say "{way}"' in said


async def test_what_makes_an_agent_is_called_once_and_left_at_the_end() -> None:
    source = """
    @asynccontextmanager
    async def main():
        log.append("open")
        yield desk("brief")
        log.append("closed")
    """
    await answers(source, turns=2)
    assert sys.modules["_agent_of_convo_desk"].log == ["open", "closed"]


async def test_a_program_that_runs_its_agent_keeps_open_what_it_opened() -> None:
    source = """
    @asynccontextmanager
    async def server():
        log.append("open")
        try:
            yield
        finally:
            log.append("closed")
    async def main():
        async with server():
            result = await Runner.run(desk(f"{log}"), "Tell me a joke")
            log.append("answered")
    """
    said = await answers(source, turns=2)
    assert all("My instructions say \"['open']\"" in one for one in said)
    assert sys.modules["_agent_of_convo_desk"].log == ["open", "closed"]


FAILING = {
    "def build(): return 3": "'build' in 'desk.py' returned a int, not an Agent",
    "def build(): pass": "'build' in 'desk.py' returned nothing, not an Agent",
    "def build(): raise KeyError('x')": "desk.py:8: KeyError: 'x'",
    "async def build(): exit(3)": "desk.py:8: SystemExit: 3",
    "@asynccontextmanager\nasync def build():\n  1/0\n  yield": "desk.py:10: ZeroDivisionError: "
    "division by zero",
}


@pytest.mark.parametrize("source", FAILING)
async def test_a_function_that_makes_no_agent(source: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        await answers(source, ":build")
    assert str(caught.value) == FAILING[source]
