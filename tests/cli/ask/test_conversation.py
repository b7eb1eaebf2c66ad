"""Where a chat goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from convo import ConversationStore
from convo.errors import BranchNotFoundError, NameTakenError
from convo.records import SessionModel
from convo_cli.ask.conversation import locate, with_recorded
from convo_cli.exits import UsageError
from convo_cli.settings import Settings
from convo_cli.turn.choice import ModelChoice

LOCAL = SessionModel("llama", "http://localhost/v1", "chat")


@pytest.mark.parametrize(
    ("choice", "asked"),
    [
        (ModelChoice(), ModelChoice("llama", "http://localhost/v1", "chat")),
        (ModelChoice(model="qwen"), ModelChoice("qwen", "http://localhost/v1", "chat")),
        (ModelChoice(api="responses"), ModelChoice("llama", "http://localhost/v1", "responses")),
        (ModelChoice(base_url="http://other/v1"), ModelChoice(base_url="http://other/v1")),
        (
            ModelChoice(base_url="http://localhost/v1"),
            ModelChoice("llama", "http://localhost/v1", "chat"),
        ),
    ],
)
def test_what_is_not_chosen_is_as_it_was(choice: ModelChoice, asked: ModelChoice) -> None:
    assert replace(with_recorded(choice, LOCAL), recorded=frozenset()) == asked
    kept = replace(choice, instructions="Be brief.")
    assert with_recorded(kept, LOCAL).instructions == "Be brief."


@pytest.mark.parametrize(
    ("choice", "recorded"),
    [
        (ModelChoice(), {"model", "base_url"}),
        (ModelChoice(model="qwen"), {"base_url"}),
        (ModelChoice(base_url="http://LOCALHOST:80/v1/"), {"model"}),
        (ModelChoice(base_url="http://localhost/v2"), set()),
        (ModelChoice("qwen", "http://me:pw@localhost/v1"), set()),
    ],
)
def test_what_only_the_database_says_is_marked(choice: ModelChoice, recorded: set[str]) -> None:
    assert with_recorded(choice, LOCAL).recorded == recorded


def test_an_api_that_nobody_knows_is_not_taken_over() -> None:
    assert with_recorded(ModelChoice(), LOCAL._replace(api="telepathy")).api is None


async def test_a_conversation_that_is_there(conversations: Path) -> None:
    async with ConversationStore(conversations) as store:
        here = await locate(store, Settings(conversations), new=False)
        assert (here.session, here.exists, here.branch) == ("paris", True, "tourism")
        assert here.recorded == SessionModel("echo")
        destination = await locate(store, Settings(conversations, branch="main"), new=False)
        assert (destination.branch, destination.head) == ("main", "tourism")
        with pytest.raises(BranchNotFoundError, match="'mian'"):
            await locate(store, Settings(conversations, branch="mian"), new=False)


async def test_a_conversation_that_is_to_be_started(conversations: Path) -> None:
    async with ConversationStore(conversations) as store:
        for settings, new in (
            (Settings(conversations), True),
            (Settings(conversations, session="soup"), False),
            (Settings(conversations, session="soup", branch="main"), True),
        ):
            destination = await locate(store, settings, new=new)
            assert (destination.session, destination.exists, destination.branch) == (
                settings.session,
                False,
                "main",
            )
        with pytest.raises(NameTakenError):
            await locate(store, Settings(conversations, session="paris"), new=True)
        with pytest.raises(UsageError, match="no branch 'x'"):
            await locate(store, Settings(conversations, branch="x"), new=True)
