"""What a line up to the cursor asks for, read as Typer reads it."""

from __future__ import annotations

import pytest

from convo_cli.completing.line import Place, place_of
from convo_cli.completing.table import Command, root_command


@pytest.fixture(scope="module")
def root() -> Command:
    return root_command()


def place(root: Command, line: str) -> Place:
    *words, word = line.split(" ")
    found = place_of([*words], word, root)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("line", "kind", "prefix", "begun"),
    [
        ("", "command", "", ""),
        ("-", "option", "", "-"),
        ("turns -s", "option", "", "-s"),
        ("turns -s ", "sessions", "", ""),
        ("turns -s -b ", "argument", "", ""),
        ("turns -spa", "sessions", "-s", "pa"),
        ("turns -qspa", "sessions", "-qs", "pa"),
        ("turns -qX", "", "", "-qX"),
        ("turns --session=pa=r", "sessions", "--session=", "pa=r"),
        ("turns --json=x", "", "", "--json=x"),
        ("show -1", "shown", "", "-1"),
        ("show -- --x", "shown", "", "--x"),
        ("show 1 ", "option", "", ""),
        ("show -- 1 ", "", "", ""),
        ("mcp add x -- -y -s ", "free", "", ""),
        ("-- turns --form", "option", "", "--form"),
        ("eval set.toml --junit ", "files", "", ""),
    ],
)
def test_the_place_of_the_cursor(
    root: Command, line: str, kind: str, prefix: str, begun: str
) -> None:
    found = place(root, line)
    expected = "option" if kind == "argument" else kind
    assert (found.kind, found.prefix, found.begun) == (expected, prefix, begun)


def test_what_was_given_before(root: Command) -> None:
    found = place(root, "-s a -qb x show --session=b --db -y --raw 1")
    assert found.given == {
        "--session": ["a", "b"],
        "--quiet": [None],
        "--branch": ["x"],
        "--db": ["-y"],
        "--raw": [None],
    }


def test_words_that_make_no_sense_are_noticed(root: Command) -> None:
    assert place_of(["nosuch"], "", root) is None
    assert place_of(["session", None], "", root) is None
    unknown = place_of(["show", "--db", None], "", root)
    assert unknown is not None
    assert unknown.given["--db"] == [None]
