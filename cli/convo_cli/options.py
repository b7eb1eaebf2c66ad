"""The options that several commands share, each declared once.

The environment variables that stand in for options are read in `settings`, not by Typer: an
option may be typed before or after the subcommand, and the environment must give way to both.
"""

from typing import Annotated

import typer

from convo_cli.completing.kinds import (
    BRANCHES,
    FILES,
    FREE,
    SESSIONS,
    SOURCES,
)
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.settings import Format


def _show_version(ctx: typer.Context, value: bool | None) -> None:
    if value:
        from convo import __version__

        Invocation.of(ctx).terminal.write(f"convo {__version__}\n")
        raise typer.Exit


DatabaseName = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="PATH|URL",
        help="The database: a file, or postgresql://USER@HOST/NAME; that of `convo db path` if "
        "not given. [env: CONVO_DB]",
    ),
    FILES,
]
SessionName = Annotated[
    str | None,
    typer.Option(
        "-s",
        "--session",
        metavar="NAME",
        help="The session to work on; the current one if not given. [env: CONVO_SESSION]",
    ),
    SESSIONS,
]
BranchName = Annotated[
    str | None,
    typer.Option(
        "-b",
        "--branch",
        metavar="NAME",
        help="The branch to work on; the session's current one if not given.",
    ),
    BRANCHES,
]
AsJson = Annotated[
    bool | None,
    typer.Option("--json", help="Write JSON: short for --format json."),
]
OutputFormat = Annotated[
    Format | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="The format of data: table, json, jsonl, csv or tsv; table if not given.",
    ),
]
Quiet = Annotated[
    bool | None,
    typer.Option("-q", "--quiet", help="Write nothing but errors to stderr."),
]
NEWEST = 500
"""The default length of a list of turns: few conversations are longer."""

Limit = Annotated[
    int,
    typer.Option("-n", "--limit", metavar="N", help="The newest N turns; 0 for all."),
    FREE,
]
NEWEST_SESSIONS = 100
"""The default length of a list of sessions."""

SessionLimit = Annotated[
    int,
    typer.Option("-n", "--limit", metavar="N", help="The newest N sessions; 0 for all."),
    FREE,
]

FromSource = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="SOURCE", help="Only sessions imported from that program, as codex."
    ),
    SOURCES,
]

BEST = 20
"""The default number of matches of a search."""


def newest(limit: int, of: str = "turns") -> int | None:
    """The number of rows to show; None for all. Raises `UsageError`."""
    if limit < 0:
        raise UsageError(f"--limit is a number of {of}, or 0 for all, not {limit}")
    return limit or None


Debug = Annotated[
    bool | None,
    typer.Option("--debug", help="Show the traceback of an error."),
]
Version = Annotated[
    bool | None,
    typer.Option(
        "--version",
        is_eager=True,
        expose_value=False,
        callback=_show_version,
        help="Show the version and exit.",
    ),
]

NoPager = Annotated[
    bool,
    typer.Option("--no-pager", help="Do not use a pager, however long the output is."),
]
NoSwitch = Annotated[
    bool,
    typer.Option("--no-switch", help="Leave the current session and branch current."),
]


ENVIRONMENT = (
    ("CONVO_DB", "The database, as --db."),
    ("CONVO_SESSION", "The session, as --session."),
    ("CONVO_USER", "Who you are on a server, whose current session and branch are yours alone."),
    ("PGPASSWORD, PGPASSFILE", "The password for a server, or the file with passwords."),
    ("CONVO_MODEL", "The model, as --model."),
    ("OPENAI_API_KEY", "The key for OpenAI, or for the server of OPENAI_BASE_URL."),
    ("OPENAI_BASE_URL", "The server, as --base-url."),
    ("NAME_API_KEY", "The key for the server called NAME."),
    ("OPENAI_DEFAULT_MODEL", "The model to ask if none is named."),
    ("CONVO_CONFIG", "The file with the settings, instead of config.toml."),
    ("CONVO_THEME", "The colours: light, dark or none."),
    ("CONVO_STATUS", "Whether a chat has a status line: true or false."),
    ("CONVO_KEYS", "The keys of the chat's prompt: emacs or vi."),
    ("NO_COLOR, FORCE_COLOR", "Never or always use colours."),
    ("COLUMNS", "The width of tables and of help."),
    ("CONVO_PAGER, PAGER", "The program that shows what is longer than the screen."),
    ("VISUAL, EDITOR", "The editor for config.toml and templates."),
)
"""The variables that options and commands read, for the help."""
