import pytest

from tests.core.addresses import Address, Session, execute, rows
from tests.core.talk import assistant, texts, turn, user


@pytest.fixture
async def talk(session: Session) -> Session:
    await session.add_items(turn("one") + turn("two") + turn("three"))
    return session


async def branches(session: Session) -> list[tuple[str, int, int, bool]]:
    return [
        (row["branch_id"], row["message_count"], row["user_turns"], row["is_current"])
        for row in await session.list_branches()
    ]


async def test_a_branch_holds_the_turns_before(talk: Session) -> None:
    assert await talk.create_branch_from_turn(3, "fork") == "fork"
    assert texts(await talk.get_items()) == ["one", "About one", "two", "About two"]
    await talk.add_items(turn("other"))
    assert [t["turn"] for t in await talk.get_conversation_turns()] == [1, 2, 3]
    assert texts(await talk.get_items(branch_id="main"))[-2:] == ["three", "About three"]


async def test_a_list_is_as_new_as_the_database(talk: Session, path: Address) -> None:
    await talk.create_branch_from_turn(2, "fork")
    for _ in range(3):
        assert await branches(talk) == [("main", 6, 3, False), ("fork", 2, 1, True)]
    (await talk.list_branches())[0]["message_count"] = 0
    await talk.switch_to_branch("main")
    assert await branches(talk) == [("main", 6, 3, True), ("fork", 2, 1, False)]
    await talk.add_items([user("more")])
    for _ in range(3):
        assert await branches(talk) == [("main", 7, 4, True), ("fork", 2, 1, False)]
    execute(path, "DELETE FROM message_structure WHERE branch_id = 'fork' AND sequence_number = 8")
    for _ in range(3):
        assert await branches(talk) == [("main", 7, 4, True), ("fork", 1, 1, False)]


async def test_a_branch_takes_what_came_late_to_its_turns(talk: Session, path: Address) -> None:
    execute(path, "UPDATE message_structure SET user_turn_number = 1 WHERE sequence_number = 6")
    await talk.create_branch_from_turn(2, "fork")
    assert texts(await talk.get_items()) == ["one", "About one", "About three"]


async def test_a_branch_can_include_its_turn(talk: Session) -> None:
    await talk.create_branch_from_turn(3, "fork", include_turn=True)
    assert await talk.get_items() == await talk.get_items(branch_id="main")


async def test_a_branch_shares_its_messages(talk: Session, path: Address) -> None:
    await talk.create_branch_from_turn(2, "fork")
    assert rows(path, "SELECT count(*) FROM agent_messages") == [(6,)]
    copied = "SELECT sequence_number FROM message_structure WHERE branch_id = 'fork' ORDER BY id"
    assert rows(path, copied) == [(7,), (8,)]


async def test_a_branch_from_the_first_turn_is_there(talk: Session) -> None:
    await talk.create_branch_from_turn(1, "empty")
    assert await branches(talk) == [("main", 6, 3, False), ("empty", 0, 0, True)]
    await talk.switch_to_branch("main")
    await talk.switch_to_branch("empty")
    await talk.add_items([user("hello")])
    assert await branches(talk) == [("main", 6, 3, False), ("empty", 1, 1, True)]
    await talk.pop_item()
    await talk.delete_branch("empty", force=True)
    assert await branches(talk) == [("main", 6, 3, True)]


async def test_main_is_there_even_when_empty(session: Session) -> None:
    await session.add_items([user("a")])
    await session.pop_item()
    await session.switch_to_branch("main")
    assert await branches(session) == [("main", 0, 0, True)]


@pytest.mark.parametrize("number", [0, -1, 4, 99])
async def test_no_such_turn(talk: Session, number: int) -> None:
    message = f"Turn {number} does not contain a user message in branch 'main'"
    with pytest.raises(ValueError, match=message):
        await talk.create_branch_from_turn(number)


async def test_a_turn_without_a_user_message(session: Session) -> None:
    await session.add_items([assistant("hello")])
    with pytest.raises(ValueError, match="Turn 0 does not contain a user message"):
        await session.create_branch_from_turn(0)


@pytest.mark.parametrize("name", ["", " ", "\t\n"])
async def test_a_blank_name(talk: Session, name: str) -> None:
    with pytest.raises(ValueError, match="Branch name cannot be empty"):
        await talk.create_branch_from_turn(1, name)


@pytest.mark.parametrize("name", [" padded ", "Café", "a/b", "x" * 500, "%_", "'\"", "main "])
async def test_names_are_taken_as_given(talk: Session, name: str) -> None:
    assert await talk.create_branch_from_turn(2, name) == name
    await talk.switch_to_branch("main")
    await talk.switch_to_branch(name)


async def test_a_name_is_used_once(talk: Session) -> None:
    await talk.create_branch_from_turn(2, "fork")
    await talk.delete_branch("fork", force=True)
    for taken in ("fork", "main"):
        with pytest.raises(
            ValueError,
            match=f"Branch ID '{taken}' has already been used. Choose a new branch ID.",
        ):
            await talk.create_branch_from_turn(2, taken)


async def test_generated_names_do_not_collide(talk: Session) -> None:
    first = await talk.create_branch_from_turn(2)
    second = await talk.create_branch_from_turn(1)
    await talk.switch_to_branch("main")
    third = await talk.create_branch_from_turn(2)
    assert len({first, second, third}) == 3
    assert third == f"{first}_2" or third.startswith("branch_from_turn_2_")


async def test_a_failed_branch_leaves_the_session_where_it_was(
    talk: Session,
) -> None:
    with pytest.raises(ValueError, match="Turn 9"):
        await talk.create_branch_from_turn(9, "fork")
    assert await branches(talk) == [("main", 6, 3, True)]
    assert await talk.create_branch_from_turn(2, "fork") == "fork"


async def test_branching_by_content(talk: Session) -> None:
    assert await talk.create_branch_from_content("TWO", "fork") == "fork"
    assert texts(await talk.get_items()) == ["one", "About one"]
    with pytest.raises(ValueError, match="No user turns found containing 'nowhere'"):
        await talk.create_branch_from_content("nowhere")


async def test_switching_to_nowhere(talk: Session) -> None:
    with pytest.raises(ValueError, match="Branch 'x' does not exist"):
        await talk.switch_to_branch("x")
    assert (await branches(talk))[0][3]


@pytest.mark.parametrize(
    ("branch_id", "force", "message"),
    [
        ("", True, "Branch ID cannot be empty"),
        ("main", True, "Cannot delete the 'main' branch"),
        (
            "fork",
            False,
            "Cannot delete current branch 'fork'. Use force=True or switch branches first",
        ),
        ("x", True, "Branch 'x' does not exist"),
    ],
)
async def test_what_cannot_be_deleted(
    talk: Session, branch_id: str, force: bool, message: str
) -> None:
    await talk.create_branch_from_turn(2, "fork")
    with pytest.raises(ValueError, match=message):
        await talk.delete_branch(branch_id, force=force)
    assert await branches(talk) == [("main", 6, 3, False), ("fork", 2, 1, True)]


async def test_deleting_keeps_what_others_show(talk: Session, path: Address) -> None:
    await talk.create_branch_from_turn(2, "fork")
    await talk.add_items(turn("own"))
    await talk.delete_branch("fork", force=True)
    assert await branches(talk) == [("main", 6, 3, True)]
    assert rows(path, "SELECT count(*) FROM agent_messages") == [(6,)]


async def test_deleting_takes_what_the_branch_alone_shows_twice(
    talk: Session, path: Address
) -> None:
    await talk.create_branch_from_turn(3, "fork")
    await talk.add_items([user("own")])
    execute(
        path,
        "INSERT INTO message_structure (session_id, message_id, branch_id, message_type,"
        " sequence_number, user_turn_number, branch_turn_number)"
        " SELECT session_id, message_id, branch_id, message_type, sequence_number + 1, 3, 3"
        " FROM message_structure WHERE message_id = 7",
    )
    await talk.delete_branch("fork", force=True)
    assert rows(path, "SELECT id FROM agent_messages ORDER BY id") == [
        (1,),
        (2,),
        (3,),
        (4,),
        (5,),
        (6,),
    ]


async def test_deleting_never_takes_what_nothing_refers_to(talk: Session, path: Address) -> None:
    await talk.create_branch_from_turn(2, "fork")
    execute(
        path,
        "INSERT INTO agent_messages (session_id, message_data) VALUES ('talk', ?)",
        '{"role": "user", "content": "plain"}',
    )
    await talk.delete_branch("fork", force=True)
    assert texts(await talk.get_items())[-1] == "plain"


async def test_many_branches_are_listed_however_long_they_are(talk: Session, path: Address) -> None:
    async def check() -> None:
        found = rows(
            path,
            "SELECT branch_id, count(*), count(CASE WHEN message_type = 'user' THEN 1 END),"
            " branch_id = 'main'"
            " FROM message_structure GROUP BY branch_id ORDER BY min(created_at), min(id)",
        )
        assert [row for row in await branches(talk) if row[1]] == found

    for number in range(60):
        await talk.create_branch_from_turn(2 + number % 2, f"fork {60 - number}")
        await talk.switch_to_branch("main")
    await check()
    assert len(await branches(talk)) == 61
    await talk.create_branch_from_turn(1, "nothing")
    await talk.switch_to_branch("main")
    await check()
    assert ("nothing", 0, 0, False) in await branches(talk)
    await talk.delete_branch("nothing")
    await talk.add_items([assistant("More")] * 500)
    await check()


@pytest.mark.sqlite_only("any column of a file may hold any type")
async def test_branches_are_listed_whatever_is_noted_of_the_last_row(
    talk: Session, path: Address
) -> None:
    for number in range(60):
        await talk.create_branch_from_turn(2, f"fork {number}")
        await talk.switch_to_branch("main")
    expected = await talk.list_branches()
    for noted in (-(2**63), 2**63 - 1, "7.5", "much", b"much", float("inf"), float("-inf"), -7):
        execute(path, "UPDATE convo_last_rows SET sequence_number = ?", noted)
        assert await talk.list_branches() == expected, noted


@pytest.mark.sqlite_only("any column of a file may hold any type")
@pytest.mark.parametrize("count", [1, 60])
async def test_a_branch_whose_name_is_no_text_is_left_out(
    talk: Session, path: Address, count: int
) -> None:
    for number in range(count):
        await talk.create_branch_from_turn(2, f"fork {number}")
        await talk.switch_to_branch("main")
    execute(
        path,
        "INSERT INTO message_structure (session_id, message_id, branch_id, message_type,"
        " sequence_number, user_turn_number) VALUES ('talk', 1, x'ff', 'user', 500, 1)",
    )
    assert len(await branches(talk)) == count + 1
