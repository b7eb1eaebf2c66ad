"""`convo show`: the transcript of a branch, on a terminal, in a pipe and for programs."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyte
import pytest

from tests.cli.snapshots import check
from tests.cli.stored import store_turn
from tests.program import Program, ended

EVIL = "\x1b[2J\x1b]52;c;aGk=\x07[red]x[/]\u202eabc\x9b31m"


def screen(convo: Program, *args: str, columns: int = 80, lines: int = 24, **env: str) -> str:
    """What a terminal shows when the command has ended."""
    plain = {"TERM": "xterm", "NO_COLOR": "1", **env}
    child = convo.at_terminal(*args, env=plain, columns=columns, lines=lines)
    ended(child)
    display = pyte.Screen(columns, lines)
    pyte.Stream(display).feed(child.before)
    return "\n".join(line.rstrip() for line in display.display).rstrip() + "\n"


def test_in_a_pipe_it_is_markdown(paris: Program) -> None:
    result = paris("show", "-b", "main")
    assert (result.code, result.err) == (0, "")
    check("show.md", result.out)


def test_on_a_terminal_it_is_laid_out(paris: Program) -> None:
    check("show.terminal", screen(paris, "show", "2", "-b", "main", lines=50))


@pytest.mark.parametrize("output_format", ["json", "jsonl", "csv", "tsv"])
def test_for_programs(paris: Program, output_format: str) -> None:
    result = paris("show", "2..", "-b", "main", "--format", output_format)
    check(f"show.{output_format}", result.out)


def test_every_format_says_the_same(paris: Program) -> None:
    turns = json.loads(paris("show", "-b", "main", "--json").out)
    lines = paris("show", "-b", "main", "--format", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == turns
    table = csv.DictReader(io.StringIO(paris("show", "-b", "main", "--format", "csv").out))
    assert [(row["turn"], row["kind"]) for row in table] == [
        (str(turn["turn"]), item["kind"]) for turn in turns for item in turn["items"]
    ]


@pytest.mark.parametrize(
    ("turns", "numbers"),
    [("2", [2]), ("2..3", [2, 3]), ("..2", [1, 2]), ("3..", [3]), ("-1", [3]), ("-2..-1", [2, 3])],
)
def test_turns_are_chosen(paris: Program, turns: str, numbers: list[int]) -> None:
    for args in ([turns, "-b", "main"], ["-b", "main", turns]):
        shown = json.loads(paris("show", *args, "--json").out)
        assert [turn["turn"] for turn in shown] == numbers


@pytest.mark.parametrize(
    ("turns", "code", "message"),
    [
        ("9", 3, "no turn 9 on branch 'main': it has turns 1-3"),
        ("2..9", 3, "no turn 9 on branch 'main': it has turns 1-3"),
        ("-4", 3, "no turn -4 on branch 'main': it has turns 1-3"),
        ("3..2", 3, "turn 3 comes after turn 2; say 2..3"),
        (
            "last",
            3,
            "no turn is called 'last'; a turn has a number, and a tag if `convo tag` gave it one",
        ),
        ("2-3", 2, "'2-3' is not a turn; say 3, 2..4, 2.., ..4, -1, or a tag"),
        ("1" * 31, 2, f"'{'1' * 31}' is not a turn; say 3, 2..4, 2.., ..4, -1, or a tag"),
    ],
)
def test_turns_that_are_none(paris: Program, turns: str, code: int, message: str) -> None:
    assert paris("show", turns, "-b", "main").error(code) == message


def test_a_branch_without_turns(convo: Program) -> None:
    convo("session", "new", "empty")
    assert convo("show").out == ""
    assert convo("show", "--json").out == "[]\n"
    assert convo("show", "1").error(3) == "no turn 1 on branch 'main': it has no turns yet"


def test_untrusted_text_is_made_visible(convo: Program) -> None:
    store_turn(
        convo.db,
        {"role": "user", "content": EVIL},
        {"type": "function_call", "call_id": "1", "name": EVIL, "arguments": EVIL},
        {"type": "function_call_output", "call_id": "1", "output": EVIL},
        {"role": "assistant", "content": EVIL},
    )
    visible = "\\x1b[2J\\x1b]52;c;aGk=\\x07[red]x[/]\\u202eabc\\x9b31m"
    for shown in (convo("show").out, screen(convo, "show")):
        assert shown.count(visible) >= 4
        assert not set(shown) & set("\x1b\x07\x9b\u202e")
    assert json.loads(convo("show", "--json").out)[0]["items"][0]["text"] == EVIL


def test_raw_keeps_control_characters_but_not_for_a_terminal(convo: Program) -> None:
    store_turn(convo.db, {"role": "user", "content": "a\x1b[2Jb"})
    assert "a\x1b[2Jb" in convo("show", "--raw").out
    assert "### User\n\na\\x1b[2Jb" in screen(convo, "show", "--raw")


def paged(convo: Program, pager: str, *args: str, lines: int = 24, **env: str) -> str:
    return screen(convo, "show", "-b", "main", *args, lines=lines, PAGER=pager, **env)


def test_what_is_longer_than_the_screen_goes_through_the_pager(
    paris: Program, tmp_path: Path
) -> None:
    copy = tmp_path / "paged.txt"
    assert paged(paris, f"cat > {copy}; echo paged $LESS") == "paged FRX\n"
    assert copy.read_text() == paged(paris, "cat", lines=60)
    assert "paged" not in paged(paris, "echo paged", lines=60)
    assert "paged" not in paged(paris, "echo paged", "--no-pager")
    assert "paged -R" in paged(paris, "echo paged $LESS", LESS="-R")


def test_a_pager_that_is_left_early_or_missing(paris: Program) -> None:
    assert paged(paris, "head -1").startswith("── Turn 1")
    assert "Rain." in paged(paris, "no-such-pager", lines=10)


def test_less_is_the_pager_where_none_is_named(paris: Program, tmp_path: Path) -> None:
    less = tmp_path / "bin" / "less"
    less.parent.mkdir()
    less.write_text("#!/bin/sh\necho this is less\n")
    less.chmod(0o755)
    path = f"{less.parent}:{paris.env['PATH']}"
    assert screen(paris, "show", PATH=path, lines=10) == "this is less\n"
