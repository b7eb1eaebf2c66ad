"""Row 14: whatever a user message says is found, in whatever case and however it is stored."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.core.addresses import execute
from tests.core.better_than_sdk.openers import AnySession, OpenOurs, OpenTheirs
from tests.core.talk import turn, user


async def found(session: AnySession, term: str) -> list[int]:
    return [turn["turn"] for turn in await session.find_turns_by_content(term)]


@pytest.mark.parametrize(
    "content",
    [None, 42, [{"type": "input_text", "text": None}], [{"type": "input_text", "text": 42}]],
    ids=["content null", "content a number", "text null", "text a number"],
)
async def test_beside_a_message_without_text(
    theirs: OpenTheirs, ours: OpenOurs, content: Any
) -> None:
    items = [user("first text"), user(content), user("second text")]

    their_session = theirs()
    await their_session.add_items(items)
    with pytest.raises(TypeError):
        await their_session.find_turns_by_content("")

    session = ours()
    await session.add_items(items)
    assert await found(session, "text") == [1, 3]
    assert await found(session, "") == [1, 2, 3]
    assert await session.create_branch_from_content("second", "fork") == "fork"


@pytest.mark.parametrize("content", [42, [{"type": "input_text", "text": 42}]])
async def test_a_number_is_found_by_its_digits(
    theirs: OpenTheirs, ours: OpenOurs, content: Any
) -> None:
    their_session = theirs()
    await their_session.add_items([user(content)])
    with pytest.raises(TypeError):
        await their_session.find_turns_by_content("42")

    session = ours()
    await session.add_items([user("none"), user(content)])
    assert await found(session, "42") == [2]


async def test_a_message_that_is_stored_as_raw_utf8(
    theirs: OpenTheirs, ours: OpenOurs, their_path: Path, path: Path
) -> None:
    """As `json.dumps(…, ensure_ascii=False)` or another language writes it."""
    for session, file in ((theirs(), their_path), (ours(), path)):
        await session.add_items(turn("?"))
        raw = json.dumps(user("schöne Grüße 👋"), ensure_ascii=False)
        execute(file, "UPDATE agent_messages SET message_data = ? WHERE id = 1", raw)

    for term in ("Grüße", "schö", "👋"):
        assert await found(theirs(), term) == []
        assert await found(ours(), term) == [1]


@pytest.mark.parametrize(
    ("said", "term"),
    [
        ("Alles über Paris", "ÜBER"),
        ("ALLES ÜBER PARIS", "über"),
        ("die Straße", "STRASSE"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
        ("ПРИВЕТ", "привет"),
    ],
)
async def test_case_is_folded_in_every_script(
    theirs: OpenTheirs, ours: OpenOurs, said: str, term: str
) -> None:
    for session, turns in ((theirs(), []), (ours(), [2])):
        await session.add_items(turn("something else") + turn(said))
        assert await found(session, term) == turns


async def test_a_long_term(theirs: OpenTheirs, ours: OpenOurs) -> None:
    long = "a long story, " * 5_000
    their_session = theirs()
    await their_session.add_items(turn(long))
    with pytest.raises(sqlite3.OperationalError, match="pattern too complex"):
        await their_session.find_turns_by_content(long)

    session = ours()
    await session.add_items(turn("short") + turn(f"It is {long.upper()}, in fact."))
    assert await found(session, long) == [2]


async def test_what_only_the_stored_form_says_is_not_found(
    theirs: OpenTheirs, ours: OpenOurs
) -> None:
    """As with the SDK's class: keys, escapes and what is no text are not what somebody said."""
    items = [user('say "hi"\n'), user([{"type": "input_image", "image_url": "http://cat"}])]
    for session in (theirs(), ours()):
        await session.add_items(items)
        assert await found(session, 'SAY "HI"') == [1]
        for term in ("role", "content", "\\n", "input_image", "cat", "%", "_"):
            assert await found(session, term) == []
