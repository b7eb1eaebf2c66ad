"""What an API would refuse is left out: halves of pairs, and the end of a response."""

import re
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
from agents import Agent, RunConfig, Runner, SessionSettings
from agents.testing import ScriptedModel, assistant_message

from convo import AdvancedSQLiteSession, sendable
from tests.core.addresses import open_session
from tests.core.talk import assistant, call, output, texts, turn, user

SENDING = Path(__file__).parents[3] / "docs" / "sending.md"

THINKS: dict[str, Any] = {"type": "reasoning", "id": "rs_1", "summary": []}
ASKED = [user("q"), THINKS, call("a"), call("b"), output("a"), output("b"), THINKS, assistant("x")]
SEARCH = {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {}}
REQUEST = {"type": "mcp_approval_request", "id": "r1", "name": "n", "server_label": "s"}
RESPONSE = {"type": "mcp_approval_response", "approval_request_id": "r1", "approve": True}
SHELL = {"type": "local_shell_call", "id": "x", "call_id": "s1", "action": {}}
SHELL_OUTPUT = {"type": "local_shell_call_output", "id": "s1", "output": "done"}

CASES: dict[str, tuple[list[Any], list[Any]]] = {
    "whole": (ASKED, ASKED),
    "no output": ([user("q"), THINKS, call("a")], [user("q")]),
    "one output of two": (
        [user("q"), THINKS, call("a"), call("b"), output("b")],
        [user("q"), THINKS, call("b"), output("b")],
    ),
    "no call": ([output("a"), assistant("x")], [assistant("x")]),
    "output before its call": ([output("a"), call("a")], []),
    "one id twice": (
        [call("a"), output("a"), user("q"), call("a")],
        [call("a"), output("a"), user("q")],
    ),
    "only reasoning": ([user("q"), THINKS], [user("q")]),
    "reasoning and a question": ([THINKS, THINKS, user("q")], [user("q")]),
    "a call of the server's": ([user("q"), THINKS, SEARCH], [user("q"), THINKS, SEARCH]),
    "an approval to be given": ([user("q"), REQUEST], [user("q"), REQUEST]),
    "an approval of nothing": ([user("q"), RESPONSE], [user("q")]),
    "an approval": ([REQUEST, RESPONSE], [REQUEST, RESPONSE]),
    "a local shell": ([SHELL, SHELL_OUTPUT], [SHELL, SHELL_OUTPUT]),
    "no items": (["text", None, 5], ["text", None, 5]),
}


@pytest.mark.parametrize("name", CASES)
def test_halves_are_left_out(name: str) -> None:
    items, expected = CASES[name]
    assert sendable(items) == expected


SENT = [[], [], *[ASKED[6:]] * 5, ASKED[1:], ASKED]
"""What can be sent of the newest 0 to 8 items of `ASKED`."""


@pytest.mark.parametrize("limit", range(9))
async def test_a_limit_that_cuts_a_response(session: AdvancedSQLiteSession, limit: int) -> None:
    await session.add_items(ASKED)
    assert await session.get_items(limit) == ASKED[8 - limit :]
    assert await session.get_items(limit, sendable=True) == SENT[limit]


async def test_the_numbers_of_the_contract_stay(session: AdvancedSQLiteSession) -> None:
    await session.add_items(ASKED)
    session.session_settings = SessionSettings(limit=3)
    assert await session.get_items() == ASKED[5:]
    assert await session.get_items(sendable=True) == ASKED[6:]
    assert await session.pop_item() == ASKED[7]
    assert await session.get_items(-1, sendable=True) == ASKED[:6]
    assert await session.get_items(10**30, sendable=True) == ASKED[:6]


@pytest.fixture
async def limited(session: AdvancedSQLiteSession) -> AdvancedSQLiteSession:
    session.turn_limit = 2
    await session.add_items([{"role": "system", "content": "s"}])
    for question in ("a", "b", "c"):
        await session.add_items(turn(question))
    return session


async def test_a_turn_limit_gives_the_newest_turns_whole(limited: AdvancedSQLiteSession) -> None:
    expected = {0: "", 1: "c", 2: "bc", 3: "sabc", 4: "sabc", 2**70: "sabc"}
    for count, questions in expected.items():
        limited.turn_limit = count
        said = [text for text in texts(await limited.get_items()) if len(text) == 1]
        assert "".join(said) == questions


async def test_a_limit_of_items_is_one_all_the_same(limited: AdvancedSQLiteSession) -> None:
    assert texts(await limited.get_items(1)) == ["About c"]
    assert len(await limited.get_items(-1)) == 7
    limited.session_settings = SessionSettings(limit=3)
    assert texts(await limited.get_items()) == ["About b", "c", "About c"]


async def test_turns_of_a_branch_are_counted_there(limited: AdvancedSQLiteSession) -> None:
    await limited.create_branch_from_turn(2)
    assert texts(await limited.get_items()) == ["s", "a", "About a"]
    assert texts(await limited.get_items(branch_id="main")) == ["b", "About b", "c", "About c"]


async def test_a_run_is_sent_whole_turns(limited: AdvancedSQLiteSession) -> None:
    model = ScriptedModel([[assistant_message("x")]])
    await Runner.run(Agent(name="A", model=model), "d", session=limited)
    assert texts(model.last_call.input) == ["b", "About b", "c", "About c", "d"]  # type: ignore[union-attr, arg-type]
    assert len(await limited.get_items(-1)) == 9


async def test_the_recipes_of_the_documentation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after the other, on a history that begins with an output without its call."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "conversations.db"
    async with open_session(path, "travel", create_tables=True) as session:
        await session.add_items([output("z"), *turn("q")])
    model = ScriptedModel([[assistant_message("x")], [assistant_message("y")]])
    names: dict[str, Any] = {"agent": Agent(name="A", model=model), "sendable": sendable}
    names |= {"Runner": Runner, "RunConfig": RunConfig}
    names |= {"AdvancedSQLiteSession": AdvancedSQLiteSession}
    for recipe in re.findall(r"```python\n(.*?)```", SENDING.read_text(), re.DOTALL):
        code = f"async def run():\n{indent(recipe, '    ')}\n    globals().update(locals())\n"
        exec(code, names)
        await names["run"]()
    await names["session"].close()
    first, second = (list(call.input) for call in model.calls)
    assert (first[0], texts(first[1:])) == (output("z"), ["q", "About q", "And tomorrow?"])
    assert texts(second) == ["q", "About q", "And tomorrow?", "x", "And tomorrow?"]


def test_a_negative_turn_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="turn_limit is a number of turns, not -1"):
        AdvancedSQLiteSession(session_id="talk", create_tables=True, turn_limit=-1)
