"""/diff and /compare show what the commands do, and write pages into the current folder."""

from __future__ import annotations

from tests.cli.chat.at_terminal import ChatAtTerminal
from tests.program import Program


def filled(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


def test_branches_are_compared_in_the_chat(paris: Program) -> None:
    prompt = "paris:tourism 3>"
    with ChatAtTerminal(paris, env={"NO_COLOR": "1"}, lines=50) as chat:
        chat.ready(prompt)
        words = chat.say("/diff main --words --cost", prompt)
        assert words == filled(
            paris("diff", "main", "--words", "--cost", env={"COLUMNS": "80"}).out
        )
        shown = filled(paris("compare", "main", env={"COLUMNS": "80"}).out)
        assert chat.say("/compare main", prompt) == shown
        assert chat.say("/compare", prompt) == shown
        assert chat.say("/diff main --html", prompt) == ["wrote paris-main-tourism.html"]
        page = paris.home / "paris-main-tourism.html"
        assert page.read_text().startswith("<!DOCTYPE html>")
        refused = chat.say("/diff main --html", prompt)
        assert "".join(refused).endswith("already exists; --force writes over it")
        assert chat.say("/diff main --html --force", prompt)[0].startswith("wrote ")
        assert chat.leave() == 0
