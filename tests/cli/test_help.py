"""Every command and every option says what it is for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from typer._click.core import Command, Context

from convo_cli.app import COMMANDS, PARTS, program
from convo_cli.config.keys import KEYS
from convo_cli.exits import MEANINGS, ExitCode
from convo_cli.options import ENVIRONMENT
from convo_cli.shells.words import CommandWords, words_of
from tests.cli.snapshots import check
from tests.program import Program


def every_command() -> Iterator[CommandWords]:
    yield from words_of(program()).everything()


@pytest.mark.parametrize(
    "command", list(every_command()), ids=lambda command: "-".join(command.path)
)
def test_commands_and_options_have_help(command: CommandWords) -> None:
    assert command.help
    for option in (*command.options, *command.common):
        assert option.help, option
        assert len({*option.names}) == len(option.names)
    options = (*command.common, *command.options)
    assert {name for option in options for name in option.names} > {
        "--db",
        "--session",
        "--branch",
        "--json",
        "--format",
        "--quiet",
        "--version",
        "--help",
        "--debug",
    }


def test_the_commands_are_those_of_the_root() -> None:
    assert [command.path[0] for command in words_of(program()).commands] == list(COMMANDS)


def test_every_variable_that_stands_for_a_setting_is_in_the_help() -> None:
    named = {name for names, _ in ENVIRONMENT for name in names.split(", ")}
    settings = {name for key in KEYS.values() for name in key.environment.split(", ") if name}
    assert settings <= named
    assert set(MEANINGS) == set(ExitCode)


def test_every_command_has_its_place_in_the_help() -> None:
    root = program()
    sections = root.command_sections(Context(root, info_name="convo"))
    assert [section.title for section in sections] == list(PARTS)
    assert [entry.name for section in sections for entry in section.entries] == list(COMMANDS)


@pytest.mark.parametrize(
    "command", [one for one in every_command() if one.commands], ids=lambda one: "-".join(one.path)
)
def test_summaries_are_whole(command: CommandWords, convo: Program) -> None:
    shown = " ".join(convo(*command.path, "--help").out.split())
    for one in command.commands:
        same = f"The same as `{next(n for n in COMMANDS if COMMANDS[n] == COMMANDS[one.path[0]])}`."
        assert f"{one.path[-1]} {one.help}." in shown or f"{one.path[-1]} {same}" in shown


def test_arguments_have_help() -> None:
    for name in COMMANDS:
        for param in _command(name).params:
            assert getattr(param, "help", None), (name, param.name)


def _command(name: str) -> Command:
    root = program()
    command = root.get_command(Context(root), name)
    assert command is not None
    return command


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help(convo: Program, name: str) -> None:
    result = convo(*name.split(), "--help")
    assert (result.code, result.err) == (0, "")
    assert all(len(line) <= 80 for line in result.out.splitlines())
    check(f"help.{name or 'convo'}.txt", result.out)
