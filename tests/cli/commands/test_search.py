"""`convo search`, run as a program."""

from __future__ import annotations

import json
import sqlite3

import pytest

from tests.program import Program

WEATHER = """\
paris  main  turn 2  prompt  2026-11-22 16:50
    What is «the» «weather» like «there»?
"""


def places(out: str) -> list[tuple[str, str, int, str]]:
    return [(row["session"], row["branch"], row["turn"], row["role"]) for row in json.loads(out)]


def test_where_it_was_said_and_the_way_there(paris: Program) -> None:
    result = paris("search", "WEATHER", "the")
    assert (result.code, result.out) == (0, WEATHER)
    assert result.err == (
        "`convo show 2 -s paris -b main` shows the first; "
        "`convo branch --turn 2 -s paris -b main` branches there\n"
    )
    assert paris("search", "weather", "-q").err == ""


def test_the_way_there_can_be_typed(paris: Program) -> None:
    paris("session", "new", "it's new", "-q")
    paris("chat", "A question about Rome")
    way = paris("search", "rome").err.split("`")[3]
    assert way == """convo branch --turn 1 -s 'it'"'"'s new' -b main"""
    assert paris.shell(way).code == 0


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["france"], [("paris", "tourism", 1, "user")]),
        (["france", "-b", "main"], [("paris", "main", 1, "user")]),
        (["flour"], [("recipes", "main", 1, "assistant")]),
        (["any", "sights"], [("paris", "tourism", 2, "user")]),
        (['"capital of"'], [("paris", "tourism", 1, "user")]),
        (["is the", "-n", "1"], [("paris", "main", 2, "user")]),
        (
            ["is the", "-n", "0", "-s", "paris"],
            [("paris", "main", 2, "user"), ("paris", "tourism", 1, "user")],
        ),
    ],
)
def test_what_is_found(
    paris: Program, args: list[str], expected: list[tuple[str, str, int, str]]
) -> None:
    result = paris("search", *args, "--json")
    assert (result.code, result.err) == (0, "")
    assert places(result.out) == expected


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["xyzzy"], "nothing in any session says 'xyzzy'"),
        (["flour", "-s", "paris"], "nothing in session 'paris' says 'flour'"),
        (["sunny", "-b", "tourism"], "nothing in branch 'tourism' says 'sunny'"),
        (
            ["flour", "-s", "paris", "-b", "main"],
            "nothing in branch 'main' of session 'paris' says 'flour'",
        ),
        (["a", "-s", "pariss"], "no session 'pariss'; did you mean 'paris'?"),
        (["a", "-b", "mian"], "no branch 'mian' in session 'paris'; did you mean 'main'?"),
    ],
)
def test_what_is_not_there(paris: Program, args: list[str], message: str) -> None:
    assert paris("search", *args).error(3) == message


def test_nothing_found_is_an_empty_list_too(paris: Program) -> None:
    result = paris("search", "xyzzy", "--json")
    assert (result.code, result.out) == (3, "[]\n")


def test_a_database_that_is_not_there_says_nothing(convo: Program) -> None:
    assert convo("search", "hello").error(3) == "nothing in any session says 'hello'"
    assert not convo.db.exists()


@pytest.mark.parametrize("text", ["", "?!", '""', "👋"])
def test_a_text_without_a_word(paris: Program, text: str) -> None:
    assert paris("search", text).error(2) == "there is no word in the text to look for"


def test_more_than_are_shown(paris: Program) -> None:
    assert "these are the best 1; -n 0 shows all\n" in paris("search", "is", "-n", "1").err
    assert paris("search", "is", "-n", "-1").error(2).startswith("--limit is a number of matches")


def test_words_are_marked_with_and_without_colour(paris: Program) -> None:
    coloured = paris("search", "weather", env={"FORCE_COLOR": "1"}).out
    assert "the \x1b[1;4mweather\x1b[0m like" in coloured
    assert "«" not in coloured
    assert "[weather]" in paris("search", "weather", env={"PYTHONIOENCODING": "ascii"}).out


def test_what_a_terminal_would_obey_is_shown(paris: Program) -> None:
    said = "red \x1b[31m alert \x9b2J \u202e evil \r\n\n next [bold]line[/]"
    with sqlite3.connect(paris.db) as connection:
        connection.execute(
            "UPDATE agent_messages SET message_data = ? WHERE id = 1",
            (json.dumps({"role": "user", "content": said}),),
        )
    connection.close()
    out = paris("search", "alert", "-s", "recipes").out
    assert out.splitlines()[1] == (
        "    red \\x1b[31m «alert» \\x9b2J \\u202e evil next [bold]line[/]"
    )


def test_an_answer_just_given_is_found(paris: Program) -> None:
    paris("search", "anything", "-q")
    paris("chat", "a zebra", "-q")
    assert places(paris("search", "zebra", "--json").out) == [
        ("paris", "tourism", 3, "user"),
        ("paris", "tourism", 3, "assistant"),
    ]
