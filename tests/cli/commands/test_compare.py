"""`convo compare`: several branches beside each other."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.snapshots import check
from tests.program import Program


@pytest.fixture
def three(paris: Program) -> Program:
    """The branches `main`, `tourism`, and `more`, which goes on where `tourism` ends."""
    paris("branch", "--after", "2", "-b", "tourism", "more")
    paris("chat", "Which one first?", env={"CONVO_MODEL": "echo"})
    return paris


@pytest.mark.parametrize("columns", [70, 120])
def test_columns_on_a_wide_terminal(three: Program, columns: int) -> None:
    result = three("compare", "main", "tourism", "more", env={"COLUMNS": str(columns)})
    assert (result.code, result.err) == (0, "")
    assert all(len(line) <= columns for line in result.out.splitlines()[1:])
    check(f"compare.{columns}", without_seconds(result.out))


def test_markdown(three: Program) -> None:
    result = three("compare", "main", "tourism", "more", "--format", "md")
    check("compare.md", without_seconds(result.out))


def without_seconds(text: str) -> str:
    """The text without how long the one turn took that was asked here."""
    return re.sub(r"\b\d\.\d(?= s\b| \||$)", "0.1", text, flags=re.MULTILINE)


def test_turns_are_in_the_same_place_after_those_that_all_share(three: Program) -> None:
    found = json.loads(three("compare", "tourism", "main", "more", "--json").out)
    assert [(one["branch"], one["shared_with"]) for one in found["branches"]] == [
        ("tourism", None),
        ("main", None),
        ("more", "tourism"),
    ]
    places = [(one["place"], one["branch"], one["turn"]) for one in found["turns"]]
    assert places == [
        (1, "tourism", 2),
        (1, "main", 2),
        (1, "more", 2),
        (2, "main", 3),
        (2, "more", 3),
    ]


def test_each_is_compared_with_the_first_by_words(three: Program) -> None:
    names = ("compare", "main", "tourism", "more", "--words")
    shown = three(*names).out
    assert [line for line in shown.splitlines() if "[-main-]" in line] == [
        "[-main-] {+tourism+}",
        "[-main-] {+more+}",
    ]
    assert "[-Rain-]{+This is turn 3." in shown
    found = json.loads(three(*names, "--json").out)
    assert {(one["a"], one["b"]) for one in found["differences"]} == {
        ("main", "tourism"),
        ("main", "more"),
    }
    page = three(*names, "--html").out
    assert "<ins>Any sights</ins>" in page
    assert "<del>" not in page


def test_which_branches_are_compared(three: Program) -> None:
    lines = {
        "main": ["main", "more"],
        "tour more tourism": ["tourism", "more"],
        "": ["tourism", "more"],
        "-b tourism": ["main", "tourism"],
    }
    later = {"": ["main", "tourism", "third"], "-b main": ["main", "tourism", "third"]}
    results = three.each(
        *(f"compare --json {line}" for line in lines),
        "branch --turn 2 -b main third",
        *(f"compare --json {line}" for line in later),
        "compare -b main main",
        "compare main nobody",
    )
    alone, unknown = results[-2:]
    shown = [json.loads(one.out)["branches"] for one in results[:-2] if one.out.startswith("{")]
    compared = [[row["branch"] for row in rows] for rows in shown]
    assert compared == [*lines.values(), *later.values()]
    said = "there is no branch to compare 'main' with; name two branches or more"
    assert alone.error(2) == said
    assert unknown.error(3).startswith("no branch 'nobody'")


def test_branches_that_are_the_same_or_share_nothing(three: Program) -> None:
    three("branch", "--after", "2", "-b", "tourism", "same")
    assert three("compare", "tourism", "same").out.startswith("'tourism' and 'same' are the same\n")
    three("branch", "--turn", "1", "-b", "main", "empty")
    shown = three("compare", "empty", "main", "tourism").out
    assert shown.startswith("'empty', 'main' and 'tourism' have no turn in common\n")
