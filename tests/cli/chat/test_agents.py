"""The interactive chat with an agent: loaded behind the prompt, and told of when it is broken."""

from __future__ import annotations

from tests.cli.chat.at_terminal import ChatAtTerminal
from tests.program import Program
from tests.server import Answer, OpenAIServer, ToolCall

DESK = "from agents import Agent\nagent = Agent(name='Desk', instructions='Be brief.')\n"


def test_a_broken_agent_can_be_mended_while_one_chats(convo: Program) -> None:
    file = convo.home / "desk.py"
    file.write_text("\nagent = Agnt()\n")
    with ChatAtTerminal(convo, "-a", "desk.py", "-s", "talk", columns=120) as chat:
        chat.ready("talk:main 1>")
        said = chat.say("Hi", "talk:main 1>")[0]
        assert said.startswith("convo: desk.py:2: NameError: name 'Agnt' is not defined")
        file.write_text(DESK)
        shown = chat.say("Hello", "talk:main 2>")
        assert shown[0].startswith('This is turn 1. You said "Hello"')
        assert 'My instructions say "Be brief."' in chat.text
        assert chat.leave() == 0


def test_an_agent_that_is_missing_is_refused_before_the_prompt(convo: Program) -> None:
    with ChatAtTerminal(convo, "-a", "desk.py", columns=120) as chat:
        assert chat.end() == 2
        assert chat.lines[0].startswith("convo: there is no file 'desk.py'; an agent is named")
        assert len(chat.lines) == 1


TWO = """
from agents import Agent
a = Agent(name='A', instructions='Be brief.')
b = Agent(name='B', instructions=lambda wrapper, agent: wrapper.context["how"])
"""


def test_one_of_several_agents_is_chosen_once_and_remembered_with_its_context(
    convo: Program,
) -> None:
    (convo.home / "desk.py").write_text(TWO)
    refused = convo("chat", "-a", "desk.py", "Hi", cwd=convo.home).error(2)
    assert refused.startswith("'desk.py' has 2 agents; name one: :a, :b")
    given = ["-a", "desk.py", "--context", '{"how": "Be kind."}', "-s", "talk"]
    with ChatAtTerminal(convo, *given, columns=120) as chat:
        chat.ready("talk:main 1>")
        chat.type("Hello\r")
        chat.see(r"^Which one\? \[1-2\]$")
        chat.type("2")
        chat.ready("talk:main 2>")
        assert 'My instructions say "Be kind."' in chat.text
        chat.say("Again", "talk:main 3>")
        assert chat.text.count("Which one?") == 1
        assert chat.leave() == 0
    assert "Be kind." in convo("chat", "-s", "talk", "And now?").out


SLOW = """
import pathlib, time
from agents import Agent, function_tool

@function_tool
def wait_for(path: str) -> str:
    while not pathlib.Path(path).exists():
        time.sleep(0.01)
    return "there"

agent = Agent(name="Desk", tools=[wait_for])
"""


def test_a_tool_that_runs_is_shown_with_its_seconds(
    convo: Program, openai_server: OpenAIServer
) -> None:
    mark = convo.home / "mark"
    (convo.home / "desk.py").write_text(SLOW)
    openai_server.script(ToolCall("wait_for", {"path": str(mark)}), Answer("Done."))
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model")
    with ChatAtTerminal(convo, "-a", "desk.py", "-s", "talk", columns=140) as chat:
        chat.ready("talk:main 1>")
        chat.type("Wait\r")
        chat.see(r"^→ wait_for\(.*\)\nrunning wait_for [1-9] s; Ctrl-C stops the answer$")
        mark.touch()
        shown = chat.ready("talk:main 2>")
        assert [line for line in shown if "wait_for" in line][1:] == ["← wait_for: there"]
        assert "running" not in chat.text
        assert chat.leave() == 0
