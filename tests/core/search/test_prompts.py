"""Searching long conversations by the index of prompts: the same answers, from fewer rows."""

import json
import logging
import re
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from agents.extensions.memory import AdvancedSQLiteSession as TheirSession
from agents.memory import SQLiteSession
from hypothesis import given, settings
from hypothesis import strategies as st

from convo import ConversationStore
from convo.history import turns
from convo.items.decoding import Unreadable
from convo.search import prompts
from convo.sqlite import full_text
from convo.sqlite.dialect import statements_for
from convo.sqlite.schema import Schema
from convo.sqlite.transaction import SQLiteTransaction
from convo.storage.search_index import Stale
from convo.storage.statements import Tables
from tests.core.addresses import Address, Session, execute, open_session, rows
from tests.core.talk import user

LONG = prompts.FEW + 50
MESSAGE = "INSERT INTO agent_messages (id, session_id, message_data) VALUES (?, 'talk', ?)"
STRUCTURE = (
    "INSERT INTO message_structure (session_id, message_id, message_type, sequence_number,"
    " user_turn_number, branch_turn_number) VALUES ('talk', ?, 'user', ?, ?, ?)"
)
ODD = [
    "The weather?",
    "100% a_b",
    "Über alles, die Straße",
    [{"type": "input_text", "text": "a Part of it"}, {"text": None}, {"text": "the rest"}, "loose"],
    [{"type": "input_text", "text": 4242}],
    None,
    'say "hi there" AND (NOT) near*',
    "before\0after the NUL",
    "half of a pair \ud83d alone",
    "a whole 👋🏽 and 天気予報",
    "\ufdd0\ufdd0 \ufffe\uffff ends",
]


@pytest.fixture
async def long(session: Session) -> Session:
    """A conversation long enough to be indexed; turns 101 and up say odd things."""
    filling = [user(f"question number {number}") for number in range(1, LONG + 1)]
    filling[100 : 100 + len(ODD)] = [user(content) for content in ODD]
    await session.add_items(filling)
    return session


async def found(session: Session, term: str, **where: Any) -> list[int]:
    return [turn["turn"] for turn in await session.find_turns_by_content(term, **where)]


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The messages that a search has decoded."""
    seen: list[bytes] = []
    in_batches = turns.in_batches

    def noted(rows: Iterable[Any], unreadable: Any, ids: Any = None) -> Any:
        for batch, items in in_batches(rows, unreadable, ids):
            seen.extend(row[1 if ids is None else 0] for row in batch)
            yield batch, items

    monkeypatch.setattr(turns, "in_batches", noted)
    return seen


@pytest.mark.sqlite_only("it counts what SQLite's index of prompts leaves to be read")
@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("WEATHER", [101]),
        ("100%", [102]),
        ("A_B", [102]),
        ("über", [103]),
        ("STRASSE", [103]),
        ("a part", [104]),
        ("of itthe", []),
        ("of it\nthe", []),
        ("the rest", [104]),
        ("424", [105]),
        ('"HI there" and (not)', [107]),
        ("near*", [107]),
        ("before\0after", [108]),
        ("before after", []),
        ("after the nul", [108]),
        ("\ud83d alone", [109]),
        ("pair ? alone", []),
        ("👋🏽 and", [110]),
        ("天気予報", [110]),
        ("\ufdd0\ufdd0 \ufffe\uffff", [111]),
        ("question number 299", [299]),
        ("question number 299" * 40, []),
        ("role", []),
    ],
)
async def test_what_is_said_is_found(
    long: Session, looked_at: list[bytes], term: str, expected: list[int]
) -> None:
    assert await found(long, term) == expected
    assert len(looked_at) <= 10


@pytest.mark.parametrize("term", ["", "qu", "question", "天気", "zq", '"', "\\", "hi"])
async def test_where_the_index_is_of_no_use_the_prompts_are_read(
    long: Session, looked_at: list[bytes], term: str
) -> None:
    contents = [turn["full_content"] for turn in await long.get_conversation_turns()]
    looked_at.clear()
    said = [
        number
        for number, content in enumerate(contents, 1)
        if not term or (isinstance(content, str) and term in content)
    ]
    assert await found(long, term) == said
    # What does not say it is not decoded, unless JSON cannot say it as it is.
    assert len(looked_at) == (LONG if term in ("", '"', "\\") else len(said))


@pytest.mark.parametrize("term", ["quiz", "trüber", "天気", "жук", "żółw"])
async def test_prompts_in_other_languages_are_not_decoded(
    session: Session, looked_at: list[bytes], term: str
) -> None:
    said = ["Können Sie die Größe erklären?", "Пожалуйста, объясни", "这条街的大小", "“so”…"]
    await session.add_items([user(text) for text in said])
    assert await found(session, term) == []
    assert looked_at == []


# Letters that JSON escapes, and letters that fold into others or into several.
LETTERS = st.text(st.sampled_from('aSsßK\u212aİiﬁfüÜж天%_\\"/\n\0\ud83d .7'), max_size=6)


@settings(max_examples=60)
@given(
    contents=st.lists(LETTERS, max_size=5),
    term=LETTERS,
    ascii_only=st.booleans(),
    stored_as=st.sampled_from([str, str.encode]),
)
def test_short_conversations_are_searched_as_letter_by_letter(
    contents: list[str], term: str, ascii_only: bool, stored_as: Callable[[str], str | bytes]
) -> None:
    with searching(contents, ascii_only=ascii_only, stored_as=stored_as) as search:
        said = [n for n, text in enumerate(contents, 1) if term.casefold() in text.casefold()]
        assert search(term) == said


LETTERS_BEYOND_ASCII = [chr(number) for number in range(0x80, sys.maxunicode + 1)]


def test_every_letter_is_found_in_any_case() -> None:
    cased = [letter for letter in LETTERS_BEYOND_ASCII if letter.casefold() != letter]
    asked = {(letter, letter.casefold()) for letter in cased}
    asked |= {(letter.casefold(), letter.casefold()) for letter in cased}
    for written, folded in asked:
        patterns = prompts.patterns(f"<{folded}")
        likes = [pattern for pattern in patterns.values() if pattern is not None]
        assert any(fits(json.dumps(f"<{written}>"), like) for like in likes), (written, folded)


def fits(text: str, like: str) -> bool:
    known = {"%": ".*", "_": "."}
    parts = re.findall(r"\\[%_\\]|.", like)
    regex = "".join(known.get(part) or re.escape(part[-1]) for part in parts)
    return re.fullmatch(regex, text, re.IGNORECASE | re.ASCII) is not None


def test_whatever_is_ascii_when_folded_is_found_by_ascii() -> None:
    letters = LETTERS_BEYOND_ASCII
    special = [letter for letter in letters if re.search("[\0-\x7f]", letter.casefold())]
    assert len(special) > 15
    contents = [f"<{letter}>" for letter in special] + [f"o{letter}o" for letter in special]
    parts = {
        folded[begin:end]
        for folded in map(str.casefold, contents)
        for begin in range(len(folded))
        for end in range(begin + 1, len(folded) + 1)
    }
    with searching(contents) as search:
        for term in sorted(parts):
            said = [n for n, text in enumerate(contents, 1) if term in text.casefold()]
            assert search(term) == said, term


@contextmanager
def searching(
    contents: list[str],
    *,
    ascii_only: bool = True,
    stored_as: Callable[[str], str | bytes] = str,
) -> Iterator[Callable[[str], list[int]]]:
    """A search of these prompts, without an index."""
    statements = statements_for(Tables())
    with closing(sqlite3.connect(":memory:")) as connection:
        Schema(statements, ":memory:").create(connection)
        tx = SQLiteTransaction(connection, statements)
        written = [
            json.dumps(user(text), ensure_ascii=ascii_only or not text.isprintable())
            for text in contents
        ]
        for number, data in enumerate(written, 1):
            connection.execute(MESSAGE, (number, stored_as(data)))
            connection.execute(STRUCTURE, (number, number, number, number))
        unreadable = Unreadable(logging.getLogger("convo"))

        def search(term: str) -> list[int]:
            found = turns.containing(tx, None, "talk", "main", term, unreadable)
            assert not isinstance(found, Stale)
            return [turn["turn"] for turn in found]

        yield search


@pytest.mark.sqlite_only("its full-text tables are SQLite's")
async def test_writing_and_short_conversations_pay_nothing(long: Session, path: Address) -> None:
    indexed = "SELECT count(*) FROM sqlite_master WHERE name IN ('convo_prompts', 'convo_indexed')"
    async with open_session(path, "short") as short:
        await short.add_items([user("number 1"), user("number 2")])
        assert await found(short, "number 2") == [2]
    assert rows(path, indexed) == [(0,)]
    await found(long, "number 7")
    assert rows(path, indexed) == [(2,)]


@pytest.mark.sqlite_only("the SDK's class with branches has files only")
@pytest.mark.parametrize("more", [3, 1_200])
async def test_later_prompts_are_found_whoever_writes_them(
    long: Session, path: Address, looked_at: list[bytes], more: int
) -> None:
    assert await found(long, "number 299") == [299]
    theirs = TheirSession(session_id="talk", db_path=path)
    await theirs.add_items([user(f"theirs {number}") for number in range(more)])
    theirs.close()
    plain = SQLiteSession(session_id="talk", db_path=path)
    await plain.add_items([user("a plain one")])
    plain.close()
    looked_at.clear()
    assert await found(long, f"theirs {more - 1}") == [LONG + more]
    assert await found(long, "plain one") == [LONG + more + 1]
    assert len(looked_at) <= 20


async def test_what_is_gone_is_not_found(long: Session) -> None:
    last = f"question number {LONG}"
    assert await found(long, last) == [LONG]
    await long.create_branch_from_turn(LONG, "fork")
    assert await found(long, last) == []
    assert await found(long, last, branch_id="main") == [LONG]
    await long.switch_to_branch("main")
    await long.pop_item()
    assert await found(long, last) == []
    assert await found(long, "weather", branch_id="fork") == [101]
    await long.clear_session()
    assert await found(long, "weather") == []


async def test_other_sessions_are_kept_apart(long: Session, path: Address) -> None:
    async with open_session(path, "other") as other:
        await other.add_items([user(f"weather of day {day}") for day in range(1, LONG)])
        assert await found(other, "of day 101") == [101]
        assert await found(long, "weather") == [101]
    async with ConversationStore(path) as store:
        await store.rename_session("talk", "chat")
        async with open_session(path, "chat") as renamed:
            assert await found(renamed, "weather") == [101]


@pytest.mark.sqlite_only("it counts what SQLite's index of prompts leaves to be read")
async def test_a_branch_is_made_where_a_text_is_said(
    long: Session, path: Address, looked_at: list[bytes]
) -> None:
    assert await long.create_branch_from_content("WEATHER", "theirs") == "theirs"
    async with ConversationStore(path) as store:
        looked_at.clear()
        await store.branch("talk", "main", match="straße", name="ours", expected="main")
        assert await store.last_turn("talk", "ours") == 102
    assert len(looked_at) == 1


@pytest.mark.sqlite_only("it counts what SQLite's index of prompts leaves to be read")
async def test_prompts_that_cannot_be_read_are_told_of(
    long: Session, path: Address, caplog: pytest.LogCaptureFixture
) -> None:
    execute(path, "UPDATE agent_messages SET message_data = '{' WHERE id = 7")
    with caplog.at_level(logging.WARNING):
        assert await found(long, "weather") == [101]
        assert await found(long, "number 299") == [299]
    (told,) = caplog.messages
    assert told.startswith("message 7 cannot be read")


async def test_tables_of_another_name(new_path: Address, looked_at: list[bytes]) -> None:
    names = {"sessions_table": '"my sessions"', "messages_table": "said"}
    async with open_session(new_path, create_tables=True, **names) as session:
        await session.add_items([user(f"number {number}.") for number in range(1, LONG)])
        assert await found(session, "number 30.") == [30]
    assert len(looked_at) == 1


@contextmanager
def locked(path: Address) -> Iterator[None]:
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@pytest.mark.sqlite_only("a server has no lock of the whole database")
async def test_a_file_that_is_locked_is_searched_all_the_same(
    long: Session, path: Address, looked_at: list[bytes]
) -> None:
    with locked(path):
        assert await found(long, "weather") == [101]
    assert len(looked_at) == 1
    assert rows(path, "SELECT name FROM sqlite_master WHERE name = 'convo_indexed'") == []


async def test_without_full_text_search(
    long: Session, looked_at: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full_text, "is_available", lambda: False)
    assert await found(long, "weather") == [101]
    assert len(looked_at) == 1


@pytest.mark.sqlite_only("the SDK's class with branches has files only")
async def test_the_sdk_reads_and_writes_a_file_with_an_index(long: Session, path: Address) -> None:
    await found(long, "weather")
    theirs = TheirSession(session_id="talk", db_path=path, create_tables=True)
    await theirs.add_items([user("snow?")])
    execute(path, "DROP TABLE convo_prompts")
    execute(path, "DROP TABLE convo_indexed")
    assert json.loads(json.dumps(await theirs.get_items()))[-1] == user("snow?")
    theirs.close()
    assert await found(long, "snow?") == [LONG + 1]
