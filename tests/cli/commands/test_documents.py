"""`convo bundle`, `clone` and `import convo`: a conversation that goes from hand to hand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.stored import store_turn
from tests.program import Program

FORMATS = ["md", "json", "jsonl", "html", "openai-jsonl"]
SECRETS = ["sk-proj-abcdefghijklmnopqrst", "jane@example.com", "hunter22", "alice"]
TURN = [
    {"role": "user", "content": "my key is sk-proj-abcdefghijklmnopqrst, mail jane@example.com"},
    {
        "type": "function_call",
        "call_id": "c1",
        "name": "bash",
        "arguments": json.dumps({"command": json.dumps({"password": "hunter22"})}),
    },
    {"type": "function_call_output", "call_id": "c1", "output": "/home/alice/x\n/Users/alice"},
    {"type": "reasoning", "summary": [{"type": "summary_text", "text": "mail jane@example.com"}]},
    {
        "role": "assistant",
        "content": [{"type": "output_text", "text": "sk-proj-abcdefghijklmnopqrst"}],
    },
]


def test_a_branch_goes_to_somebody_else_and_comes_back(paris: Program) -> None:
    file, theirs = paris.home / "trip.convo", paris.home / "theirs.db"
    assert paris("bundle", "-o", file).err == f"wrote branch 'tourism' to {file}\n"
    cloned = paris("--db", theirs, "clone", file)
    assert (cloned.out, cloned.err) == ("paris\n", "cloned 2 turns; it is current now\n")
    lines = [
        f"chat --db {theirs} -m echo -q --no-stdin More?",
        f"bundle --db {theirs} -o back.convo",
        "clone back.convo",
        "turns --format jsonl",
        f"branches --db {theirs} --json",
    ]
    *_, grown, turns, branches = paris.each(*lines)
    assert grown.err == "added 1 new turn to the session; it is current now\n"
    assert [json.loads(line)["text"] for line in turns.out.splitlines()] == [
        "What is the capital of France?",
        "Any sights?",
        "More?",
    ]
    assert [(row["branch"], row["turns"]) for row in json.loads(branches.out)] == [
        ("main", 0),
        ("tourism", 3),
    ]


def test_a_character_may_stand_where_a_document_is_read_in_two_pieces(convo: Program) -> None:
    for padding in ("", "x"):
        store_turn(convo.db, {"role": "user", "content": f"{padding}{'é' * 600_000}"})
    result = convo("export", "--all-branches", "--format", "json")
    assert (result.code, result.err) == (0, "")
    assert [len(row["item"]["content"]) for row in json.loads(result.out)["messages"]] == [
        600_000,
        600_001,
    ]


def test_everything_is_exported_and_taken_back(paris: Program) -> None:
    result = paris("export", "--all", "--format", "json", "-o", paris.home / "all.zip")
    assert (result.code, result.out) == (0, "")
    there = ["--db", paris.home / "there.db"]
    said = paris(*there, "import", "convo", paris.home / "all.zip")
    assert said.err == "imported 2 sessions from convo, 5 turns in all\n"
    for line in (
        ["usage", "--by-branch", "--json"],
        ["branches", "--json"],
        ["export", "--all-branches", "--json"],
        ["status", "--json"],
    ):
        if line[0] != "status":
            assert paris(*there, *line).out == paris(*line).out
    again = paris(*there, "import", "convo", paris.home / "all.zip", "--json")
    assert json.loads(again.out)["known"] == 2


def test_what_cannot_be_cloned(paris: Program) -> None:
    file = paris.home / "a.json"
    file.write_text(paris("export", "--json").out)
    error = paris("clone", file).error(2)
    assert error.startswith(f"'{file}' cannot be cloned: it is not a document of convo; ")
    file.write_text('{"convo": "session", "format": 1, "session": {"name": "x"},\n"runs": [1]}')
    error = paris("clone", file).error(2)
    assert error == f"'{file}' cannot be cloned: line 2: this is not a row of a document"
    assert paris("import", "convo").error(2).startswith("import convo needs a document")
    assert paris("export", "--all").error(2).startswith("--all writes a file for each session")
    whole = paris.home / "x.convo"
    assert paris("export", "-o", whole).error(2).startswith("a .convo file has a whole")
    assert paris("export", "--all-branches", "-o", whole, "-q").code == 0
    assert paris("clone", whole, "-q").out == "paris\n"
    assert paris("export", "--all", "-b", "main", "-o", "x").code == 2


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("told") / "c.db"
    store_turn(path, *TURN, session="with jane@example.com")
    return path


@pytest.mark.parametrize("scope", ["", "--all-branches"])
def test_no_format_has_a_secret(convo: Program, told: Path, scope: str) -> None:
    shutil.copy(told, convo.db)
    lines = [f"export --format {name} --redact {scope}" for name in FORMATS]
    for line, result in zip(lines, convo.each(*lines, "bundle --redact")[:-1], strict=True):
        assert result.code == 0, line
        for secret in SECRETS:
            assert secret not in result.out, line
            assert secret not in result.err, line
        assert "redacted-key-" in result.out
        assert "redacted: 2 keys, 1 password, " in result.err
    if scope:
        document = json.loads(convo("export", "--json", "--redact", scope).out)
        assert document["redacted"]["keys"] == 2
        assert document["redacted"]["home_folders"] == 2


def test_a_redacted_document_is_taken_as_any(convo: Program, told: Path) -> None:
    shutil.copy(told, convo.db)
    lines = [
        "export --all --redact --format json -o all",
        "import convo all --db other.db",
        "show --db other.db --format jsonl",
        "export --all --redact -o pages",
    ]
    *_, shown, _ = convo.each(*lines)
    assert shown.out.count("[redacted-key-") == 4
    assert [path.name for path in (convo.home / "pages").iterdir()] == ["with -redacted-mail-1.md"]
