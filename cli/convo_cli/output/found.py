"""Writes the results of a search."""

from collections.abc import Sequence

from convo.errors import NoMatchError
from convo.records import Found
from convo.search.query import Query
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.report import write_rows
from convo_cli.render.found import FOUND_KEYS, drawn_found, found_row
from convo_cli.settings import Format


def check_text(text: str) -> None:
    """Raise `UsageError` for a text without a word."""
    if not Query(text):
        raise UsageError("there is no word in the text to look for")


def write_found(
    invocation: Invocation, hits: Sequence[Found], limit: int, *, numbered: bool = False
) -> None:
    """Write what was found in the format that was asked for; for a person it can be `numbered`."""
    if invocation.settings.format is not Format.TABLE:
        write_rows(invocation, FOUND_KEYS, [found_row(hit) for hit in hits])
        return
    terminal = invocation.terminal
    terminal.write(drawn_found(hits, terminal.look, numbered=numbered))
    if limit and len(hits) == limit:
        terminal.notice(f"these are the best {limit:,}; -n 0 shows all")


def nothing_says(
    text: str,
    session: str | None = None,
    branch: str | None = None,
    source: str | None = None,
) -> NoMatchError:
    """The error for a search without results."""
    where = "any session" if session is None else f"session '{session}'"
    if source is not None:
        where += f" from {source}"
    if branch is not None:
        where = f"branch '{branch}'" if session is None else f"branch '{branch}' of {where}"
    return NoMatchError(f"nothing in {where} says '{text}'")
