"""What has run is not run again: tools that count their calls, servers that fail, real kills."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from convo.pending.unfinished import UNKNOWN_RESULT
from tests.cli.chat.at_terminal import CTRL_C, ChatAtTerminal
from tests.core.addresses import rows
from tests.program import EXECUTABLE, PATIENCE, Program, ended
from tests.server import Answer, Fault, OpenAIServer, ToolCall

AGENT = """
    import asyncio
    from pathlib import Path
    from agents import Agent, ModelSettings, function_tool

    HERE = Path(__file__).parent

    def ran(what):
        with (HERE / "ran").open("a") as file:
            file.write(what + "\\n")

    @function_tool
    def pay(amount: int) -> str:
        ran(f"pay {amount}")
        return f"paid {amount}"

    @function_tool
    async def wait() -> str:
        ran("wait")
        await asyncio.sleep(600)
        return "waited"

    @function_tool(needs_approval=True)
    def mail(to: str) -> str:
        ran(f"mail {to}")
        return f"mailed {to}"

    desk = Agent(name="Desk", instructions="I am the desk.", tools=[pay, wait, mail])
    triage = Agent(name="Triage", instructions="I am the triage.", handoffs=[desk])
    eager = desk.clone(model_settings=ModelSettings(tool_choice="required"))
"""
PAY, MAIL, WAIT = ToolCall("pay", {"amount": 5}), ToolCall("mail", {"to": "Ann"}), ToolCall("wait")
OVER = ToolCall("transfer_to_desk")
REFUSED = Fault.status(400)
WAYS = pytest.mark.parametrize(
    "way",
    [("--api", "chat"), ("--api", "responses"), ("--api", "responses", "--no-stream")],
    ids=["chat", "responses", "at-once"],
)


class Desk(Program):
    """The program with the agent, whose model is on the test server."""

    def ask(self, name: str = "desk", *how: str) -> Any:
        return self("chat", "-a", f"{self.home / 'desk.py'}:{name}", "pay", *how)

    @property
    def ran(self) -> list[str]:
        file = self.home / "ran"
        return file.read_text().splitlines() if file.exists() else []

    def items(self, *what: str) -> list[tuple[str, str | None]]:
        """The items of the last turn, or of the one that waits: what each is, and of which tool."""
        (turn,) = json.loads(self("show", *(what or ("-1",)), "--json").out)
        return [(item["kind"], item["tool"]) for item in turn["items"]]

    def spent(self) -> dict[str, int]:
        rows = json.loads(self("usage", "--json").out)["rows"]
        return {row["status"]: row["total_tokens"] for row in rows if row["requests"]}

    @contextmanager
    def running(self, *args: str) -> Iterator[subprocess.Popen[bytes]]:
        """A turn whose tool `wait` has begun and does not end."""
        agent = f"{self.home / 'desk.py'}:desk"
        process = subprocess.Popen(
            [EXECUTABLE, "chat", "-a", agent, "pay", *args],
            env=self.environ({}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self.see("wait")
            yield process
        finally:
            process.kill()
            process.wait()

    def see(self, what: str) -> None:
        """Return once a tool has run."""
        _wait_until(lambda: what in self.ran)

    def keep(self, output: str) -> None:
        """Return once an output is on the disk."""
        _wait_until(lambda: output in str(rows(self.db, "SELECT items FROM convo_held_turns")))


def _wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def desk(tmp_path: Path, openai_server: OpenAIServer) -> Desk:
    convo = Desk(tmp_path, {**openai_server.environ, "CONVO_MODEL": "test-model"})
    (tmp_path / "desk.py").write_text(dedent(AGENT))
    return convo


def sent(server: OpenAIServer, number: int = -1) -> str:
    return json.dumps(server.requests[number].data)


WHOLE = [("user", None), ("tool_call", "pay"), ("tool_output", "pay"), ("assistant", None)]


@WAYS
def test_after_a_failure(desk: Desk, openai_server: OpenAIServer, way: tuple[str, ...]) -> None:
    openai_server.script(PAY, REFUSED, Answer("All paid."))
    assert desk.ask("desk", *way).code == 5
    assert desk.items("--waiting") == WHOLE[:3]
    assert desk.spent() == {"failed": 15}
    done = desk("retry", *way)
    assert (done.code, done.out) == (0, "All paid.\n")
    assert "not run again: pay\n" in done.err
    assert (desk.ran, desk.items()) == (["pay 5"], WHOLE)
    assert desk.spent() == {"failed": 15, "completed": 15}
    assert "paid 5" in sent(openai_server)


def test_after_too_many_requests(desk: Desk, openai_server: OpenAIServer) -> None:
    openai_server.script(PAY, Answer("All paid."))
    assert desk.ask("desk", "--max-turns", "1").code == 5
    assert desk("retry").out == "All paid.\n"
    assert (desk.ran, desk.items()) == (["pay 5"], WHOLE)


def test_a_retry_that_fails_too_keeps_what_both_have_done(
    desk: Desk, openai_server: OpenAIServer
) -> None:
    again = ToolCall("pay", {"amount": 6})
    openai_server.script(PAY, REFUSED, again, REFUSED, REFUSED, Answer("All paid."))
    desk.ask()
    assert [desk("retry").code for _ in range(3)] == [5, 5, 0]
    assert desk.ran == ["pay 5", "pay 6"]
    assert desk.items() == [*WHOLE[:3], *WHOLE[1:]]
    assert desk.spent() == {"failed": 30, "completed": 15}
    assert json.loads(desk("turns", "--json").out)[0]["total_tokens"] == 45


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["killed", "stopped"])
def test_of_parallel_calls_one_has_ended_and_one_was_running(
    desk: Desk, openai_server: OpenAIServer, how: signal.Signals
) -> None:
    openai_server.script(Answer(calls=[PAY, WAIT]), Answer("I do not know."))
    with desk.running() as process:
        desk.see("pay 5")
        desk.keep("paid 5")
        os.kill(process.pid, how)
        process.wait()
    shown = desk("show", "--waiting", "1").out
    assert "paid 5" in shown
    assert "No result: the program was interrupted" in shown
    assert desk("retry").out == "I do not know.\n"
    assert sorted(desk.ran) == ["pay 5", "wait"]
    assert json.dumps(UNKNOWN_RESULT)[1:-1] in sent(openai_server)
    assert desk.spent() == {"interrupted": 15, "completed": 15}


def test_the_agent_that_the_turn_was_handed_to_goes_on(
    desk: Desk, openai_server: OpenAIServer
) -> None:
    openai_server.script(OVER, PAY, REFUSED, Answer("All paid."))
    assert desk.ask("triage").code == 5
    done = desk("retry")
    assert (done.code, desk.ran) == (0, ["pay 5"])
    assert "I am the desk." in sent(openai_server)
    assert [kind for kind, _ in desk.items()][1:3] == ["handoff", "tool_output"]


def test_a_forced_call_is_not_forced_again(desk: Desk, openai_server: OpenAIServer) -> None:
    openai_server.script(PAY, REFUSED, Answer("All paid."))
    desk.ask("eager")
    desk("retry")
    assert '"tool_choice"' in sent(openai_server, 0)
    assert '"tool_choice"' not in sent(openai_server)


def test_another_model_goes_on_at_another_api(desk: Desk, openai_server: OpenAIServer) -> None:
    openai_server.script(
        Answer("Let me see.", calls=[PAY], reasoning="Hm."), REFUSED, Answer("All paid.")
    )
    desk.ask("desk", "--api", "responses")
    assert desk("retry", "-m", "other-model", "--api", "chat").out == "All paid.\n"
    assert (desk.ran, openai_server.requests[-1].model) == (["pay 5"], "other-model")
    (turn,) = json.loads(desk("turns", "--json").out)
    assert (turn["model"], turn["requests"]) == ("other-model", 2)


def test_from_the_start_everything_runs_again(desk: Desk, openai_server: OpenAIServer) -> None:
    openai_server.script(PAY, REFUSED, PAY, Answer("All paid."))
    desk.ask()
    done = desk("retry", "--from-start")
    assert "from the start: what has run before may run again: pay\n" in done.err
    assert (desk.ran, desk.items()) == (["pay 5", "pay 5"], WHOLE)
    assert desk.spent() == {"failed": 15, "completed": 30}
    assert json.loads(desk("turns", "--json").out)[0]["total_tokens"] == 30


def test_a_call_that_waited_for_approval_is_asked_about_again(
    desk: Desk, openai_server: OpenAIServer
) -> None:
    openai_server.script(Answer(calls=[PAY, MAIL]), MAIL, Answer("All sent."))
    with desk.at_terminal("chat", "-a", str(desk.home / "desk.py:desk"), "pay") as child:
        child.expect("mail")
        child.expect(r"\?")
        child.send(CTRL_C)
        assert ended(child) == 130
    assert desk.ran == ["pay 5"]
    with desk.at_terminal("retry") as child:
        child.expect("mail")
        child.expect(r"\?")
        child.send("y\r")
        child.expect("All sent.")
        assert ended(child) == 0
    assert desk.ran == ["pay 5", "mail Ann"]
    assert openai_server.requests[1].data["messages"][-1]["content"] == "paid 5"


def test_in_the_chat(desk: Desk, openai_server: OpenAIServer) -> None:
    openai_server.script(PAY, REFUSED, Answer("All paid."), PAY, REFUSED, PAY, Answer("Twice."))
    with ChatAtTerminal(desk, "-a", f"{desk.home / 'desk.py'}:desk", columns=160) as chat:
        chat.ready("(new):main 1>")
        chat.say("pay", "(new):main 1 (1 waits)>")
        assert "  paid 5" in chat.say("/show --waiting 1", "(new):main 1 (1 waits)>")
        assert "All paid." in chat.say("/retry", "pay:main 2>")
        chat.say("pay more", "pay:main 2 (1 waits)>")
        again, *rest = chat.say("/retry --from-start", "pay:main 3>")
        assert again.endswith("may run again: pay")
        assert "Twice." in rest
        assert chat.leave() == 0
    assert desk.ran == ["pay 5"] * 3
