"""The table of commands follows the program, and every value says what it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer._click.core import Context
from typer.core import TyperGroup

from convo_cli.app import program
from convo_cli.completing import kinds
from convo_cli.completing.kinds import SESSIONS, Values
from convo_cli.completing.offers import _OFFERS, FILES
from convo_cli.completing.table import PATH
from convo_cli.grammar import Command
from convo_cli.shells.words import UndeclaredError, words_of
from tests.cli.shells.table import table

KNOWN = {
    "BRANCH": {"branches", "switched"},
    "FILE": {"files"},
    "FILE|URL": {"files"},
    "FOLDER": {"folders"},
    "MODEL": {"models"},
    "SERVER": {"servers", "key_servers"},
    "PATH": {"files"},
    "TEXT|@FILE": {"text_or_file"},
    "KEY": {"config_keys", "set_keys"},
    "KEY=VALUE": {"settings"},
    "TURN|A..B": {"shown"},
}
"""What a value is of which the help says this."""


def test_the_table_is_current() -> None:
    current = Path(PATH).read_text(encoding="utf-8") == table()
    assert current, "write it again: python -m tests.cli.shells.table"


def parameters(
    command: Any, name: str = "convo", parent: Context | None = None
) -> Iterator[tuple[str, Any]]:
    context = Context(command, info_name=name, parent=parent)
    for param in command.get_params(context):
        yield context.command_path, param
    if isinstance(command, TyperGroup):
        for name in command.list_commands(context):
            yield from parameters(command.get_command(context, name), name, context)


def test_what_the_help_calls_something_known_is_completed() -> None:
    declared = {
        (" ".join(["convo", *command.path]), name): option.kind
        for command in words_of(program()).everything()
        for option in (*command.options, *command.common)
        for name in option.names
    }
    found = [*parameters(program())]
    assert found
    for path, param in found:
        if param.metavar in KNOWN and param.param_type_name == "option":
            assert declared[path, param.opts[0]] in KNOWN[param.metavar], (path, param.opts)


def test_every_kind_has_offers_or_is_left_to_the_shell_or_the_user() -> None:
    declared = {kind.name for kind in vars(kinds).values() if isinstance(kind, Values)}
    assert declared - FILES - {"free", "sources"} == _OFFERS.keys() - {"command", "option"}


def test_an_option_that_says_nothing_of_its_value_is_refused() -> None:
    app = typer.Typer(rich_markup_mode=None, add_completion=False)

    def command(
        good: Annotated[str, typer.Option("--good"), SESSIONS] = "",
        bad: Annotated[str, typer.Option("--bad")] = "",
    ) -> None:
        """Do something."""

    app.command("x", cls=Command)(command)
    with pytest.raises(UndeclaredError, match="--bad does not say what its value is"):
        words_of(typer.main.get_command(app))
