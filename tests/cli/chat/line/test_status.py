"""The line below the prompt."""

from __future__ import annotations

import asyncio

import pytest

from convo import ConversationStore
from convo.usage_records import RunRecord, Tokens
from convo_cli.chat.line.status import Spent, Status, status_line
from convo_cli.render.money import dollars
from convo_cli.render.terminal.look import Look
from tests.cli.chat.at_terminal import ChatAtTerminal
from tests.program import Program

FULL = Status(
    "openai/gpt-5-mini",
    "what-is-the-capital-of-france",
    Spent(Tokens(9, 100_000, 0, 20_000, 0, 120_000), 0.065),
    Spent(Tokens(1, 10_000, 0, 500, 0, 10_500), 0.0035),
    context=10_500,
    window=400_000,
    agent="Expert",
    attached=2,
    waiting=1,
)


@pytest.mark.parametrize("columns", [40, 80, 140])
def test_the_parts_that_fit_are_shown_whole(columns: int) -> None:
    shown = status_line(FULL, Look(columns))
    whole = status_line(FULL, Look(1_000)).split(" · ")
    assert whole == [
        "openai/gpt-5-mini @Expert",
        "+2 attached",
        "1 waits",
        "120,000 tokens $0.0650",
        "last 10,500 $0.0035",
        "3% of 400k",
        "what-is-the-capital-of-france",
    ]
    assert len(shown) < columns
    assert [part for part in whole if part in shown.split(" · ")] == shown.split(" · ")


def test_what_is_not_known_is_not_shown() -> None:
    spent = Spent(Tokens(1, 10, 0, 5, 0, 15, estimated=True))
    assert status_line(Status("echo", "main", spent, spent), Look()) == (
        "echo · ~15 tokens · last ~15 · main"
    )
    unknown = Spent(Tokens(1))
    assert status_line(Status("m", "main", unknown), Look(unicode=False)) == "m, ? tokens, main"
    assert status_line(Status("m\x1b[31m\n", "ma\u202ein"), Look()).isprintable()


def test_small_amounts_of_money_say_something() -> None:
    amounts = [0, 0.00001, 0.0021, 0.5, 1234.5]
    assert [dollars(amount) for amount in amounts] == [
        "$0.00",
        "<$0.0001",
        "$0.0021",
        "$0.50",
        "$1,234.50",
    ]


@pytest.mark.parametrize("columns", [40, 80, 140])
def test_it_stands_below_the_prompt_and_goes_with_it(convo: Program, columns: int) -> None:
    with ChatAtTerminal(convo, "-s", "talk", status=True, columns=columns) as chat:
        chat.see(r"^talk:main 1>\n+echo · main$")
        chat.type("Hello\r")
        chat.see(r"^talk:main 2>\n+echo · ~\d+ tokens · last ~\d+ · main$")
        # It is gone from where the last prompt was.
        assert chat.text.count(" · main") == 1
        assert chat.leave() == 0
        assert " · main" not in chat.text


def test_cost_and_context_are_shown_where_the_model_is_known(convo: Program) -> None:
    entry = {"input_tokens": 9_000, "output_tokens": 1_000, "total_tokens": 10_000}
    run = RunRecord("gpt-5-mini", 2, 16_000, 2_000, 18_000, request_entries=[entry, entry])
    asyncio.run(stored(convo, run))
    key = {"OPENAI_API_KEY": "sk-test", "CONVO_MODEL": None}
    with ChatAtTerminal(convo, status=True, env=key) as chat:
        chat.see(
            r"^gpt-5-mini · 18,000 tokens \$0\.0080 · last 18,000 \$0\.0080 · 2% of 400k · main$"
        )
        assert chat.leave() == 0


def test_what_another_server_takes_is_not_known(convo: Program) -> None:
    elsewhere = "http://127.0.0.1:9/v1"
    run = RunRecord("gpt-5-mini", 1, 16_000, 2_000, 18_000, base_url=elsewhere)
    asyncio.run(stored(convo, run))
    config = convo.home / ".config" / "convo" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[servers.there]\nurl = "{elsewhere}"\n')
    # It is the server that was asked, not the one that the next turn asks.
    key = {"OPENAI_API_KEY": "sk-test", "CONVO_MODEL": "gpt-5-mini", "OPENAI_BASE_URL": None}
    with ChatAtTerminal(convo, status=True, env=key) as chat:
        chat.see(r"^.*gpt-5-mini · 18,000 tokens · last 18,000 · main$")
        assert chat.leave() == 0


async def stored(convo: Program, run: RunRecord) -> None:
    async with ConversationStore(convo.db, create=True) as store:
        await store.start_session("talk")
        items = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
        await store.record_turn("talk", "main", items, run)


def test_a_budget_that_is_used_up_is_said_once_and_stays_below(convo: Program) -> None:
    asyncio.run(stored(convo, RunRecord("gpt-5-mini", 1, 16_000, 2_000, 18_000)))
    config = convo.home / ".config" / "convo" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("budget.month = 0.005\n")
    with ChatAtTerminal(convo, status=True, env={"CONVO_MODEL": "echo"}) as chat:
        chat.see(r"^the budget is used up: this month has cost \$0\.0080 of \$0\.0050\n")
        chat.see(r"^echo · month \$0\.0080 of \$0\.0050 · ")
        chat.type("Hello\r")
        chat.see(r"^talk:main 3>\n+echo · month ")
        assert chat.text.count("the budget is used up") == 1
        assert chat.leave() == 0


def test_it_can_be_left_out(convo: Program) -> None:
    config = convo.home / ".config" / "convo" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("status = false\n")
    env: dict[str, str | None] = {"CONVO_STATUS": None}
    with ChatAtTerminal(convo, "-s", "talk", env=env, status=True) as chat:
        chat.ready("talk:main 1>")
        assert chat.leave() == 0
    with ChatAtTerminal(convo, env={"CONVO_STATUS": "maybe"}) as chat:
        assert chat.end() == 2
        assert chat.text == "convo: CONVO_STATUS is 'maybe'; set it to true or false"
