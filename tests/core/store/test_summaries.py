"""A summary that takes the place of the oldest turns, in a branch that goes on."""

from pathlib import Path

import pytest

from convo import ConversationStore
from convo.errors import TurnNotFoundError
from convo.records import Beside, Location
from tests.core.talk import assistant, call, output, run, texts, turn, user

PLACE = Beside(Location("talk"), 1, "short")


async def stored(store: ConversationStore) -> None:
    """Five turns, the fourth with a call."""
    await store.start_session("talk")
    for number in (1, 2, 3):
        await store.record_turn("talk", "main", turn(f"q{number}"), run(number))
    calls = [user("q4"), call("look"), output("look"), assistant("About q4")]
    await store.record_turn("talk", "main", calls, run(4))
    await store.record_turn("talk", "main", turn("q5"), run(5))


async def summed_up(store: ConversationStore, last: int) -> str:
    place = PLACE._replace(sums_up_to=last)
    return (await store.store_turn(place, [user("?"), assistant("In short")], run(50))).branch_id


@pytest.mark.parametrize("last", [1, 3, 5])
async def test_later_turns_follow_and_the_line_stays(tmp_path: Path, last: int) -> None:
    async with ConversationStore(tmp_path / "a.db", create=True) as store:
        await stored(store)
        before = await store.history("talk", "main")
        new = await summed_up(store, last)
        assert new == "short"
        assert (await store.session_head("talk")).branch_id == new
        infos = await store.turns("talk", new)
        assert [info.text for info in infos] == ["?", *[f"q{n}" for n in range(last + 1, 6)]]
        assert [info.turn for info in infos] == list(range(1, 7 - last))
        tokens = [0 if info.tokens is None else info.tokens.total_tokens for info in infos]
        assert tokens == [50, *range(last + 1, 6)]
        history = await store.history("talk", new)
        assert texts(history[:2]) == ["?", "In short"]
        assert history[2:] == before[2 * last + (2 if last >= 4 else 0) :]
        assert await store.history("talk", "main") == before
        assert (await store.usage_with_total("talk")).total.tokens.total_tokens == 65
        assert await store.check() == []
        # It goes on, and can be taken back, as any branch.
        await store.record_turn("talk", new, turn("q6"), run(6))
        assert (await store.last_turn("talk", new)) == 7 - last
        await store.undo("talk", new, 1)
        await store.switch("talk", "main", expected=new)
        await store.delete_branches("talk", [new])
        assert await store.history("talk", "main") == before


async def test_what_is_not_there_is_not_summed_up(tmp_path: Path) -> None:
    async with ConversationStore(tmp_path / "a.db", create=True) as store:
        await stored(store)
        with pytest.raises(TurnNotFoundError):
            await summed_up(store, 6)
        assert [info.branch_id for info in await store.branches("talk")] == ["main"]


async def test_the_branch_may_have_been_renamed(tmp_path: Path) -> None:
    async with ConversationStore(tmp_path / "a.db", create=True) as store:
        await stored(store)
        await store.branch("talk", "main", after=5, name="old", expected="main")
        await store.rename_branch("talk", "old", "new")
        place = Beside(Location("talk", "old"), 1, "short", "old", sums_up_to=4)
        made = await store.store_turn(place, turn("?"), run(1))
        assert [info.text for info in await store.turns("talk", made.branch_id)] == ["?", "q5"]
