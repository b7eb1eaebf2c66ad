"""What the documents name has to be there, and what is there has to be in the documents."""

from __future__ import annotations

import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from convo import AdvancedSQLiteSession, ConversationStore
from convo_cli.app import COMMANDS
from convo_cli.chat.slash.commands import COMMANDS as SLASH_COMMANDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PATHS = sorted(
    {
        path
        for document in DOCUMENTS
        for path in re.findall(
            r"`((?:core|cli|tests|docs|benchmarks)/[\w./]*)`", document.read_text()
        )
    }
)
LINKS = sorted(
    {
        document.parent / link
        for document in DOCUMENTS
        for link in re.findall(r"\]\(([^)#:]+)[^):]*\)", document.read_text())
        # Those pages are made from the program when the site is built.
        if not link.startswith("commands/")
    }
)
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
ROOMS = [
    folder.name
    for package in ("core/convo", "cli/convo_cli")
    for folder in sorted((ROOT / package).iterdir())
    if (folder / "__init__.py").exists()
]
ASKING = ("agents", "chatting", "failures")
"""The documents that speak of slash commands."""
TARGETS = sorted(set(re.findall(r"\bmake ([a-z][a-z-]*)", CONTRIBUTING)))


@pytest.mark.parametrize("path", PATHS)
def test_every_path_that_is_named_is_there(path: str) -> None:
    assert (ROOT / path).exists()
    assert (ROOT / path).is_dir() == path.endswith("/")


@pytest.mark.parametrize("link", LINKS, ids=lambda link: str(link.relative_to(ROOT)))
def test_every_link_leads_to_a_file(link: Path) -> None:
    assert link.is_file()


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_a_paragraph(room: str) -> None:
    assert re.search(rf"^\*\*`{room}`", ARCHITECTURE, re.MULTILINE)


def test_every_target_that_is_named_is_listed_by_make_help() -> None:
    said = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    listed = {line.split()[0] for line in said.stdout.splitlines() if line.startswith("  ")}
    assert TARGETS
    assert set(TARGETS) <= listed


def test_every_command_is_in_the_table_of_the_readme() -> None:
    listed = set(re.findall(r"^\| `convo (\w+)", README, re.MULTILINE))
    assert listed == set(COMMANDS) - {"sessions"}


def test_every_slash_command_that_is_named_is_there() -> None:
    documents = [ROOT / "README.md", *(ROOT / "docs" / f"{name}.md" for name in ASKING)]
    named = {name for one in documents for name in re.findall(r"`/(\w+)", one.read_text())}
    assert named
    assert named <= {command.name for command in SLASH_COMMANDS.all}


async def test_what_convo_adds_to_a_file_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    prompts = [{"role": "user", "content": f"Question {number}"} for number in range(300)]
    async with AdvancedSQLiteSession(session_id="a", db_path=path, create_tables=True) as session:
        await session.add_items(prompts)
        await session.find_turns_by_content("Question 7")
    async with ConversationStore(path) as store:
        await store.search("Question")
    with closing(sqlite3.connect(path)) as file:
        made = {
            name
            for name, table in file.execute("SELECT name, tbl_name FROM sqlite_master")
            if name.startswith("convo_") and (name == table or table == "message_structure")
        }
    shadows = {name for name in made if re.match("convo_(prompts|words)_", name)}
    listed = set(re.findall(r"`(convo_\w+)`", (ROOT / "docs" / "differences.md").read_text()))
    assert made - shadows == listed
