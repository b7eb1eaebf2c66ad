"""Writes lists and reports for the commands and the chat, and asks for confirmation."""

from collections.abc import Iterable, Iterator, Sequence

from convo_cli.exits import NeedsForceError
from convo_cli.invocation import Invocation
from convo_cli.render.data.formats import csv_table, json_lines, json_object, json_rows, tsv_table
from convo_cli.render.data.rows import Row
from convo_cli.render.listings import Listing
from convo_cli.render.terminal.tables import draw
from convo_cli.render.terminal.text import safe
from convo_cli.settings import Format
from convo_cli.terminal import Terminal


def show(invocation: Invocation, listing: Listing) -> None:
    """Write a list of records in the format that was asked for."""
    output_format = invocation.settings.format
    terminal = invocation.terminal
    if output_format is Format.TABLE:
        terminal.write(draw(listing.grid(), terminal.look))
    elif output_format is Format.JSON and listing.document is not None:
        terminal.write_utf8_pieces(json_object(listing.document()))
    else:
        write_rows(invocation, listing.keys, listing.rows())


def show_none(invocation: Invocation, listing: Listing) -> None:
    """Write an empty list for a program; a user has been told that there is nothing yet."""
    if invocation.settings.format is not Format.TABLE:
        show(invocation, listing)


def write_rows(invocation: Invocation, keys: Sequence[str], rows: Iterable[Row]) -> None:
    """Write rows for a program, in the format that was asked for, or else as JSON."""
    pieces = _for_programs(keys, rows, invocation.settings.format)
    terminal = invocation.terminal
    # A program gets the texts as they are; on a terminal they must not control it.
    terminal.write_utf8_pieces(map(safe, pieces) if terminal.stdout_is_terminal else pieces)


def notice_of_more(invocation: Invocation, shown: int, there: int, of: str = "turns") -> None:
    """Tell the user that a list is incomplete."""
    invocation.terminal.notice(
        f"these are the newest {shown:,} of {there:,} {of}; -n 0 shows all of them"
    )


def write_text(terminal: Terminal, text: str) -> None:
    """Write a text: unchanged for a program, made safe on a terminal."""
    terminal.write(f"{safe(text) if terminal.stdout_is_terminal else text}\n")


def report(invocation: Invocation, done: str, row: Row) -> None:
    """Report what a command did: as a row for a program, or else as a notice for the user."""
    invocation.done = done or invocation.done
    output_format = invocation.settings.format
    if output_format is Format.TABLE:
        invocation.terminal.notice(done)
    elif output_format is Format.JSON:
        invocation.terminal.write_utf8_pieces(json_object(row))
    else:
        write_rows(invocation, list(row), [row])


def require_yes(
    terminal: Terminal, question: str, *, refused: str, unasked: str, hint: str
) -> None:
    """Ask before something irreversible. Raises `NeedsForceError` unless the user says yes."""
    if not terminal.stdin_is_terminal:
        raise NeedsForceError(unasked, hint=hint)
    if not terminal.confirm(question):
        raise NeedsForceError(refused)


def _for_programs(keys: Sequence[str], rows: Iterable[Row], output_format: Format) -> Iterator[str]:
    match output_format:
        case Format.CSV:
            return csv_table(keys, rows)
        case Format.TSV:
            return tsv_table(keys, rows)
        case Format.JSONL:
            return json_lines(rows)
        case _:
            return json_rows(rows)
