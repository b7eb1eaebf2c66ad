"""Lines that begin with a slash, read as calls of commands."""

from __future__ import annotations

import pytest

from convo_cli.chat.slash.commands import COMMANDS
from convo_cli.chat.typed import is_command, message_of, quoted
from convo_cli.exits import UsageError


@pytest.mark.parametrize(
    ("line", "name", "arguments", "options"),
    [
        ("/help", "help", [], set()),
        ("/quit  ", "exit", [], set()),
        ("/branch", "branch", [], set()),
        ("/branch 2 tourism", "branch", ["2", "tourism"], set()),
        ('/branch "capital of" paris', "branch", ["capital of", "paris"], set()),
        ("/branch what's #1", "branch", ["what's", "#1"], set()),
        (r"/branch a\b", "branch", [r"a\b"], set()),
        ("/switch -", "switch", ["-"], set()),
        ('/switch "two words"', "switch", ["two words"], set()),
        ("/delete a  --force b", "delete", ["a", "b"], {"--force"}),
        ("/usage --by-turn", "usage", [], {"--by-turn"}),
        ("/attach 'a b.txt' c.md", "attach", ["a b.txt", "c.md"], set()),
        ('/attach "it\'s"', "attach", ["it's"], set()),
        ("/attach it's.txt", "attach", ["it's.txt"], set()),
        ("/export 'a b.md' --force", "export", ["a b.md"], {"--force"}),
        ("/search don't 'say'", "search", ["don't", "'say'"], set()),
    ],
)
def test_calls(line: str, name: str, arguments: list[str], options: set[str]) -> None:
    call = COMMANDS.call(line)
    assert (call.command.name, call.arguments, call.options) == (name, arguments, options)


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("/swtich a", "there is no command /swtich", "did you mean /switch? // sends"),
        ("/xyzzy", "there is no command /xyzzy", "/help lists them; // sends"),
        ("/", "there is no command /", "/help lists them; // sends"),
        ("/switch", "/switch needs an argument", "say /switch BRANCH|-"),
        ("/switch a b", "/switch takes no 'b'", "say /switch BRANCH|-"),
        ("/turns 3", "/turns takes no '3'", "say /turns"),
        ("/delete a --forc", "/delete has no option --forc", "say /delete BRANCH… [--force]"),
        ('/branch "a', "a quotation mark is not closed", "say /branch [N|TEXT] [NAME]"),
    ],
)
def test_mistakes(line: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        COMMANDS.call(line)
    assert str(caught.value) == message
    assert (caught.value.hint or "").startswith(hint)


@pytest.mark.parametrize(
    ("line", "message"),
    [("/help", None), ("//help", "/help"), ("///", "//"), ("help", "help"), (" /help", " /help")],
)
def test_two_slashes_send_one(line: str, message: str | None) -> None:
    assert is_command(line) is (message is None)
    if message is not None:
        assert message_of(line) == message


@pytest.mark.parametrize("name", ["main", "two words", "tab\tbed"])
def test_a_quoted_name_is_one_argument(name: str) -> None:
    assert COMMANDS.call(f"/switch {quoted(name)}").arguments == [name]


def test_names_are_unambiguous() -> None:
    names = [name for command in COMMANDS.all for name in (command.name, *command.aliases)]
    assert len(names) == len(set(names))
