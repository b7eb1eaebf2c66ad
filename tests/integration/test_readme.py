"""The README says what the program does."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from convo_cli.exits import ExitCode
from convo_cli.render import diff, listings, mcp, models, settings, tree, waiting
from convo_cli.render.data import rows, transcript_rows
from convo_cli.render.found import FOUND_KEYS
from convo_cli.render.status import STATUS_KEYS
from tests.integration.readme import README, block, commands, played, without_times
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
    (tmp_path / "janitor.py").write_text(block("agent"))
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


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("`turns`", rows.TURN_KEYS),
        ("`show`", transcript_rows.TRANSCRIPT_KEYS),
        ("`show --waiting`", (*waiting.WAITING_KEYS, "items")),
        ("`items`", transcript_rows.ITEM_KEYS),
        ("`branches`", rows.BRANCH_KEYS),
        ("`branches --tree`", tree.TREE_KEYS),
        ("`diff`", diff.DIFF_KEYS),
        ("`session list`", rows.SESSION_KEYS),
        ("`session info`", listings.INFO_KEYS),
        ("`status`", STATUS_KEYS),
        ("`tools`", listings.TOOL_KEYS),
        ("`usage`", rows.USAGE_KEYS),
        ("`mcp list`", mcp.SERVER_KEYS),
        ("`mcp tools`", mcp.MCP_TOOL_KEYS),
        ("`undo`", rows.UNDONE_KEYS),
        ("`restore`", rows.RESTORED_KEYS),
        ("`restore --list`", rows.REMOVED_KEYS),
        ("`search`", FOUND_KEYS),
        ("`config list`", settings.SETTING_KEYS),
        ("`server list`", settings.SERVER_KEYS),
        ("`server check`", settings.CHECKED_KEYS),
        ("`key list`", settings.KEY_KEYS),
        ("`alias list`", settings.ALIAS_KEYS),
        ("`models`", models.MODEL_KEYS),
        ("`template list`", settings.TEMPLATE_KEYS),
    ],
)
def test_the_keys_are_listed(name: str, keys: tuple[str, ...]) -> None:
    listed = _table_row(name)
    if "tokens," in listed or listed.endswith("tokens"):
        listed = re.sub(r"\btokens\b(?!`)", _table_row("tokens"), listed)
    assert re.findall(r"`(\w+)`", listed) == list(keys)


def test_every_exit_code_is_listed() -> None:
    text = README.read_text()
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)} == set(ExitCode)


DOCUMENTS = [README, *(README.parent / "docs").glob("*.md")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_file_that_is_named_is_there(document: Path) -> None:
    text = document.read_text()
    links = re.findall(r"\]\((?!https?:|commands/)([^)#]+)\)", text)
    tests = re.findall(r"`(tests/[\w/.]+)`", text)
    missing = [link for link in links if not (document.parent / link).exists()]
    assert missing + [name for name in tests if not (README.parent / name).exists()] == []


def _table_row(name: str) -> str:
    found = re.search(rf"^\| {re.escape(name)} \| (.*) \|$", README.read_text(), re.MULTILINE)
    assert found, name
    return found[1]
