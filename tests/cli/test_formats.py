"""What every list looks like, whole, in every format."""

from __future__ import annotations

import csv
import json
import re

import pytest

from tests.cli.snapshots import check
from tests.program import Program, ended

LISTS = {
    "turns": ["turns", "-b", "main"],
    "branches": ["branches"],
    "sessions": ["sessions"],
    "search": ["search", "-q", "the"],
    "tools": ["tools", "-b", "main"],
    "usage": ["usage"],
    "usage_by_turn": ["usage", "--by-turn"],
    "usage_by_branch": ["usage", "--by-branch"],
}


@pytest.mark.parametrize("name", LISTS)
def test_every_format_says_the_same(paris: Program, name: str) -> None:
    document = json.loads(paris(*LISTS[name], "--json").out)
    rows = document if isinstance(document, list) else document.get("rows", [document])
    lines = paris(*LISTS[name], "--format", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == rows
    header, *records = csv.reader(paris(*LISTS[name], "--format", "csv").out.splitlines(True))
    assert header == list(rows[0])
    assert len(records) == len(rows)


def test_a_table_on_a_narrow_and_a_wide_terminal(paris: Program) -> None:
    check("turns.narrow", paris("turns", "-b", "main", env={"COLUMNS": "60"}).out)
    check("turns.wide", paris("turns", "-b", "main", env={"COLUMNS": "140"}).out)


def test_colour_only_where_it_is_forced_and_not_forbidden(paris: Program) -> None:
    coloured = paris("branches", env={"FORCE_COLOR": "1"}).out
    assert "\x1b[1m" in coloured
    assert "\x1b[" not in paris("branches", env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).out
    assert "\x1b[" not in paris("branches").out


def test_lists_that_are_empty(convo: Program) -> None:
    assert convo("session", "list", "--json").out == "[]\n"
    assert convo("sessions", "--format", "jsonl").out == ""
    assert convo("sessions", "--format", "csv").out.startswith("session,branch,")
    assert convo("session", "new", "empty", "-q").err == ""
    check("turns_of_empty.table", convo("turns").out)
    assert convo("turns", "--json").out == "[]\n"
    assert json.loads(convo("usage", "--json").out)["total"]["total_tokens"] == 0
    assert json.loads(convo("usage", "--by-turn", "--json").out)["rows"] == []


def test_json_is_utf8_and_tables_readable_whatever_the_locale(paris: Program) -> None:
    latin = {"PYTHONIOENCODING": "latin-1"}
    assert json.loads(paris("turns", "--json", env=latin).out)
    assert "----" in paris("turns", env=latin).out


def test_a_table_on_a_terminal_is_coloured_and_as_wide_as_it(paris: Program) -> None:
    child = paris.at_terminal("turns", "-b", "main", env={"TERM": "xterm"}, columns=60)
    ended(child)
    assert "\x1b[1m" in child.before
    plain = re.sub(r"\x1b\[[\d;]*m", "", child.before).replace("\r\n", "\n")
    check("turns.narrow", re.sub(r" +\n", "\n", plain))
