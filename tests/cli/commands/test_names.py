"""The beginning of a name stands for the name, where that has to exist and no other begins so."""

import pytest

from convo import ConversationStore
from tests.cli.stored import items, run
from tests.program import Program


@pytest.fixture
async def named(convo: Program) -> Program:
    """Sessions `travel` and `trip`; `trip` has the branches `main`, `food` and `forest`."""
    async with ConversationStore(convo.db, create=True) as store:
        for session in ("travel", "trip"):
            await store.start_session(session)
            await store.record_turn(session, "main", items("hello", "Hello."), run(10))
        for name, head in (("food", "main"), ("forest", "food")):
            await store.branch("trip", "main", turn=1, name=name, expected=head)
    return convo


@pytest.mark.parametrize(
    "command",
    ["turns -s tra", "show -s tra", "usage -s tra", "session info tra", "search hello -s tra"],
)
def test_the_beginning_of_a_session(named: Program, command: str) -> None:
    assert named(*command.split()).out == named(*command.replace("tra", "travel").split()).out


def test_a_session_is_used_renamed_and_deleted(named: Program) -> None:
    assert "session 'travel' is current now" in named("session", "use", "tra").err
    assert "renamed session 'travel' to 'work'" in named("session", "rename", "tra", "work").err
    assert "deleted session 'work'" in named("session", "delete", "w", "--force").err


def test_the_beginning_of_a_branch(named: Program) -> None:
    assert "switched to 'main'" in named("switch", "m").err
    assert named("turns", "-b", "foo").code == 0
    assert named("diff", "foo", "m").out == named("diff", "food", "main").out
    assert "renamed 'forest' to 'wood'" in named("rename", "for", "wood").err
    assert "deleted branch 'food'" in named("delete", "foo").err
    assert named("restore", "fo").out == "food\n"
    assert named("chat", "-b", "w", "more").code == 0


def test_a_beginning_of_several_names_is_none(named: Program) -> None:
    assert named("switch", "fo").error(3).endswith("it may be 'food' or 'forest'")
    assert named("turns", "-s", "tr").error(3).endswith("it may be 'travel' or 'trip'")


def test_a_name_is_itself_though_others_begin_so(named: Program) -> None:
    assert named("branch", "--turn", "1", "foo", "-b", "main").code == 0
    assert "deleted branch 'foo';" in named("delete", "foo", "--force").err


def test_a_chat_may_start_a_session_with_that_name(named: Program) -> None:
    assert "started session 'tra'" in named("chat", "-s", "tra", "hello").err


def test_a_name_that_a_branch_once_had_stands_for_no_other(named: Program) -> None:
    assert named("rename", "food", "eat").code == 0
    assert named("branch", "--turn", "1", "foodstuff", "-b", "main").code == 0
    assert "it is called 'eat' now" in named("turns", "-b", "food").error(3)


def test_names_wrap_in_lists(convo: Program) -> None:
    name = "a-very-long-name-of-a-session-that-goes-on-for-more-than-a-line-of-eighty-columns"
    assert convo("session", "new", name).code == 0
    lines = convo("sessions", env={"COLUMNS": "80"}).out.splitlines()
    start = lines[0].index("session")
    width = lines[0].index("branch") - start
    assert "".join(line[start : start + width].strip() for line in lines[2:]) == name
    assert max(map(len, lines)) <= 80
