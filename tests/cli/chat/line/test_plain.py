"""A chat on a terminal that cannot move its cursor."""

from __future__ import annotations

import json

from tests.program import Program, ended


def test_a_dumb_terminal_gets_no_escape_sequence(convo: Program) -> None:
    chat = convo.at_terminal("chat", "-s", "talk", env={"TERM": "dumb", "CONVO_STATUS": "false"})
    chat.expect_exact("talk:main 1> ")
    seen = chat.before
    chat.sendline("Hello")
    chat.expect_exact("talk:main 2> ")
    seen += chat.before
    assert "This is turn 1." in chat.before
    chat.sendline("/edit 1")
    chat.expect_exact("Hello\r\ntalk:main edit 1> ")
    seen += chat.before
    chat.sendline("Goodbye")
    chat.expect_exact("switched to new branch 'goodbye'")
    seen += chat.before
    chat.expect_exact("talk:goodbye 2> ")
    chat.sendintr()
    chat.expect_exact("talk:goodbye 2> ")
    chat.sendeof()
    assert ended(chat) == 0
    assert "\x1b" not in seen + chat.before
    assert [turn["text"] for turn in json.loads(convo("turns", "--json").out)] == ["Goodbye"]
