"""The recipes of the documentation, run in bash exactly as they stand there."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.program import EXECUTABLE, PATIENCE, Program

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")


def recipes() -> dict[str, list[str]]:
    """The blocks of each section."""
    sections = re.split(r"^## (.+)\n", PAGE, flags=re.MULTILINE)[1:]
    pairs = zip(sections[::2], sections[1::2], strict=True)
    return {title: re.findall(r"```bash\n(.*?)```", text, re.DOTALL) for title, text in pairs}


def needs(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed here: apt-get install {program}")


def run(convo: Program, block: str, **env: str) -> str:
    """Run a block, of which every command has to succeed, and return what it writes to stdout."""
    path = f"{EXECUTABLE.parent}:/usr/local/bin:/usr/bin:/bin"
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", block],
        env=convo.environ({"PATH": path, **env}),
        cwd=convo.home,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(convo: Program, *command: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(convo(*command, "--json").out)
    return found


def head(convo: Program) -> object:
    return next(row["branch"] for row in rows(convo, "branches") if row["current"])


def test_every_recipe_is_tested() -> None:
    tested = (Path(__file__)).read_text(encoding="utf-8")
    assert {title: len(blocks) for title, blocks in recipes().items() if blocks}
    assert [title for title in recipes() if f'"{title}"' not in tested] == []


def test_switching(paris: Program) -> None:
    needs("fzf")
    branch, session, turn = recipes()["Switch with fzf"]
    run(paris, branch, FZF_DEFAULT_OPTS="--filter=mai")
    assert head(paris) == "main"
    run(paris, turn, FZF_DEFAULT_OPTS="--filter=weather")
    assert (head(paris), len(rows(paris, "turns"))) == ("after-2", 2)
    run(paris, session, FZF_DEFAULT_OPTS="--filter=rec")
    assert rows(paris, "turns")[0]["text"] == "Bread?"


def test_a_branch_for_each_line(paris: Program) -> None:
    (block,) = recipes()["A branch for each line of a file"]
    lines = ["Why is that?", "- and $HOME `ls`?", "Ünd?"]
    (paris.home / "questions.txt").write_text("".join(f"{line}\n" for line in lines))
    run(paris, block)
    assert head(paris) == "tourism"
    new = [str(row["branch"]) for row in rows(paris, "branches")][2:]
    assert [rows(paris, "turns", "-b", name)[-1]["text"] for name in new] == lines
    assert [len(rows(paris, "turns", "-b", name)) for name in new] == [2, 2, 2]
    assert all((paris.home / f"{name}.md").read_text() for name in new)


def test_a_commit_message(paris: Program) -> None:
    needs("git")
    (block,) = recipes()["Commit messages"]
    made = "git init -q && git config user.name me && git config user.email m@e && echo x > x"
    run(paris, f"{made} && git add x")
    run(paris, block, GIT_EDITOR="true")
    assert "Describe this change." in run(paris, "git log --format=%B")
    assert len(rows(paris, "sessions")) == 3
    assert head(paris) == "tourism"


def test_every_night(paris: Program) -> None:
    usage, cron = recipes()["What the tokens were spent on, every night"]
    run(paris, usage)
    written = sorted(paris.home.glob("usage-*.csv"))
    assert [path.name.split("-")[1] for path in written] == ["paris", "recipes"]
    cells = written[1].read_text(encoding="utf-8").splitlines()
    assert [row["text"] for row in csv.DictReader(cells)] == ["Bread?"]
    assert "Good night, 晚安" in run(paris, cron)
    assert head(paris) == "tourism"
    assert rows(paris, "turns", "-s", "nightly")[0]["text"] == "Good night, 晚安"


def test_four_at_a_time(paris: Program) -> None:
    (block,) = recipes()["Four at a time"]
    for name in ("it's", "a b"):
        paris("session", "new", name, "--no-switch")
    run(paris, block)
    turns = {row["session"]: row["turns"] for row in rows(paris, "sessions")}
    assert turns == {"paris": 3, "recipes": 2, "it's": 1, "a b": 1}
    assert (paris.home / "decisions.md").read_text().count("What did we decide?") == 4
    assert head(paris) == "tourism"


def test_every_session_as_a_file(paris: Program) -> None:
    (block,) = recipes()["Every session as a file"]
    run(paris, block)
    run(paris, block)
    assert sorted(path.name for path in (paris.home / "archive").iterdir()) == [
        "paris.md",
        "recipes.md",
    ]
