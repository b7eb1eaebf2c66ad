"""Ids of calls."""

from convo_cli.wire.call_ids import AnswerIds, CallIds


def test_an_id_is_kept_once_and_then_made() -> None:
    ids = CallIds(["a"])
    first, second, third = ids.take("b"), ids.take("b"), ids.take("a")
    assert first == "b"
    assert len({"a", first, second, third}) == 4
    assert len(second) == 9
    assert second.isalnum()


def test_the_same_ids_are_made_again() -> None:
    assert CallIds(["a"]).take("a") == CallIds(["a"]).take("a")


def test_what_is_no_id_is_given_one() -> None:
    ids = CallIds()
    assert len({ids.take(None), ids.take(None), ids.take(""), ids.take(7)}) == 4


def test_pieces_of_a_call_have_its_id() -> None:
    ids = AnswerIds(["call_0"])
    own = ids.of(1, "call_0")
    assert (ids.of(1, None), ids.began(1), ids.began(0)) == (own, True, False)


def test_an_answer_that_is_said_again_has_the_same_ids() -> None:
    ids = AnswerIds([])
    first, second = ids.of(0, "c"), ids.of(1, "c")
    assert ids.of_repeated([(0, "c"), (1, "c")]) == [first, second]
    assert ids.of_repeated([(2, "c"), (5, "c"), (6, "c")])[:2] == [first, second]


def test_calls_that_come_at_once_are_told_apart() -> None:
    assert len(set(AnswerIds([]).of_repeated([(0, ""), (1, ""), (2, "")]))) == 3
