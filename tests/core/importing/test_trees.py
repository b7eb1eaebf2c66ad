import pytest

from convo.importing import trees
from convo.importing.trees import Message, Role, Turns, by_path, by_question


def _tree(*rows: tuple[str, str | None, Role]) -> dict[str, Message]:
    return {name: Message(name, parent, role, None) for name, parent, role in rows}


def _shown(turns: Turns) -> list[tuple[str, str | None, str]]:
    return [
        (group.id, group.parent, "".join(one.id for one in group.messages))
        for group in turns.groups
    ]


def test_a_question_begins_a_turn_and_two_after_one_turn_are_a_fork() -> None:
    tree = _tree(
        ("q", None, "asked"),
        ("a", "q", "answered"),
        ("r", "a", "asked"),
        ("b", "r", "answered"),
        ("s", "a", "asked"),
    )
    assert _shown(by_question(tree)) == [("q", None, "qa"), ("r", "q", "rb"), ("s", "q", "s")]
    assert by_question(tree).turn_of["b"] == "r"


def test_forks_of_answers_stay_in_one_turn_where_only_questions_fork() -> None:
    tree = _tree(
        ("q", None, "asked"), ("a", "q", "answered"), ("x", "a", "beside"), ("b", "a", "answered")
    )
    assert _shown(by_question(tree)) == [("q", None, "qaxb")]


def test_a_command_without_an_answer_is_part_of_the_turn_before() -> None:
    tree = _tree(
        ("q", None, "asked"),
        ("c", "q", "perhaps"),
        ("d", "c", "perhaps"),
        ("o", "d", "beside"),
        ("r", "o", "asked"),
        ("e", "r", "perhaps"),
        ("a", "e", "answered"),
    )
    assert _shown(by_question(tree)) == [("q", None, "qcdo"), ("r", "q", "r"), ("e", "r", "ea")]


def test_an_answer_without_a_question_begins_a_turn() -> None:
    tree = _tree(("n", None, "nothing"), ("a", "n", "answered"), ("b", "a", "beside"))
    assert _shown(by_question(tree)) == [("a", None, "ab")]


def test_circles_are_broken() -> None:
    tree = _tree(
        ("q", "r", "asked"), ("r", "q", "asked"), ("a", "b", "answered"), ("b", "a", "beside")
    )
    shown = _shown(by_question(tree))
    assert sorted(name for name, _, _ in shown) == ["a", "q", "r"]
    assert [parent for _, parent, _ in shown].count(None) == 2
    assert by_path(tree).is_cut


def test_another_answer_is_another_turn_of_the_same_question() -> None:
    tree = _tree(
        ("q", None, "asked"),
        ("a", "q", "answered"),
        ("r", "a", "asked"),
        ("b", "q", "answered"),
        ("s", "b", "asked"),
    )
    turns = by_path(tree)
    assert _shown(turns) == [
        ("q", None, "qa"),
        ("q/b", None, "qb"),
        ("r", "q", "r"),
        ("s", "q/b", "s"),
    ]
    assert not turns.is_cut
    assert turns.turn_of["s"] == "s"


def test_what_is_not_shown_is_passed_over_and_makes_no_turn() -> None:
    tree = _tree(
        ("root", None, "nothing"),
        ("q", "root", "asked"),
        ("h", "q", "nothing"),
        ("a", "h", "answered"),
        ("dead", "q", "nothing"),
    )
    assert _shown(by_path(tree)) == [("q", None, "qa")]


def test_what_is_not_shown_between_two_questions_makes_no_other_turn() -> None:
    tree = _tree(
        ("q", None, "asked"),
        ("a", "q", "answered"),
        ("h", "a", "nothing"),
        ("r", "h", "asked"),
        ("s", "a", "asked"),
    )
    turns = by_path(tree)
    assert _shown(turns) == [("q", None, "qa"), ("r", "q", "r"), ("s", "q", "s")]
    assert turns.turn_of["h"] == "q"


def test_a_question_in_the_middle_of_an_answer_follows_what_came_before_it() -> None:
    tree = _tree(
        ("q", None, "asked"), ("a", "q", "answered"), ("b", "a", "answered"), ("r", "a", "asked")
    )
    turns = by_path(tree)
    assert _shown(turns) == [("q", None, "qa"), ("q/b", None, "qab"), ("r", "q", "r")]
    assert [group.shared for group in turns.groups] == [0, 2, 0]


def test_depth_is_no_danger() -> None:
    deep = {
        str(n): Message(str(n), str(n - 1) if n else None, "answered", None) for n in range(20_000)
    }
    assert len(by_path(deep).groups) == len(by_question(deep).groups) == 1


def test_what_turns_have_in_common_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "_MOST_COPIED", 10)
    tree = _tree(("q", None, "asked"))
    for n in range(10):
        for name in (f"a{n}", f"b{n}"):
            tree[name] = Message(name, f"a{n - 1}" if n else "q", "answered", None)
    turns = by_path(tree)
    assert [group.id for group in turns.groups] == ["q", "q/b0", "q/b1", "q/b2", "q/b3"]
    assert turns.is_cut
