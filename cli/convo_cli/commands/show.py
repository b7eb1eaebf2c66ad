"""`convo show`: what was said, called and given back, whole."""

from typing import Annotated

import typer

from convo.history.transcript import TranscriptTurn
from convo.store import ConversationStore
from convo_cli.invocation import Invocation
from convo_cli.location import find_location
from convo_cli.options import NoPager
from convo_cli.output.turns import Turns, parsed_turns, write_turns
from convo_cli.running import run


def show(
    ctx: typer.Context,
    turns: Annotated[
        str | None,
        typer.Argument(
            metavar="TURN|A..B",
            help="A turn, or from turn A to turn B; -1 is the last. All if not given.",
        ),
    ] = None,
    raw: Annotated[
        bool,
        typer.Option(
            "--raw",
            help="Write the Markdown unrendered, into a file with its control characters.",
        ),
    ] = False,
    waiting: Annotated[
        bool,
        typer.Option(
            "--waiting",
            help="The prompts that wait for `convo retry`, or the one of number TURN whole.",
        ),
    ] = False,
    no_pager: NoPager = False,
) -> None:
    """Show what was said on a branch, with the calls of tools and their outputs.

    It is rendered on a terminal, and goes through $PAGER where it is longer than the screen;
    elsewhere it is Markdown.
    """
    invocation = Invocation.of(ctx)
    if waiting:
        run(_show_waiting(invocation, turns, raw=raw, paged=not no_pager))
        return
    shown = run(_read(invocation, parsed_turns(turns)))
    write_turns(invocation, shown, raw=raw, paged=not no_pager)


async def _read(invocation: Invocation, turns: Turns) -> list[TranscriptTurn]:
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        location = await find_location(store, settings)
        return await store.transcript(location.session, location.branch, turns.first, turns.last)


async def _show_waiting(
    invocation: Invocation, number: str | None, *, raw: bool, paged: bool
) -> None:
    # Imported here, because hardly anybody asks for it.
    from convo_cli.output.waiting import show_waiting

    async with ConversationStore(invocation.settings.db) as store:
        await show_waiting(
            invocation,
            store,
            number,
            again="convo retry",
            of=invocation.given,
            raw=raw,
            paged=paged,
        )
