"""The line of the chat: several lines, history, clearing, completion, the keys of vi."""

from __future__ import annotations

import stat

import pytest

from tests.cli.chat.at_terminal import (
    ALT_ENTER,
    BACKSPACE,
    CTRL_C,
    ENTER,
    TAB,
    ChatAtTerminal,
)
from tests.cli.chat.test_interactive import texts
from tests.program import Program

UP, ESCAPE = "\x1b[A", "\x1b"
CTRL_X, CTRL_E = "\x18", "\x05"


def pasted(text: str) -> str:
    """A text as terminals send it that is pasted."""
    return f"\x1b[200~{text}\x1b[201~"


@pytest.mark.parametrize("keys", ["emacs", "vi"])
def test_a_message_is_written_in_an_editor(convo: Program, keys: str) -> None:
    env = {"CONVO_KEYS": keys, "EDITOR": "sed -i s/draft/letter/"}
    with ChatAtTerminal(convo, "-s", "talk", env=env) as chat:
        chat.ready("talk:main 1>")
        chat.type("a draft" + CTRL_X + CTRL_E)
        chat.ready("talk:main 2>")
        assert chat.leave() == 0
    assert texts(convo) == ["a letter"]


def test_messages_of_several_lines_are_kept_and_recalled(convo: Program) -> None:
    with ChatAtTerminal(convo, "-s", "talk") as chat:
        chat.ready("talk:main 1>")
        chat.type("one" + ALT_ENTER + "two" + ALT_ENTER)
        chat.type(pasted("three\n  four\n"))
        # Nothing stands before the later lines, so that they can be copied.
        chat.see(r"^talk:main 1> one\ntwo\nthree\n  four$")
        chat.type(ENTER)
        chat.ready("talk:main 2>")
        chat.say("//etc/hosts is what?", "talk:main 3>")
        assert chat.leave() == 0
    assert texts(convo) == ["one\ntwo\nthree\n  four", "/etc/hosts is what?"]
    history = convo.home / ".local" / "state" / "convo" / "prompts"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert stat.S_IMODE(history.parent.stat().st_mode) == 0o700
    with ChatAtTerminal(convo, "--new") as chat:
        chat.ready("(new):main 1>")
        chat.type(UP)
        chat.see(r"^\(new\):main 1> //etc/hosts is what\?$")
        chat.type("\x12ne\r")  # Ctrl-R searches backwards
        chat.see(r"^\(new\):main 1> one\n")


def test_ctrl_c_clears_the_line_and_says_how_to_leave(convo: Program) -> None:
    with ChatAtTerminal(convo) as chat:
        chat.ready("(new):main 1>")
        chat.type("not this" + ALT_ENTER + "nor this")
        chat.see("nor this$")
        chat.type(CTRL_C + "but this")
        chat.see(r"^\(new\):main 1> but this$")
        assert "nor this" not in chat.text
        chat.type(BACKSPACE * 8 + CTRL_C)
        chat.see(r"^\(new\):main 1>\n\(new\):main 1>$")
        assert "Ctrl-D leaves the chat" not in chat.text
        chat.type(CTRL_C)
        chat.see("^Ctrl-D leaves the chat$")
        assert chat.leave() == 0


def test_commands_and_branches_are_completed(paris: Program) -> None:
    assert paris("branch", "--turn", "1", "-b", "main", "to eat").code == 0
    with ChatAtTerminal(paris) as chat:
        chat.ready("paris:to eat 1>")
        chat.type("/sw")
        chat.see(r"/switch BRANCH\|- +go to another branch")
        chat.type(TAB)
        chat.see("^ +main +3 turns *\n +tourism +2 turns *\n +to eat +0 turns$")
        chat.type("to")
        chat.see(r"/switch to *\n +tourism")
        chat.type(TAB)
        chat.see("^paris:to eat 1> /switch tourism$")
        chat.type(TAB)
        chat.see('^paris:to eat 1> /switch "to eat"$')
        chat.type("\x1b[Z" + ENTER + ENTER)  # back, take it, send it
        chat.ready("paris:tourism 3>")
        chat.type("/branch ")
        chat.see(r"^ +2 +Any sights\? *\n +1 +What is the capital of France\?$")


def test_the_keys_of_vi(convo: Program) -> None:
    with ChatAtTerminal(convo, env={"CONVO_KEYS": "vi"}) as chat:
        chat.ready("(new):main 1>")
        chat.type("/hxelp" + ESCAPE)
        chat.type("0llx")
        chat.see(r"^\(new\):main 1> /help$")
        chat.type(ENTER)
        chat.see("^/exit +leave the chat$")


def test_no_such_keys(convo: Program) -> None:
    with ChatAtTerminal(convo, env={"CONVO_KEYS": "nano"}) as chat:
        assert chat.end() == 2
        assert chat.text == "convo: CONVO_KEYS is 'nano'; set it to vi or emacs"


def test_a_long_text_is_folded_and_sent_whole(convo: Program) -> None:
    long = "".join(f"line {number}\n" for number in range(5_000))
    with ChatAtTerminal(convo, "-s", "talk") as chat:
        chat.ready("talk:main 1>")
        chat.type("Read this: " + pasted(long.replace("\n", "\r")) + " and this: ")
        chat.type(pasted("a\nb\n"))
        chat.see(r"^talk:main 1> Read this: \[5,000 lines\] and this: a\nb$")
        chat.type(ENTER)
        chat.ready("talk:main 2>")
        assert "line 7" not in chat.text.partition("This is turn 1")[0]
        # It is recalled as it was typed, and deleted by one key.
        chat.type(UP)
        chat.see(r"^talk:main 2> Read this: \[5,000 lines\] and this: a\nb")
        chat.type(CTRL_C + pasted("x\n" * 21) + BACKSPACE + "Bye")
        chat.see(r"^talk:main 2> Bye$")
        chat.type(ENTER)
        chat.ready("talk:main 3>")
        assert chat.leave() == 0
    assert texts(convo) == [f"Read this: {long} and this: a\nb", "Bye"]
    with ChatAtTerminal(convo, "--new", lines=60) as chat:
        chat.ready("(new):main 1>")
        chat.type(pasted("y\n" * 20))
        chat.see(r"^\(new\):main 1> y\ny\n")
        chat.type(CTRL_C + UP * 2)
        # The history of all chats has it whole.
        chat.see("line 4999")


def test_a_folded_text_is_opened(convo: Program) -> None:
    text = "\n".join(f"row {number}" for number in range(30))
    env = {"EDITOR": "sed -i s/row.7/row\\ seven/"}
    with ChatAtTerminal(convo, "-s", "talk", lines=50, env=env) as chat:
        chat.ready("talk:main 1>")
        chat.type(pasted(text) + "!")
        chat.see(r"^talk:main 1> \[30 lines\]!$")
        chat.type(CTRL_X + "\x0f")
        chat.see(r"^talk:main 1> row 0\n(row \d+\n)+row 29!$")
        chat.type(" End" + ENTER)
        chat.ready("talk:main 2>")
        chat.type(pasted(text) + CTRL_X + CTRL_E)
        chat.ready("talk:main 3>")
        assert chat.leave() == 0
    assert texts(convo) == [f"{text}! End", text.replace("row 7", "row seven")]


def test_what_is_typed_stands_out_from_what_is_answered(convo: Program) -> None:
    with ChatAtTerminal(convo, "-s", "talk") as chat:
        chat.ready("talk:main 1>")
        chat.say("Hello", "talk:main 2>")
        rows = {row: chat.screen.buffer[row] for row in range(chat.screen.lines)}
        shown = {"".join(row[x].data for x in range(20)).rstrip(): row for row in rows.values()}
        asked, answered = shown["talk:main 1> Hello"], shown["This is turn 1. You"]
        assert asked[len("talk:main 1> ")].bold
        assert not answered[0].bold
        assert chat.leave() == 0
