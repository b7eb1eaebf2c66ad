"""`convo search`: where something was said, in all that the database holds."""

from collections.abc import Sequence
from typing import Annotated

import typer

from convo.errors import NoMatchError
from convo.records import Found
from convo.search.query import Query
from convo.store import ConversationStore
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.report import find_place, write_rows
from convo_cli.render.found import FOUND_KEYS, drawn_found, found_row, shown_by
from convo_cli.running import run
from convo_cli.settings import Format

BEST = 20
"""Matches that are shown unless it is asked for more."""


def search(
    ctx: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(metavar="TEXT", help='The words to look for; a "phrase" in double quotes.'),
    ],
    limit: Annotated[
        int, typer.Option("-n", "--limit", metavar="N", help="The best N matches; 0 is all.")
    ] = BEST,
) -> None:
    """Search prompts and answers of every session, or of the one that -s names.

    Each message has to say all words, in any case; a word is found in longer ones that begin with
    it, but for those of a "phrase".
    """
    invocation = Invocation.of(ctx)
    text = " ".join(words)
    if limit < 0:
        raise UsageError(f"--limit is a number of matches, or 0 for all, not {limit}")
    check_text(text)
    hits = run(_found(invocation, text, limit))
    write_found(invocation, hits, limit)
    settings = invocation.settings
    if not hits:
        raise nothing_says(text, settings.session, settings.branch)
    if settings.format is Format.TABLE:
        invocation.terminal.notice(shown_by(hits[0]))


def check_text(text: str) -> None:
    """Raise `UsageError` for a text in which there is no word."""
    if not Query(text):
        raise UsageError("there is no word in the text to look for")


def write_found(invocation: Invocation, hits: Sequence[Found], limit: int) -> None:
    """Write what was found in the format that was asked for."""
    if invocation.settings.format is not Format.TABLE:
        write_rows(invocation, FOUND_KEYS, [found_row(hit) for hit in hits])
        return
    terminal = invocation.terminal
    terminal.write(drawn_found(hits, terminal.look))
    if limit and len(hits) == limit:
        terminal.notice(f"these are the best {limit:,}; -n 0 shows all")


def nothing_says(text: str, session: str | None = None, branch: str | None = None) -> NoMatchError:
    """The error for a search that found nothing."""
    where = "any session" if session is None else f"session '{session}'"
    if branch is not None:
        where = f"branch '{branch}'" if session is None else f"branch '{branch}' of {where}"
    return NoMatchError(f"nothing in {where} says '{text}'")


async def _found(invocation: Invocation, text: str, limit: int) -> list[Found]:
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        session = branch = None
        if settings.branch is not None:
            place = await find_place(store, settings)
            session, branch = place.session, place.branch
        elif settings.session is not None:
            session = await store.session_called(settings.session)
        return await store.search(text, session, branch, limit=limit or None)
