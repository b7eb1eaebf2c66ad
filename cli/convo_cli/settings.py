"""Finds the database, session and format from options, environment and configuration."""

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from convo_cli.config.databases import DatabaseNameError, server_at
from convo_cli.config.file import Config
from convo_cli.exits import UsageError

if TYPE_CHECKING:
    from convo.postgres.url import ServerAddress

THEMES = ("light", "dark", "none")
THEME_VARIABLE = "CONVO_THEME"
STATUS_VARIABLE = "CONVO_STATUS"


class Format(StrEnum):
    """How a command writes its data."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    TSV = "tsv"


ComparedFormat = Literal["table", "json", "jsonl", "csv", "tsv", "md", "html"]
"""The formats of a comparison of branches."""

ExportFormat = Literal["md", "json", "jsonl", "html", "openai-jsonl"]
"""The formats of an export."""


class Given(NamedTuple):
    """The common options typed in one place; None for those that were not."""

    db: str | None = None
    session: str | None = None
    branch: str | None = None
    as_json: bool | None = None
    output_format: Format | None = None
    quiet: bool | None = None
    debug: bool | None = None

    def then(self, later: "Given") -> "Given":
        """These options, overridden by those that were typed after a subcommand."""
        if later.as_json and later.output_format not in {None, Format.JSON}:
            raise UsageError(
                f"--json and --format {later.output_format} contradict each other",
                hint="give one of them",
            )
        typed = {name: value for name, value in later._asdict().items() if value is not None}
        if "as_json" in typed or "output_format" in typed:
            return self._replace(as_json=None, output_format=None)._replace(**typed)
        return self._replace(**typed)


class Settings(NamedTuple):
    """The settings of every command.

    `session` and `branch` are None if the head decides. `session_of_environ` is whether only the
    environment names the session: a new one is then not made current. With `no_switch`, the head
    stays where it is. `folder` is the folder whose last session goes on, unless one is named; None
    if that is the head.
    """

    db: "Path | ServerAddress"
    session: str | None = None
    branch: str | None = None
    format: Format = Format.TABLE
    session_of_environ: bool = False
    no_switch: bool = False
    folder: str | None = None

    @property
    def file(self) -> Path | None:
        """The file of the database, with its whole path; None if a server has it."""
        return self.db.expanduser().absolute() if isinstance(self.db, Path) else None

    @property
    def names_nothing(self) -> bool:
        """Whether neither a session nor a branch is named: head or folder decide both."""
        return self.session is None and self.branch is None


def settings_from(given: Given, environ: Mapping[str, str], config: Config) -> Settings:
    """Options override the environment, the configuration and the defaults, in this order.

    An empty environment variable counts as unset. Raises `UsageError`.
    """
    session = environ.get("CONVO_SESSION") or None
    return Settings(
        db=_database(given, environ, config),
        session=session if given.session is None else given.session,
        branch=given.branch,
        format=Format.JSON if given.as_json else given.output_format or _format(config),
        session_of_environ=given.session is None and session is not None,
    )


def current_folder() -> str | None:
    """The current folder without symbolic links; None if it has been deleted."""
    try:
        return os.path.realpath(os.getcwd())  # noqa: PTH109  a path that is only compared
    except OSError:
        return None


def _format(config: Config) -> Format:
    configured = config.value("format")
    return Format.TABLE if configured is None else Format(configured)


def _database(given: Given, environ: Mapping[str, str], config: Config) -> "Path | ServerAddress":
    configured = config.value("db")
    path = given.db or environ.get("CONVO_DB") or configured
    if not path:
        return default_database()
    named_by = "CONVO_DB" if given.db is None else "--db"
    if path is configured:
        named_by = f"'db' of {config.path}"
    try:
        address = server_at(path, named_by, may_have_password=named_by == "CONVO_DB")
    except DatabaseNameError as error:
        raise UsageError(str(error), hint=error.hint) from None
    if address is not None:
        return address
    try:
        expanded = Path(path).expanduser()
    except RuntimeError:
        raise UsageError(
            f"{named_by} is in the home of a user that does not exist: '{path}'"
        ) from None
    return expanded if path is configured else Path(path)


def theme_of(environ: Mapping[str, str], config: Config) -> str | None:
    """The theme of CONVO_THEME, else the configured one. Raises `UsageError`."""
    named = environ.get(THEME_VARIABLE)
    if named and named not in THEMES:
        raise UsageError(
            f"{THEME_VARIABLE} is '{named}'", hint=f"set it to {', '.join(THEMES[:-1])} or none"
        )
    theme: str | None = named or config.value("theme")
    return theme


def has_status(environ: Mapping[str, str], config: Config) -> bool:
    """Whether a chat has a status line: from CONVO_STATUS, the configuration, or else True.

    Raises `UsageError`.
    """
    named = environ.get(STATUS_VARIABLE)
    if named and named not in {"true", "false"}:
        raise UsageError(f"{STATUS_VARIABLE} is '{named}'", hint="set it to true or false")
    return named == "true" if named else config.value("status") is not False


def default_database() -> Path:
    """`conversations.db` in the user's data directory of this platform."""
    # Imported here because most calls name their database.
    import platformdirs

    return Path(platformdirs.user_data_dir("convo", appauthor=False)) / "conversations.db"
