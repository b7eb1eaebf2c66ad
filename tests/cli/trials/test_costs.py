"""What a trial will cost is said in one line, and how far it is in a table."""

from __future__ import annotations

from io import StringIO

import pytest

from convo import Outcome, Tokens
from convo.trials.estimate import Estimate
from convo.trials.jobs import Report, State
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.tables import draw
from convo_cli.render.trials import Line, compared, lines, picked, planned, told, where_answers_are
from convo_cli.terminal import Terminal
from convo_cli.trials.progress import Progress
from convo_cli.trials.stopping import EndedError
from convo_cli.wire.places import server_of


def test_what_is_planned() -> None:
    one = Estimate(50, 40_000, 10_000, 0.12)
    assert planned([("a", one), ("b", one)]) == (
        "100 requests (a 50, b 50), about 100,000 tokens, about $0.24"
    )
    free = one._replace(cost=0.0, known=False)
    assert planned([("echo", free)]) == "50 requests (echo 50), perhaps 50,000 tokens, $0.00"
    unpriced = one._replace(cost=None)
    assert planned([("a", one), ("x\x1b[2J", unpriced)]) == (
        "100 requests (a 50, x\\x1b[2J 50), about 100,000 tokens, about $0.12 and what 1 model "
        "without a price will cost"
    )
    many = planned([(str(number), unpriced) for number in range(9)])
    assert many.startswith("450 requests (0 50, 1 50, 2 50, 3 50 and 5 more)")


def test_what_has_become_of_the_others() -> None:
    assert picked("ask-a", [], "m") == "'ask-a' is current now, and m goes on"
    assert picked("ask-a", ["ask-b"], None) == (
        "'ask-a' is current now; 'ask-b' stays as it is: `convo delete ask-b` deletes it"
    )
    assert picked("a", list("bcdefg"), None) == (
        "'a' is current now; 'b', 'c', 'd', 'e' and 2 more stay as they are: "
        "`convo delete b c d e` deletes those that are named"
    )
    assert where_answers_are(["ask-a b"]).endswith("`convo pick 'ask-a b'` goes on with it")
    assert compared("main", []) == "no branch was made: nothing was answered"


def test_a_table_of_lines() -> None:
    all_lines = [
        Line("a", 2, 3, Tokens(2, 20, 0, 10, 0, 30), 0.5, 1.25, "running"),
        Line("b", 0, 3, state="failed", error="refused\x1b[1m by the server"),
    ]
    assert draw(lines(all_lines).grid(), Look(60)).splitlines() == [
        "model  turns  tokens  cost ($)  seconds  state",
        "────────────────────────────────────────────────────────────",
        "a        2/3      30    0.5000      1.2  running",
        "b        0/3       0                0.0  failed:",
        "                                         refused\\x1b[1m by",
        "                                         the server",
    ]


REPORTS: list[tuple[State, Outcome | None, str | None]] = [
    ("started", None, None),
    ("answered", Outcome("Hi", Tokens(1, 10, 0, 5, 0, 15), 0.25, 1.5), None),
    ("waiting", None, None),
    ("failed", None, "ModelError: gone"),
]


def test_lines_where_there_is_no_terminal() -> None:
    err = StringIO()
    progress = Progress(Terminal(StringIO(), StringIO(), err, {}), [Line("m", 0, 2)])
    done = 0
    for state, outcome, error in REPORTS:
        done += state == "answered"
        progress(Report(0, "m", state, done, 2, outcome, 3.0, error))
    assert err.getvalue().splitlines() == [
        "m: turn 1 of 2, 15 tokens, $0.25, 0.0 s",
        "m: the server limits the rate of requests",
        "m: turn 1 of 2 was the last: ModelError: gone",
    ]
    (line,) = progress.lines
    assert (line.state, line.error, line.seconds) == ("failed", "ModelError: gone", 1.5)
    assert told(line._replace(done=0)) == "m: ModelError: gone"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("https://ann:secret@Example.com/v1", "https://example.com"),
        ("http://[::1]:8080/v1?a=b", "http://[::1]:8080"),
    ],
)
def test_the_server_of_a_url(url: str, server: str) -> None:
    assert server_of(url) == server


def test_a_signal_has_its_exit_code() -> None:
    from convo_cli.exits import ExitCode

    assert EndedError(ExitCode.TERMINATED).code == 143
