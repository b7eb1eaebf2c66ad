"""`convo diff`: where two branches part."""

from __future__ import annotations

import csv
import json
import random

import pytest

from tests.cli.snapshots import check
from tests.cli.stored import store_turn
from tests.program import Program


@pytest.mark.parametrize("columns", [40, 80, 140])
def test_both_continuations(paris: Program, columns: int) -> None:
    result = paris("diff", "main", env={"COLUMNS": str(columns)})
    assert (result.code, result.err) == (0, "")
    assert all(len(line) <= columns for line in result.out.splitlines()[1:])
    check(f"diff.{columns}", result.out)


@pytest.mark.parametrize("output_format", ["json", "csv"])
def test_for_programs(paris: Program, output_format: str) -> None:
    check(f"diff.{output_format}", paris("diff", "main", "--format", output_format).out)
    lines = paris("diff", "main", "--format", "jsonl").out
    assert json.loads(lines) == json.loads(paris("diff", "main", "--json").out)


def test_what_differs_in_nothing_or_in_all_is_said(paris: Program) -> None:
    paris("branch", "--after", "2", "-b", "main", "early")
    paris("branch", "--turn", "1", "empty")
    said = {
        ("main", "main"): "'main' and 'main' are the same",
        ("early", "main"): "'main' goes on where 'early' ends, after turn 2",
        ("main", "early"): "'main' goes on where 'early' ends, after turn 2",
        ("main",): "'empty' has no turns",
        ("empty", "tourism"): "'empty' has no turns",
        ("tourism", "early"): "'tourism' and 'early' part after turn 1",
    }
    for branches, words in said.items():
        result = paris("diff", *branches)
        assert (result.code, result.out.splitlines()[0]) == (0, words)


def test_branches_without_a_common_turn(paris: Program) -> None:
    paris("branch", "--turn", "1", "other")
    paris("chat", "Hello")
    shown = paris("diff", "main", "other").out
    assert shown.startswith("'main' and 'other' have no turn in common\n")
    assert paris("diff", "other", "--json", "-b", "main").out.count('"relation": "unrelated"') == 1


def test_a_branch_that_is_not_there(paris: Program) -> None:
    error = paris("diff", "mian").error(3)
    assert error == "no branch 'mian' in session 'paris'; did you mean 'main'?"


def test_untrusted_text_is_made_visible(convo: Program) -> None:
    store_turn(convo.db, {"role": "user", "content": "one"})
    convo("branch", "--turn", "1", "b")
    store_turn(
        convo.db,
        {"role": "user", "content": "\x1b[2J\u202e[red]x\tend"},
        {"type": "function_call", "call_id": "1", "name": "\x1b]0;f\x07", "arguments": "\x9b1m"},
    )
    shown = convo("diff", "main", "b").out
    assert "> \\x1b[2J\\u202e[red]x" in shown
    assert "→ \\x1b]0;f\\x07 \\x9b1m" in shown


def test_words_are_marked_in_a_pipe_and_coloured_on_a_terminal(paris: Program) -> None:
    paris("branch", "--after", "2", "-b", "tourism", "other")
    paris("chat", "Any sighs?")
    shown = paris("diff", "tourism", "--words").out
    assert shown.splitlines()[0] == "'other' goes on where 'tourism' ends, after turn 2"
    assert "Turn 3, only on 'other'\n> {+Any sighs?+}\n" in shown
    coloured = paris("diff", "main", "tourism", "--words", env={"FORCE_COLOR": "1"}).out
    assert "\x1b[31mWhat is the weather like there\x1b[0m\x1b[32;4mAny sights\x1b[0m?\n" in coloured
    assert "[-" not in coloured
    assert paris("diff", "main", "main", "--words").out == "'main' and 'main' are the same\n"


def test_unchanged_lines_far_from_a_change_are_left_out(convo: Program) -> None:
    lines = [f"line {number}" for number in range(40)]
    store_turn(convo.db, {"role": "user", "content": "\n".join(lines)})
    convo("branch", "--turn", "1", "b")
    lines[20] = "line twenty"
    store_turn(convo.db, {"role": "user", "content": "\n".join(lines)}, branch="b")
    shown = convo("diff", "main", "b", "--words").out.splitlines()
    assert shown[5:] == [
        *(f"> line {number}" for number in range(3)),
        "> … 14 lines are the same",
        *(f"> line {number}" for number in range(17, 20)),
        "> line [-20-]{+twenty+}",
        *(f"> line {number}" for number in range(21, 24)),
        "> … 13 lines are the same",
        *(f"> line {number}" for number in range(37, 40)),
    ]


def test_costs_and_times_are_those_of_the_turns_and_of_the_branches(paris: Program) -> None:
    shown = paris("diff", "main", "--cost").out
    assert shown.splitlines()[2].split() == ["branch", "turns", "model", "tokens", "USD"]
    assert "Turn 3 · gpt-5 · 260 tokens · $0.0004" in shown
    assert "USD" not in paris("diff", "main", "--time").out


def test_words_and_costs_together(paris: Program) -> None:
    shown = paris("diff", "main", "--words", "--cost").out
    assert shown.splitlines()[2].split() == ["branch", "turns", "model", "tokens", "USD"]
    assert shown.count("'main' and 'tourism' part") == 1
    assert "[-main-] {+tourism+}" in shown
    found = json.loads(paris("diff", "main", "--words", "--cost", "--json").out)
    assert [one["branch"] for one in found["branches"]] == ["main", "tourism"]
    assert {(one["a"], one["b"]) for one in found["differences"]} == {("main", "tourism")}
    table = paris("diff", "main", "--words", "--time", "--format", "csv").out.splitlines()
    (first, *_) = csv.DictReader(table)
    (turn, *_) = [one for one in found["turns"] if one["branch"] == "tourism"]
    assert (first["turn_b"], float(first["cost_usd_b"])) == (str(turn["turn"]), turn["cost_usd"])


def test_formats_that_contradict_each_other(paris: Program) -> None:
    for line, said in {
        "--html --json": "the formats html and json contradict each other; give one of them",
        "--format md --html": "the formats html and md contradict each other; give one of them",
        "-o a.pdf": "there is no comparison as a '.pdf' file; name it .html, .md, .json, .jsonl",
    }.items():
        assert paris("diff", "main", *line.split()).error(2).startswith(said)


def test_a_file_is_written_in_the_format_of_its_name(paris: Program) -> None:
    for suffix, begins in {
        "html": "<!DOCTYPE html>",
        "md": "# paris\n\n'main' and 'tourism' part after turn 1\n",
        "json": '{\n  "a": "main"',
        "jsonl": '{"a": "main"',
        "csv": "branch,turn,kind,",
        "tsv": "branch\tturn\tkind\t",
    }.items():
        path = paris.home / f"diff.{suffix}"
        assert paris("diff", "main", "-o", str(path)).err == f"wrote {path}\n"
        assert path.read_text().startswith(begins)
    assert paris("diff", "main", "--words", "--format", "md").out.startswith("```\n'main' and")
    paris("config", "set", "format", "csv")
    assert paris("diff", "main", "-o", str(path), "--force").code == 0
    assert path.read_text().startswith("branch\tturn\t")


def test_texts_that_differ_too_much_are_said_to(convo: Program) -> None:
    letters = random.Random(1)
    old, new = (" ".join(letters.choice("ab") for _ in range(4_000)) for _ in range(2))
    store_turn(convo.db, {"role": "user", "content": old})
    convo("branch", "--turn", "1", "b")
    store_turn(convo.db, {"role": "user", "content": new}, branch="b")
    result = convo("diff", "main", "b", "--words", "--json")
    assert result.code == 0
    assert result.err.startswith("1 turn (1) has texts that differ too much to be compared word by")
    pieces = json.loads(result.out)["differences"]
    assert "".join(one["text"] for one in pieces if one["change"] != "removed") == new


def test_hostile_words_are_made_visible(convo: Program) -> None:
    store_turn(convo.db, {"role": "user", "content": "one \x1b[2J two"})
    convo("branch", "--turn", "1", "b")
    store_turn(convo.db, {"role": "user", "content": "one \u202ethree\x07 two <b>"}, branch="b")
    for colour in ("", "1"):
        shown = convo("diff", "main", "b", "--words", env={"FORCE_COLOR": colour or None}).out
        assert "\\x1b" in shown
        assert "\\u202ethree\\x07" in shown
        assert not {"\u202e", "\x07"} & set(shown)
    page = convo("diff", "main", "b", "--words", "--html").out
    assert "<ins>\\u202ethree\\x07</ins> two <ins>&lt;b&gt;</ins>" in page
    assert "<del>\\x1b[2J</del> two" in page
