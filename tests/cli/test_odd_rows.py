"""Rows with values that no program of ours writes: a list shows the others, and never fails."""

import io
import shutil
from pathlib import Path

import pytest

from convo_cli.app import run
from tests.integration import damage

VALUES = {
    "nothing": "NULL",
    "bytes": "x'fffe00'",
    "a list": "'[5]'",
    "an object": """'{"model": [1], "base_url": {"a": 1}, "agent": 5, "is_chosen": "x"}'""",
    "an escape": "char(27) || '[31mred' || char(10) || char(7)",
    "without end": "9e999",
    "deep": "'" + "[" * 100_000 + "'",
}
COLUMNS = (
    ("agent_sessions", "session_id"),
    ("agent_sessions", "created_at"),
    ("agent_sessions", "updated_at"),
    ("agent_messages", "created_at"),
    ("agent_messages", "message_data"),
    ("message_structure", "branch_id"),
    ("message_structure", "branch_turn_number"),
    ("message_structure", "sequence_number"),
    ("message_structure", "created_at"),
    ("message_structure", "tool_name"),
    ("convo_branches", "parent_branch_id"),
    ("convo_branches", "created_at"),
    ("convo_head", "session_id"),
    ("convo_sessions", "branch_id"),
    ("convo_sessions", "model"),
    ("convo_sessions", "base_url"),
    ("convo_sessions", "agent"),
    ("convo_held_turns", "branch_id"),
    ("convo_held_turns", "question"),
    ("convo_held_turns", "options"),
    ("convo_held_turns", "items"),
    ("convo_held_turns", "created_at"),
    ("convo_held_turns", "retries"),
    ("convo_removed", "branch_id"),
    ("convo_removed", "what"),
    ("convo_removed", "removed_at"),
    ("convo_runs", "branch_id"),
    ("convo_runs", "model"),
    ("convo_runs", "total_tokens"),
    ("turn_usage", "input_tokens_details"),
)
COMMANDS = (
    "turns",
    "turns -b fork --json",
    "show -b fork",
    "show --waiting -b fork",
    "branches",
    "branches --tree --json",
    "sessions",
    "sessions --json",
    "session info",
    "usage --by-turn",
    "usage --by-branch --json",
    "search about",
    "restore --list",
    "restore --list --json",
    "diff main fork",
    "diff main fork --words",
    "compare main fork",
    "turns -s other",
)
NOT_FOUND = 3


@pytest.fixture
async def sound(tmp_path: Path) -> Path:
    path = tmp_path / "sound.db"
    await damage.make(path)
    return path


def said(monkeypatch: pytest.MonkeyPatch, line: str) -> tuple[int, str]:
    """The exit code of a command line, and all that it writes."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with monkeypatch.context() as replaced:
        replaced.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
        replaced.setattr("sys.stdout", out)
        replaced.setattr("sys.stderr", out)
        code = run(line.split())
        out.flush()
    return code, out.buffer.getvalue().decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", VALUES)
def test_an_odd_value_ends_no_list(
    sound: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str
) -> None:
    odd = sound.with_name("odd.db")
    monkeypatch.setenv("CONVO_DB", str(odd))
    monkeypatch.setenv("HOME", str(tmp_path))
    for table, column in COLUMNS:
        for log in ("-wal", "-shm"):
            Path(f"{odd}{log}").unlink(missing_ok=True)
        shutil.copy(sound, odd)
        if not damage.damage(odd, table, column, VALUES[value]):
            continue
        for line in COMMANDS:
            code, text = said(monkeypatch, line)
            assert code in (0, NOT_FOUND), (table, column, line, text)
            assert "\x1b[31mred" not in text, (table, column, line, text)
        assert "About c" in said(monkeypatch, "show -s other -b main")[1], (table, column)
