import pytest

from tests.core.addresses import Address, Session
from tests.core.talk import assistant, call, output, turn, user


async def test_a_turn_shows_its_beginning(session: Session) -> None:
    long = "x" * 101
    await session.add_items([user(long), user("y" * 100)])
    first, second = await session.get_conversation_turns()
    assert first["content"] == "x" * 100 + "..."
    assert first["full_content"] == long
    assert second["content"] == "y" * 100
    assert set(first) == {"turn", "content", "full_content", "timestamp", "can_branch"}


async def test_content_in_parts_is_shown_as_json(session: Session) -> None:
    parts = [{"type": "input_text", "text": "café"}]
    await session.add_items([user(parts)])
    (shown,) = await session.get_conversation_turns()
    assert shown["content"] == '[{"type": "input_text", "text": "café"}]'
    assert shown["full_content"] == parts


async def test_a_copied_turn_shows_when_it_was_said(session: Session, path: Address) -> None:
    from tests.core.addresses import execute

    await session.add_items(turn("a") + turn("b"))
    execute(path, "UPDATE agent_messages SET created_at = '2020-01-01 00:00:00'")
    await session.create_branch_from_turn(2)
    (copied,) = await session.get_conversation_turns()
    assert copied["timestamp"] == "2020-01-01 00:00:00"


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("weather", [1]),
        ("WEATHER", [1]),
        ("100%", [2]),
        ("a_b", [2]),
        ("ÜBER", [3]),
        ("über", [3]),
        ("part", [4]),
        ("", [1, 2, 3, 4, 5]),
        ("role", []),
        ("x" * 100_000, []),
    ],
)
async def test_search(session: Session, term: str, found: list[int]) -> None:
    await session.add_items(
        [
            user("The weather?"),
            user("100% a_b"),
            user("Über alles"),
            user([{"type": "input_text", "text": "a Part of it"}, {"text": None}, "loose"]),
            user(None),
        ]
    )
    matches = await session.find_turns_by_content(term)
    assert [match["turn"] for match in matches] == found


async def test_a_match_is_shown_whole(session: Session) -> None:
    await session.add_items([user("z" * 300)])
    (match,) = await session.find_turns_by_content("z")
    assert match["content"] == "z" * 300


async def test_queries_take_a_branch(session: Session) -> None:
    await session.add_items(turn("a") + turn("b"))
    await session.create_branch_from_turn(2, "fork")
    assert [t["content"] for t in await session.get_conversation_turns("main")] == ["a", "b"]
    assert [t["turn"] for t in await session.find_turns_by_content("b", branch_id="main")] == [2]
    assert list(await session.get_conversation_by_turns("main")) == [1, 2]
    assert await session.get_conversation_turns("nowhere") == []
    assert await session.get_items(branch_id="nowhere") == []


async def test_tools_are_counted_by_turn(session: Session) -> None:
    await session.add_items(
        [user("1"), call("b"), output("b"), call("a"), call("b"), user("2"), call("a")]
    )
    assert await session.get_tool_usage() == [("a", 1, 1), ("b", 2, 1), ("a", 1, 2)]


@pytest.mark.parametrize(
    ("item", "name"),
    [
        (call("f"), "f"),
        (call("f", namespace="n"), "n.f"),
        (call("f", namespace="f"), "f"),
        ({"type": "mcp_call", "name": "t", "server_label": "s"}, "s.t"),
        ({"type": "mcp_call", "server_label": "s"}, "s"),
        ({"type": "mcp_call", "name": "t"}, "t"),
        ({"type": "mcp_approval_request", "name": "t", "server_label": "s"}, "s.t"),
        ({"type": "mcp_list_tools", "server_label": "s"}, "mcp_list_tools"),
        ({"type": "custom_tool_call", "name": "c"}, "c"),
        ({"type": "tool_search_call"}, "tool_search"),
        ({"type": "tool_search_output"}, "tool_search"),
        *[
            ({"type": kind}, kind)
            for kind in (
                "computer_call",
                "file_search_call",
                "web_search_call",
                "code_interpreter_call",
                "image_generation_call",
                "local_shell_call",
                "shell_call",
                "apply_patch_call",
            )
        ],
    ],
)
async def test_what_counts_as_a_tool(session: Session, item: dict[str, object], name: str) -> None:
    await session.add_items([user("1"), item])
    assert await session.get_tool_usage() == [(name, 1, 1)]


@pytest.mark.parametrize(
    "item",
    [output("f"), assistant("x"), {"type": "reasoning"}, {**user("x"), "name": "Ada"}],
)
async def test_what_does_not(session: Session, item: dict[str, object]) -> None:
    await session.add_items([user("1"), item])
    assert await session.get_tool_usage() == []
    assert {
        row["tool_name"]
        for rows in (await session.get_conversation_by_turns()).values()
        for row in rows
    } == {None}


async def test_a_tool_search_counts_once(session: Session) -> None:
    await session.add_items(
        [user("1"), {"type": "tool_search_call"}, {"type": "tool_search_output"}]
    )
    assert await session.get_tool_usage() == [("tool_search", 1, 1)]
