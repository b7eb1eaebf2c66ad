"""The README and the documents say what the program does."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from convo_cli.exits import ExitCode
from docs.output_page import PAGE, page
from tests.integration.readme import DOCS, README, block, commands, played, without_times
from tests.program import PATIENCE, Program
from tests.server import Answer, OpenAIServer, ToolCall


def test_the_transcript_is_what_a_person_sees() -> None:
    shown = block("transcript")
    assert without_times(shown) == without_times(played(commands(shown)))


def test_the_quick_start_runs(openai_server: OpenAIServer, tmp_path: Path) -> None:
    openai_server.script(Answer("Paris."), Answer("Sunny."), Answer("The Louvre."))
    script = tmp_path / "quick_start.py"
    script.write_text(block("quick start"))
    done = subprocess.run(
        [sys.executable, script],
        cwd=tmp_path,
        env=openai_server.environ,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "Paris.",
        "Sunny.",
        "main 2 turns",
        "tourism 2 turns",
        "{'requests': 3, 'input_tokens': 30, 'output_tokens': 15, 'total_tokens': 45,"
        " 'total_turns': 3}",
    ]


def test_the_agent_runs(openai_server: OpenAIServer, tmp_path: Path) -> None:
    program = Program(tmp_path, env={**openai_server.environ, "CONVO_MODEL": "test-model"})
    (tmp_path / "janitor.py").write_text(block("agent", DOCS / "agents.md"))
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").touch()
    openai_server.script(
        ToolCall("files", {"folder": "notes"}),
        Answer("One file."),
        ToolCall("delete", {"path": "notes/a.md"}),
        Answer("I may not."),
    )
    first = program("chat", "-a", "janitor.py", "What is in notes?", cwd=tmp_path)
    assert first.out == "One file.\n"
    assert '← files: ["a.md"]' in first.err.replace("'", '"')
    second = program("chat", "Then delete the empty ones", cwd=tmp_path)
    assert second.out == "I may not.\n"
    assert "refused delete" in second.err
    assert (tmp_path / "notes" / "a.md").exists()


def test_the_page_on_output_is_current() -> None:
    assert PAGE.read_text() == page(), "write it again: python -m docs.output_page"


def test_every_exit_code_is_listed() -> None:
    text = README.read_text()
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)} == set(ExitCode)


DOCUMENTS = [README, *DOCS.glob("*.md")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_file_that_is_named_is_there(document: Path) -> None:
    text = document.read_text()
    links = re.findall(r"\]\((?!https?:|commands/)([^)#]+)\)", text)
    tests = re.findall(r"`(tests/[\w/.]+)`", text)
    missing = [link for link in links if not (document.parent / link).exists()]
    assert missing + [name for name in tests if not (README.parent / name).exists()] == []
