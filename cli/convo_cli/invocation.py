"""One run of the program: its terminal, its environment and the common options given so far."""

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convo_cli.config.file import Config, config_path, read_config
from convo_cli.exits import UsageError
from convo_cli.settings import (
    Format,
    Given,
    Settings,
    current_folder,
    settings_from,
    theme_of,
)
from convo_cli.terminal import Terminal

if TYPE_CHECKING:
    from convo.postgres.url import ServerAddress
    from convo.usage.prices import PriceBook
    from convo_cli.config.passwords import Passwords
    from convo_cli.config.trust import Trust


class Invocation:
    """The things that every command needs; Typer's contexts carry this object."""

    def __init__(self, terminal: Terminal, environ: Mapping[str, str] = os.environ) -> None:
        self.terminal = terminal
        self.environ = environ
        self.given = Given()
        self.done: str | None = None
        """What the command has done already, even if its output cannot be written."""
        self._trust: Trust | None = None
        self._config: Config | None = None
        self._prices: PriceBook | None = None
        self._answers = False
        self._is_here = False
        self._passwords: Passwords | None = None

    @staticmethod
    def of(ctx: Any) -> "Invocation":
        """The invocation that a Typer context belongs to."""
        invocation = ctx.obj
        assert isinstance(invocation, Invocation)
        return invocation

    def add(self, later: Given) -> None:
        """Add the options that were typed after the next subcommand."""
        self.given = self.given.then(later)
        self.terminal.quiet = bool(self.given.quiet)

    def answers(self) -> None:
        """Note that the output is an answer: only a typed format applies, not a configured one."""
        self._answers = True

    @cached_property
    def _folder(self) -> str | None:
        """The folder in which the program was started: a tool may go to another one."""
        return current_folder()

    def here(self) -> None:
        """Go on with the last session of the current folder. Raises `UsageError`."""
        self._is_here = True
        if self._folder is None:
            raise UsageError("the current folder does not exist any more", hint="go to another one")

    @property
    def trust(self) -> "Trust":
        """The servers and agents that the user has named on this machine."""
        if self._trust is None:
            from convo_cli.config.trust import Trust, trust_folder

            self._trust = Trust(trust_folder())
        return self._trust

    @property
    def prices(self) -> "PriceBook":
        """The prices of models. Raises `ConfigError`."""
        if self._prices is None:
            from convo_cli.config.prices import price_book

            self._prices = price_book(self.config, self.environ)
        return self._prices

    @property
    def config(self) -> Config:
        """The user's `config.toml`, read at the first use.

        It also configures the terminal. Raises `ConfigError`.
        """
        if self._config is None:
            self._config = read_config(config_path(self.environ))
            if self._config.value("notices") is False:
                self.terminal.quiet = True
            self.terminal.theme = theme_of(self.environ, self._config)
        return self._config

    def asking(self, database: "Path | ServerAddress") -> "Path | ServerAddress":
        """The database; if it is on a server, its password is asked for on a terminal."""
        if isinstance(database, Path) or not self.terminal.stderr_is_terminal:
            return database
        from convo_cli.config.passwords import Passwords

        self._passwords = self._passwords or Passwords()
        return self._passwords.asked_for(database)

    @property
    def settings(self) -> Settings:
        """The settings that options, environment and configuration come to."""
        settings = settings_from(self.given, self.environ, self.config)
        settings = settings._replace(db=self.asking(settings.db))
        if self._is_here and settings.session_of_environ:
            # What was typed comes before the environment.
            settings = settings._replace(session=None, session_of_environ=False)
        if self._is_here or self.config.value("session.scope") == "folder":
            settings = settings._replace(folder=self._folder)
        if self._answers and not (self.given.as_json or self.given.output_format):
            return settings._replace(format=Format.TABLE)
        return settings
