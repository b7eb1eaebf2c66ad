"""What is sent of a history is legal, whatever the history is like."""

from copy import deepcopy

from hypothesis import given, settings

from convo_cli.wire.kinds import Item
from convo_cli.wire.responses import without_stored
from convo_cli.wire.sendable import sendable
from tests.cli.wire.histories import HISTORIES, refused_by_chat, refused_by_responses


@given(HISTORIES)
@settings(max_examples=300, deadline=None)
def test_chat_completions_take_any_history(items: list[Item]) -> None:
    assert refused_by_chat(sendable(items, "chat").items) == []


@given(HISTORIES)
@settings(max_examples=300, deadline=None)
def test_the_responses_api_takes_any_history(items: list[Item]) -> None:
    assert refused_by_responses(sendable(items, "responses").items) == []


@given(HISTORIES)
@settings(max_examples=100, deadline=None)
def test_whole_items_can_be_sent_again(items: list[Item]) -> None:
    assert refused_by_responses(without_stored(sendable(items, "responses").items)) == []


@given(HISTORIES)
@settings(max_examples=100, deadline=None)
def test_what_is_stored_stays_and_what_was_mended_is_mended(items: list[Item]) -> None:
    before = deepcopy(items)
    once = sendable(items, "responses").items
    assert items == before
    assert sendable(once, "responses").items == once
