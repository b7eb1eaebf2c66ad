"""`convo search`: searches the messages of the database."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.completing.kinds import FREE
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.options import BEST, FromSource
from convo_cli.render.data import shapes
from convo_cli.written import each, writes


@writes(each(shapes.FOUND), exits=(3,))
def search(
    ctx: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(metavar="TEXT", help='The words to look for; a "phrase" in double quotes.'),
        FREE,
    ],
    limit: Annotated[
        int, typer.Option("-n", "--limit", metavar="N", help="The best N matches; 0 is all."), FREE
    ] = BEST,
    source: FromSource = None,
) -> None:
    """Search prompts and answers of every session, or of the one that -s names.

    A message matches if it contains all words, in upper or lower case. A word also matches longer
    words that begin with it, except in a "phrase".
    """
    invocation = Invocation.of(ctx)
    text = " ".join(words)
    if limit < 0:
        raise UsageError(f"--limit is a number of matches, or 0 for all, not {limit}")
    actions.search.search(invocation, text, limit, source)
