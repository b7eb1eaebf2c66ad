"""Taking back and bringing back in the chat."""

from __future__ import annotations

import json

from tests.cli.chat.at_terminal import TAB, ChatAtTerminal
from tests.program import Program


def test_undoing_and_restoring(paris: Program) -> None:
    with ChatAtTerminal(paris, columns=120) as chat:
        chat.ready("paris:tourism 3>")
        assert chat.say("/undo", "paris:tourism 2>") == [
            "took back turn 2 of 'tourism', \"Any sights?\"; `/restore` brings it back"
        ]
        assert chat.say("/restore --list", "paris:tourism 2>")[2].startswith("turns  tourism  2")
        assert chat.say("/restore", "paris:tourism 3>") == [
            "restored turn 2 of 'tourism', \"Any sights?\""
        ]
        for line, answer in {
            "/undo 9": "branch 'tourism' has only 2 turns to take back, not 9",
            "/undo 0": "0 turns cannot be taken back: give a number from 1 up",
            "/undo x": "'x' is not a whole number; say /undo [N]",
            "/restore": "there is nothing to restore",
        }.items():
            assert chat.say(line, "paris:tourism 3>") == [f"convo: {answer}"]


def test_a_deleted_branch_is_completed_and_comes_back(paris: Program) -> None:
    with ChatAtTerminal(paris, columns=120) as chat:
        chat.ready("paris:tourism 3>")
        chat.say("/delete tourism --force", "paris:main 4>")
        chat.type("/restore t")
        chat.see("tourism +Any sights")
        chat.type(TAB)
        chat.see("/restore tourism")
        assert chat.say("", "paris:main 4>") == [
            "restored branch 'tourism'; `/switch tourism` goes there"
        ]
        assert "switched to 'tourism'" in chat.say("/switch tourism", "paris:tourism 3>")


def test_a_renamed_branch_is_where_the_chat_stays(paris: Program) -> None:
    with ChatAtTerminal(paris) as chat:
        chat.ready("paris:tourism 3>")
        assert chat.say("/rename sights", "paris:sights 3>") == ["renamed 'tourism' to 'sights'"]
        chat.say("Any food?", "paris:sights 4>")
        chat.say("/switch main", "paris:main 4>")
        assert chat.say("/rename sights food", "paris:main 4>") == ["renamed 'sights' to 'food'"]
        assert chat.say("/switch -", "paris:food 4>")[0] == "switched to 'food'"
    texts = [row["text"] for row in json.loads(paris("turns", "-b", "food", "--json").out)]
    assert texts[1:] == ["Any sights?", "Any food?"]
