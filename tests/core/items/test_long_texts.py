"""Messages of many megabytes: found, and read a piece at a time."""

import asyncio
import json
import random
import subprocess
import sys
from itertools import islice, pairwise
from typing import Any

import pytest

from convo import ConversationStore
from convo.items.long_texts import LONG, WINDOW, says, windows
from tests.core.addresses import Address, Session
from tests.core.talk import assistant, run, turn, user
from tests.program import PATIENCE

PEAK = """
import asyncio, resource, sys
from convo import ConversationStore

def megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

async def main():
    async with ConversationStore(sys.argv[1]) as store:
        await store.sessions()
        before = megabytes()
        found = await store.search("needle") if sys.argv[2] == "words" else (
            await store.session("talk").find_turns_by_content("needle"))
        print(len(found), megabytes() - before)

asyncio.run(main())
"""
SIZE = 50_000_000


def in_pieces(item: Any, size: int, **how: Any) -> list[bytes]:
    data = json.dumps(item, **how).encode()
    return [data[at : at + size] for at in range(0, len(data), size)]


def said(item: Any, size: int = 5, **how: Any) -> str:
    return "".join(windows(in_pieces(item, size, **how)))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_what_is_said_is_read_from_any_pieces(size: int, ascii_only: bool) -> None:
    how = {"ensure_ascii": ascii_only, "indent": 1}
    content = 'é 😀 "quoted" \\ \n {[,:]}' + ("\ud83d" if ascii_only else "")
    assert said(user(content), size, **how) == content
    parts = [{"type": "x", "deep": [{"text": "no"}]}, {"text": content}, {"text": 5}, "no", None]
    assert said({"x": {"content": "no"}, "content": parts}, size, **how) == f"{content}\n5\n"
    for nothing in (None, 5, True, {"text": "no"}, []):
        assert said(user(nothing), size, **how) == ""


@pytest.mark.parametrize(
    "data", ['{"content": "a', '{"content": "\\q"}', "[1]", '{"content": [', "", "{", '{"a": {']
)
def test_what_is_no_message_is_refused(data: str) -> None:
    with pytest.raises(ValueError, match="JSON"):
        list(windows([data.encode()]))


def test_words_and_phrases_across_windows_are_in_one_of_them() -> None:
    words = [f"word{number}" for number in range(40_000)]
    found = list(windows(in_pieces(user(" ".join(words)), 65_536)))
    assert len(found) > 4
    for one, other in islice(pairwise(words), 0, None, 97):
        assert any(f"{one} {other}" in window for window in found)
    ends = [window.rsplit(None, 1)[-1] for window in found]
    assert set(ends) <= set(words)


def test_a_long_word_is_cut() -> None:
    assert sum(map(len, windows([b'{"content": "%b"}' % (b"x" * 3 * WINDOW)]))) >= 3 * WINDOW


@pytest.mark.parametrize("size", [1, 4, 1000])
def test_a_text_is_said_in_whatever_case(size: int) -> None:
    pieces = in_pieces(user("Die Straße nach ÜBERALL"), size)
    assert says(pieces, "strasse nach übe")
    assert says(pieces, "")
    assert not says(pieces, "strassen")


@pytest.fixture
async def store(store: ConversationStore) -> ConversationStore:
    filling = "lorem ipsum " * (LONG // 10)
    await store.start_session("talk")
    await store.record_turn("talk", "main", turn("short ipsum"), run())
    await store.record_turn(
        "talk", "main", [user(f"{filling} Café needle {filling}"), assistant(filling)], run()
    )
    return store


async def test_long_messages_are_found_with_the_part_around_the_words(
    store: ConversationStore,
) -> None:
    (hit,) = await store.search('"cafe needle" lorem')
    assert (hit.turn, hit.role, len(hit.text) < 2 * WINDOW) == (2, "user", True)
    assert "Café needle" in [hit.text[first:last] for first, last in hit.spans]
    assert await store.search("needle nowhere") == []
    assert await store.search('"ipsum needle"') == []


async def test_what_is_long_comes_after_what_is_short(store: ConversationStore) -> None:
    hits = await store.search("ipsum")
    assert (hits[0].turn, hits[0].role) == (1, "user")
    assert len(hits) == 4
    assert len(await store.search("ipsum", limit=3)) == 3
    assert [hit.turn for hit in await store.search("ipsum", limit=1)] == [1]


async def test_an_attachment_is_no_text(store: ConversationStore) -> None:
    image = {"type": "input_image", "image_url": "data:image/png;base64," + "A" * 2 * LONG}
    content = [{"type": "input_text", "text": "a picture of a heron"}, image]
    await store.record_turn("talk", "main", [user(content), assistant("Nice.")], run())
    (hit,) = await store.search("heron")
    assert hit.text == "a picture of a heron\n"


async def test_turns_are_found_by_long_content(store: ConversationStore, session: Session) -> None:
    (found,) = await session.find_turns_by_content("CAFÉ NEEDLE")
    assert len(found["content"]) > LONG
    assert [one["turn"] for one in await session.find_turns_by_content("ipsum")] == [1, 2]
    assert len(await session.find_turns_by_content("")) == 2


@pytest.mark.parametrize("index", ["words", "prompts"])
async def test_a_search_takes_twice_the_largest_message_at_most(path: Address, index: str) -> None:
    chance = random.Random(5)
    words = ["".join(chance.choices("abcdefghijklmnop", k=6)) for _ in range(20_000)]
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        # As many turns as it takes for the index of prompts to be asked.
        await store.session("talk").add_items(
            [item for number in range(300) for item in turn(f"needle {number}")]
        )
        large = " ".join(chance.choices(words, k=SIZE // 7))
        await store.record_turn("talk", "main", turn(large), run())
    command = [sys.executable, "-c", PEAK, str(path), index]
    how = {"timeout": PATIENCE, "text": True}
    told = await asyncio.to_thread(subprocess.check_output, command, **how)
    found, megabytes = told.split()
    assert int(found) == (20 if index == "words" else 300)

    assert float(megabytes) <= 2 * (SIZE + 1_000_000) / 2**20
