"""`convo diff`: where two branches part, and how each goes on."""

from typing import Annotated

import typer

from convo.history.comparison import Comparison
from convo.store import ConversationStore
from convo_cli.invocation import Invocation
from convo_cli.options import NoPager
from convo_cli.output.pager import write_paged
from convo_cli.output.report import find_place, write_rows
from convo_cli.render.data.formats import json_lines, json_object
from convo_cli.render.diff import (
    DIFF_FLAT_KEYS,
    diff_flat_rows,
    diff_row,
    side_by_side,
)
from convo_cli.running import run
from convo_cli.settings import Format


def diff(
    ctx: typer.Context,
    a: Annotated[str, typer.Argument(metavar="A", help="A branch.")],
    b: Annotated[
        str | None,
        typer.Argument(metavar="B", help="Another; the current one if not given."),
    ] = None,
    no_pager: NoPager = False,
) -> None:
    """Show where two branches part, and both continuations side by side."""
    invocation = Invocation.of(ctx)
    found = run(_compared(invocation, a, b))
    write_diff(invocation, found, paged=not no_pager)


async def _compared(invocation: Invocation, a: str, b: str | None) -> Comparison:
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        place = await find_place(store, settings)
        a = await store.branch_called(place.session, a)
        b = place.branch if b is None else await store.branch_called(place.session, b)
        return await store.compare(place.session, a, b)


def write_diff(invocation: Invocation, found: Comparison, *, paged: bool) -> None:
    """Write a comparison: side by side, or as records for a program."""
    terminal = invocation.terminal
    match invocation.settings.format:
        case Format.TABLE:
            text = "".join(f"{line}\n" for line in side_by_side(found, terminal.look))
            write_paged(terminal, invocation.environ, text, wanted=paged)
        case Format.JSON:
            terminal.write_utf8(json_object(diff_row(found)))
        case Format.JSONL:
            terminal.write_utf8(json_lines([diff_row(found)]))
        case _:
            write_rows(invocation, DIFF_FLAT_KEYS, list(diff_flat_rows(found)))
