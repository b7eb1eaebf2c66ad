"""The common options: where they may stand, and which of two wins."""

from __future__ import annotations

import json

import pytest

from tests.program import Program


@pytest.mark.parametrize(
    "args",
    [
        "--json -s recipes session list",
        "session --json -s recipes list",
        "session list --json -s recipes",
        "-s paris session --format csv list --json",
        "--format=tsv session --format csv list --format=json",
        "--quiet --json --debug session list",
    ],
)
def test_options_before_between_and_after(paris: Program, args: str) -> None:
    result = paris(*args.split())
    assert (result.code, result.err) == (0, "")
    assert [row["session"] for row in json.loads(result.out)] == ["paris", "recipes"]


def test_what_comes_later_wins(paris: Program) -> None:
    result = paris("-s", "paris", "-b", "main", "turns", "-s", "recipes", "--json")
    assert [row["text"] for row in json.loads(result.out)] == ["Bread?"]
    assert paris("-s", "none", "turns", "-s", "recipes").code == 0
    assert paris("turns", "-s", "none", "-s", "recipes").code == 0


def test_an_option_wins_over_the_environment_wherever_it_stands(paris: Program) -> None:
    elsewhere = {"CONVO_DB": str(paris.home / "elsewhere.db"), "CONVO_SESSION": "none"}
    for args in (
        ["--db", paris.db, "-s", "paris", "turns"],
        ["turns", "--db", paris.db, "-s", "paris"],
    ):
        assert "Any sights?" in paris(*args, env=elsewhere).out


def test_options_stand_beside_arguments_in_any_order(paris: Program) -> None:
    assert paris("branch", "a", "--turn", "2", "-b", "main", "-q").out == "a\n"
    assert paris("branch", "--turn=2", "-qb", "main", "b").out == "b\n"
    assert paris("delete", "a", "--json", "tourism").code == 0


def test_quiet_silences_notices_and_no_errors(paris: Program) -> None:
    assert paris("switch", "main", "-q").err == ""
    assert paris("-q", "switch", "mian").err.startswith("convo: no branch")


def test_version_and_help_need_nothing_else(convo: Program) -> None:
    for args in (["--version"], ["switch", "--version"], ["session", "--version", "list"]):
        result = convo(*args)
        assert (result.code, result.out, result.err) == (0, "convo 0.1.0\n", "")
    for args in ([], ["--help"], ["switch", "--help"], ["session"]):
        assert convo(*args).out.startswith("Usage: convo ")


def test_debug_shows_the_traceback(paris: Program) -> None:
    assert "Traceback" not in paris("turns", "-b", "mian").err
    result = paris("turns", "-b", "mian", "--debug")
    assert result.code == 3
    assert "Traceback" in result.err
    assert result.err.splitlines()[-1].startswith("convo: no branch 'mian'")
