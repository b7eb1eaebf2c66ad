"""Where one is after going elsewhere, as a person sees it and a program does not."""

from __future__ import annotations

import pexpect
import pytest

from tests.program import EXECUTABLE, Program


def seen(convo: Program, *args: str) -> list[str]:
    """What a command shows on a terminal."""
    shown, code = pexpect.run(
        " ".join([str(EXECUTABLE), *args]),
        env=convo.environ({"NO_COLOR": "1", "TERM": "xterm-256color"}),
        withexitstatus=True,
        timeout=60,
    )
    assert code == 0
    return shown.decode().splitlines()


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (
            ["switch", "main"],
            ["switched to 'main'", "turn 3: And tomorrow? I mean [bold]Monday[/]."],
        ),
        (["session", "use", "recipes"], ["session 'recipes' is current now", "turn 1: Bread?"]),
    ],
)
def test_the_last_turn_is_shown_to_a_person(
    paris: Program, command: list[str], shown: list[str]
) -> None:
    assert seen(paris, *command)[:2] == shown
    assert paris(*command).err.count("\n") == 1


def test_an_empty_branch_has_none(paris: Program) -> None:
    paris("branch", "--turn", "1", "empty")
    assert seen(paris, "switch", "empty") == ["already on branch 'empty'"]
    assert seen(paris, "switch", "main", "--json")[0].startswith("{")
    assert seen(paris, "switch", "tourism", "-q") == []
