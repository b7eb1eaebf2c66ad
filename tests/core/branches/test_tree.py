"""The tree of a conversation, found from the messages that its branches share."""

import pytest
from agents.extensions.memory import AdvancedSQLiteSession as SDKSession

from convo import ConversationStore
from convo.branches.tree import Line, TreeTurn, planted, traced
from tests.core.addresses import Address, execute
from tests.core.talk import run, turn


def lines_of(**branches: str) -> list[Line]:
    """Branches as words: each letter is a message that they may share."""
    return traced(
        branches, lambda name: [(ord(c), n) for n, c in enumerate(branches[name], 1)][::-1]
    )


def outline(node: TreeTurn) -> list[object]:
    """A tree as nested lists: turns with the branches that end there, lines that begin there."""
    name = f"{node.turn}{node.text}{'+' + str(node.hidden) if node.hidden else ''}"
    said: list[object] = [" ".join([name, *node.ends])]
    return said + [[part for turn in line for part in outline(turn)] for line in node.forks]


def drawn(**branches: str) -> list[object]:
    return outline(planted(lines_of(**branches), chr))


@pytest.mark.parametrize(
    ("branches", "expected"),
    [
        ({"main": ""}, ["0 main"]),
        ({"main": "ab"}, ["0", ["1a", "2b main"]]),
        ({"main": "abc", "x": "ad"}, ["0", ["1a", ["2d x"], "2b", "3c main"]]),
        ({"main": "ab", "x": "ad", "y": "ae"}, ["0", ["1a", ["2d x"], ["2e y"], "2b main"]]),
        ({"main": "a", "x": "bcd", "y": "bce"}, ["0", ["1a main"], ["1b", "2c", ["3e y"], "3d x"]]),
        ({"main": "ab", "x": "a"}, ["0", ["1a x", "2b main"]]),
        ({"main": "ab", "x": "ab"}, ["0", ["1a", "2b main x"]]),
        ({"main": "a", "x": "abc"}, ["0", ["1a main", ["2b", "3c x"]]]),
        ({"main": "a", "x": "", "y": "b"}, ["0 x", ["1a main"], ["1b y"]]),
        ({"main": "abcdef"}, ["0", ["1a+4", "6f main"]]),
        ({"main": "abcdefgh", "x": "abX"}, ["0", ["1a", "2b", ["3X x"], "3c+4", "8h main"]]),
        ({"main": "aXbc", "x": "abd"}, ["0", ["1a", "2X", "3b", ["3d x"], "4c main"]]),
    ],
)
def test_shapes(branches: dict[str, str], expected: list[object]) -> None:
    assert drawn(**branches) == expected


def test_only_what_a_branch_has_of_its_own_is_read() -> None:
    read: list[int] = []

    def backwards(name: str) -> object:
        for number in range(1000, 0, -1):
            read.append(number)
            yield (number if name == "main" or number < 999 else -number, number)

    traced(["main", "x", "y"], backwards)  # type: ignore[arg-type]
    assert len(read) == 1000 + 3 + 3 - 2


def test_a_line_of_forks_of_forks_is_as_deep_as_it_likes() -> None:
    names = {f"b{depth}": depth for depth in range(3000)}
    lines = traced(
        names, lambda name: [(-1 - names[name], 9), *((n, 1) for n in range(names[name], 0, -1))]
    )
    assert planted(lines, str).forks


@pytest.fixture
async def talk(store: ConversationStore) -> ConversationStore:
    await store.start_session("talk")
    for question in ("one", "two", "three"):
        await store.record_turn("talk", "main", turn(question), run())
    return store


async def rows(store: ConversationStore) -> dict[str, tuple[object, ...]]:
    tree = await store.tree("talk")
    return {row.branch_id: row[1:] for row in tree.branches}


async def test_a_parent_that_is_recorded_and_one_that_is_gone(talk: ConversationStore) -> None:
    await talk.branch("talk", "main", turn=3, name="a", expected="main")
    await talk.record_turn("talk", "a", turn("A"), run())
    await talk.branch("talk", "a", after=3, name="b", expected="a")
    await talk.record_turn("talk", "b", turn("B"), run())
    await talk.branch("talk", "b", turn=1, name="c", expected="b")
    assert await rows(talk) == {
        "main": (None, None, 0, 3, "one", False),
        "a": ("main", 3, 2, 3, "A", False),
        "b": ("a", 3, 3, 4, "B", False),
        "c": ("b", 1, 0, 0, None, True),
    }
    await talk.delete_branches("talk", ["a"])
    assert (await rows(talk))["b"] == ("main", 3, 2, 4, "A", False)
    assert outline((await talk.tree("talk", "main")).root) == [
        "0 c",
        ["1one", "2two", ["3A", "4B b"], "3three main"],
    ]


async def test_a_branch_that_goes_on_where_another_was_taken_back(talk: ConversationStore) -> None:
    await talk.branch("talk", "main", after=3, name="a", expected=None)
    session = talk.session("talk")
    for _ in range(4):
        await session.pop_item()
    assert outline((await talk.tree("talk")).root) == ["0", ["1one main", ["2two", "3three a"]]]


@pytest.mark.sqlite_only("the SDK's class with branches has files only")
async def test_what_the_sdk_wrote(path: Address) -> None:
    sdk = SDKSession(session_id="talk", db_path=path, create_tables=True)
    for question in ("one", "two", "three"):
        await sdk.add_items(turn(question))
    await sdk.create_branch_from_turn(3, "a")
    await sdk.add_items(turn("A"))
    await sdk.create_branch_from_turn(3, "b")
    await sdk.add_items(turn("B"))
    await sdk.create_branch_from_turn(2, "c")
    sdk.close()
    async with ConversationStore(path) as store:
        assert outline((await store.tree("talk")).root) == [
            "0",
            ["1one c", "2two", ["3A a"], ["3B b"], "3three main"],
        ]
        branches = {info.branch_id: info for info in await store.branches("talk")}
    assert {name: info[1:3] for name, info in branches.items()} == {
        "main": (None, None),
        "a": ("main", 3),
        "b": ("main", 3),
        "c": ("main", 2),
    }


async def test_words_that_cannot_be_read(talk: ConversationStore, path: Address) -> None:
    execute(path, "UPDATE agent_messages SET message_data = 7 WHERE id = 1")
    assert outline((await talk.tree("talk")).root) == ["0", ["1", "2two", "3three main"]]
