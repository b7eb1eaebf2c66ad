"""`convo usage` and what belongs to it, from the command line to the ledger."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from convo import ConversationStore, RunRecord
from convo.usage.groups import Key
from convo_cli.actions.usage import asked, span
from convo_cli.completing.offers import KEYS_OF_USAGE
from convo_cli.exits import UsageError
from convo_cli.output.budget import Budget
from tests.core.addresses import rows
from tests.core.talk import turn
from tests.program import Program
from tests.server import Answer, OpenAIServer, ToolCall


@pytest.fixture
async def spent(convo: Program) -> Program:
    """Two sessions; one of them of a model at a server of the user's own."""
    async with ConversationStore(convo.db, create=True) as store:
        for session, model, url in [("trip", "gpt-5", None), ("home", "qwen3", "http://there/v1")]:
            await store.start_session(session)
            for day in (1, 2):
                at = f"2026-11-0{day}T23:30:00Z"
                record = RunRecord(
                    model, 1, 1_000_000, 0, 1_000_000, started_at=at, base_url=url, duration_s=2.0
                )
                await store.record_turn(session, "main", turn(f"{session} {day}"), record)
    convo.env["TZ"] = "Europe/Berlin"
    return convo


def told(convo: Program, *line: str) -> Any:
    done = convo("usage", *line, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def by(document: Any, *keys: str) -> list[list[Any]]:
    return [[row[key] for key in (*keys, "turns", "cost_usd")] for row in document["rows"]]


def test_days_are_those_of_the_user(spent: Program) -> None:
    found = told(spent, "--by", "day,model", "--all")
    assert by(found, "day", "model") == [
        ["2026-11-02", "gpt-5", 1, 1.25],
        ["2026-11-02", "qwen3", 1, None],
        ["2026-11-03", "gpt-5", 1, 1.25],
        ["2026-11-03", "qwen3", 1, None],
    ]
    assert found["time_zone"].startswith("Europe/Berlin (UTC+0")
    assert found["without_price"] == [{"model": "qwen3", "runs": 2}]
    assert (found["total"]["cost_usd"], found["total"]["unpriced_runs"]) == (2.5, 2)
    assert by(told(spent, "--by-month", "--all"), "month") == [["2026-11", 4, 2.5]]
    assert by(told(spent, "--all", "--since", "2026-11-03", "--by-session"), "session") == [
        ["trip", 1, 1.25],
        ["home", 1, None],
    ]
    assert by(told(spent, "-s", "trip", "--until", "2026-11-02", "--by-week"), "week") == [
        ["2026-11-02", 1, 1.25]
    ]


def test_a_table_says_what_its_numbers_depend_on(spent: Program) -> None:
    done = spent("usage", "--all", "--by-day")
    assert re.search(r"^day +turns .* USD +unpriced$", done.out, re.MULTILINE)
    assert re.search(r"costs are in US dollars, by prices of genai-prices [\d.]+, with", done.err)
    assert "2 runs have no price: qwen3\n" in done.err
    assert "days and times are those of Europe/Berlin (UTC+" in done.err
    assert spent("usage", "--all", "--by-day", "-q").err == ""
    bars = spent("usage", "--all", "--by-day", "--chart", "-q").out
    assert re.fullmatch(r"(2026-11-0[23]  █+  \$1\.25\n){2}", bars)
    assert "tokens/s" in spent("usage", "--by-model", "--times").out


def test_the_users_own_prices(spent: Program) -> None:
    assert spent("config", "set", "servers.there.url", "http://there/v1").code == 0
    assert spent("config", "set", 'prices."there/*".input', "2").code == 0
    found = told(spent, "-s", "home")
    assert (found["total"]["cost_usd"], found["without_price"]) == (4, [])
    (shown,) = json.loads(spent("prices", "there/qwen3", "--json").out)["rows"]
    assert (shown["override"], shown["input"], shown["output"]) == ("there/*", 2, 2)
    wrong = spent("config", "set", 'prices."x".input', "free")
    assert (wrong.code, wrong.err) == (
        2,
        "convo: 'prices.x.input' is a price in dollars, 0 or more, not \"free\"\n",
    )


async def test_a_budget_warns_in_the_status(spent: Program) -> None:
    assert json.loads(spent("status", "--json").out)["month_budget_usd"] is None
    async with ConversationStore(spent.db) as store:
        now = RunRecord("gpt-5", 1, 1_000_000, 0, 1_000_000)
        await store.record_turn("trip", "main", turn("now"), now)
        await store.record_turn("trip", "main", turn("?"), now._replace(model="nobody's"))
    spent.env["TZ"] = "UTC"
    # Runs of the past may be of this month too.
    assert spent("config", "set", "budget.month", "1.25").code == 0
    done = spent("status", "--json")
    found = json.loads(done.out)
    assert (found["month_cost_usd"] >= 1.25, found["month_budget_usd"]) == (True, 1.25)
    assert done.err.startswith("the budget is used up: this month has cost $")
    # It is said of the month also while there is enough.
    assert spent("config", "set", "budget.month", "1000").code == 0
    assert re.search(
        r"this month +\$[0-9.]+ of \$1,000.00, and [1-9] runs? without a price", spent("status").out
    )


@pytest.mark.parametrize(
    ("budget", "warning"),
    [
        (Budget(20, 15.99), None),
        (Budget(20, 16), "little of the budget is left: this month has cost $16.00 of $20.00"),
        (
            Budget(20, 21, 3),
            "the budget is used up: this month has cost $21.00 of $20.00, and 3 runs without a "
            "price",
        ),
        (Budget(0, 0), "the budget is used up: this month has cost $0.00 of $0.00"),
    ],
)
def test_what_a_budget_warns_of(budget: Budget, warning: str | None) -> None:
    assert budget.warning() == warning


def wanted(*keys: str, **more: Any) -> Any:
    options = {"is_of_all": False, "since": None, "until": None, "chart": False, "times": False}
    return asked(keys, **{**options, "limit": None, **more})


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (["dya"], r"--by has no 'dya' \(did you mean 'day'\?\)"),
        ([""], "--by has no ''"),
        (["day", "model", "tool"], "two keys at most"),
        (["day", "week"], "one of day, week and month"),
    ],
)
def test_keys_that_cannot_be(keys: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        wanted(*keys)


def test_what_the_options_mean() -> None:
    assert (wanted().form, wanted("turn").form, wanted("branch").form) == (
        "total",
        "turn",
        "branch",
    )
    assert wanted("turn", is_of_all=True).form is None
    assert wanted("source").is_of_all
    assert wanted(chart=True).by == ("day",)
    assert not wanted("model").is_of_all
    with pytest.raises(UsageError, match="is not before"):
        span("2026-11-03", "2026-11-01")
    with pytest.raises(UsageError, match="'soon' is not a time"):
        span("soon", None)


def test_a_tab_knows_the_keys() -> None:
    assert get_args(Key) == KEYS_OF_USAGE


def test_options_that_exclude_each_other(convo: Program) -> None:
    lines = [
        "usage --by-turn --by-model",
        "usage --by day --by-model",
        "usage --all -b main",
        "usage --chart --json",
        "tools --all -s trip",
        "prices --from x",
    ]
    assert [done.code for done in convo.each(*lines)] == [2] * len(lines)


AGENT = """
from agents import Agent, function_tool

@function_tool
def look() -> str:
    return "seen"

agent = Agent(name="A", tools=[look])
"""


def test_a_run_knows_its_server_its_times_and_those_of_its_tools(
    convo: Program, openai_server: OpenAIServer
) -> None:
    (convo.home / "a.py").write_text(AGENT)
    env = {**openai_server.environ, "CONVO_MODEL": "test-model"}
    openai_server.script(Answer("Plain."), Answer(calls=[ToolCall("look")]), Answer("Seen."))
    assert convo("chat", "Hello", env=env).code == 0
    assert convo("chat", "-a", str(convo.home / "a.py"), "Look", env=env).code == 0
    found = rows(
        Path(convo.db), "SELECT base_url, first_token_s > 0, duration_s > 0, agent FROM convo_runs"
    )
    assert [row[:3] for row in found] == [(openai_server.base_url, 1, 1)] * 2
    assert found[1][3].endswith("/a.py")
    (costs,) = json.loads(convo("tools", "--by", "tool", "--json").out)
    assert (costs["tool"], costs["calls"], costs["timed_calls"]) == ("look", 1, 1)
    assert (costs["output_tokens"], costs["tokens_afterwards"]) == (1, 1)


def test_prices_that_are_fetched(convo: Program) -> None:
    (convo.home / "none.json").write_text("[]")
    refused = convo("prices", "update", "--from", str(convo.home / "none.json"))
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.endswith("cannot be used: it is not a list of providers\n")
    unreached = convo("prices", "update", "--from", "http://127.0.0.1:1/prices.json")
    assert unreached.code == 5
    assert unreached.err.startswith("convo: the prices cannot be fetched: ")
    assert convo("prices", "update", "--from", "ftp://there/x").code == 2
    assert convo("prices", "update", "--from", str(convo.home / "absent.json")).code == 2
    assert not list(convo.home.glob(".local/share/convo/prices*"))
