"""Branches cut into segments at their forks, and what follows each segment."""

from convo.history.lines import WholeLine
from convo.history.transcript import WholeTurns
from convo_cli.render.pages.html.segments import ROOT, branch_anchor, outline, turn_prefix


def line(
    name: str, numbers: range, parent: str | None = None, after: int | None = None
) -> WholeLine:
    nothing = WholeTurns({}, {}, None)  # type: ignore[arg-type]
    return WholeLine(name, parent, after, tuple(numbers), nothing)


def test_a_branch_is_cut_where_others_begin_and_end() -> None:
    found = outline(
        [
            line("main", range(1, 6)),
            line("side", range(3, 5), "main", 2),
            line("tip", range(0), "main", 4),
            line("deep", range(4, 5), "side", 3),
            line("other", range(1, 2)),
        ]
    )
    assert [[(each.id, each.up, each.numbers) for each in some] for some in found.segments] == [
        [("s0", ROOT, (1, 2)), ("s1", "s0", (3, 4)), ("s2", "s1", (5,))],
        [("s3", "s0", (3,)), ("s4", "s3", (4,))],
        [],
        [("s5", "s3", (4,))],
        [("s6", ROOT, (1,))],
    ]
    assert found.ends == ["s2", "s4", "s1", "s5", "s6"]
    forks = {
        up: ([each.id for each in fork.next], fork.ending)
        for up, fork in found.forks.items()
        if fork.is_one
    }
    assert forks == {
        ROOT: (["s0", "s6"], []),
        "s0": (["s1", "s3"], []),
        "s1": (["s2"], [2]),
        "s3": (["s4", "s5"], []),
    }


def test_a_session_without_turns() -> None:
    found = outline([line("main", range(0)), line("side", range(0))])
    assert (found.segments, found.ends, found.forks) == ([[], []], [ROOT, ROOT], {})


def test_any_name_makes_an_anchor_of_its_own() -> None:
    names = ["main", "a b", 'x"><b>', "a.turn-1", "branch:a", "\ud800", "\\ud800", "é", "a/b", "%"]
    anchors = [anchor for name in names for anchor in (branch_anchor(name), turn_prefix(name))]
    assert len(set(anchors)) == 2 * len(names)
    assert all(anchor.isascii() and not set(anchor) & set("\"'<>& \\") for anchor in anchors)
