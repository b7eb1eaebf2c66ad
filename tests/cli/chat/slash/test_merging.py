"""Merging, and marking turns, within a chat."""

from __future__ import annotations

from tests.cli.chat.at_terminal import ChatAtTerminal
from tests.program import Program


def test_a_side_line_is_brought_back_and_marked(paris: Program) -> None:
    with ChatAtTerminal(paris, columns=200) as chat:
        chat.ready("paris:tourism 3>")

        def said(line: str, turn: int) -> str:
            return " ".join(chat.say(line, f"paris:tourism {turn}>"))

        assert "both branches go on" in said("/merge main", 3)
        merged = said("/merge main 3", 4)
        assert "copied turn 3 of 'main' to 'tourism', as turn 3; `/undo`" in merged
        # It is not told as the turn of another shell.
        assert "another shell" not in merged
        assert "turn 3 of 'tourism' is 'plan'" in said("/tag plan", 4)
        assert "noted on turn 3" in said("/note plan as agreed", 4)
        assert "as agreed" in said("/note plan", 4)
        assert "has a star" in said("/star plan", 4)
        assert "took back the merge of 'main' into 'tourism'" in said("/undo", 3)
