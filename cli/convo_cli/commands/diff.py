"""`convo diff` and `convo compare`: compare branches."""

from pathlib import Path
from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.completing.kinds import BRANCHES, FILES
from convo_cli.invocation import Invocation
from convo_cli.options import NoPager
from convo_cli.render.data import compared_shapes
from convo_cli.settings import ComparedFormat
from convo_cli.written import one, writes

Formats = Annotated[
    ComparedFormat | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="table, json, jsonl, csv, tsv, md or html; table if not given.",
    ),
]
Words = Annotated[
    bool, typer.Option("--words", help="How the messages differ, word by word: [-old-]{+new+}.")
]
Html = Annotated[
    bool, typer.Option("--html", help="A page that loads nothing else: short for --format html.")
]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help="The file; stdout if not given."),
    FILES,
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")]


@writes(
    one(compared_shapes.DIFF, flat=compared_shapes.FLAT_DIFF),
    one(compared_shapes.DIFF_WORDS, "--words", flat=compared_shapes.WORD),
    one(compared_shapes.COMPARED, "--cost", flat=compared_shapes.FLAT_COMPARED),
    one(compared_shapes.COMPARED, "--time", flat=compared_shapes.FLAT_COMPARED),
    one(compared_shapes.COMPARED_WORDS, "--words --cost", flat=compared_shapes.FLAT_COMPARED_WORD),
    exits=(3, 4),
)
def diff(
    ctx: typer.Context,
    a: Annotated[
        str | None,
        typer.Argument(metavar="A", help="A branch; the parent of the current one if not given."),
        BRANCHES,
    ] = None,
    b: Annotated[
        str | None,
        typer.Argument(metavar="B", help="Another branch; the current one if not given."),
        BRANCHES,
    ] = None,
    words: Words = False,
    cost: Annotated[bool, typer.Option("--cost", help="What the turns cost, and in all.")] = False,
    time: Annotated[
        bool, typer.Option("--time", help="How long the turns took, and in all.")
    ] = False,
    html: Html = False,
    compared_format: Formats = None,
    output: Output = None,
    force: Force = False,
    no_pager: NoPager = False,
) -> None:
    """Show two branches side by side, from where they diverge.

    With --words, messages in the same place are compared word by word, in colours on a terminal;
    white space does not count. --cost and --time add what each turn and each branch took.
    """
    wanted = actions.diff.Wanted(
        compared_format, html, words, cost, time, output, force, not no_pager
    )
    actions.diff.show_diff(Invocation.of(ctx), a, b, wanted)


@writes(
    one(compared_shapes.COMPARED, flat=compared_shapes.FLAT_COMPARED),
    one(compared_shapes.COMPARED_WORDS, "--words", flat=compared_shapes.FLAT_COMPARED_WORD),
    exits=(3, 4),
)
def compare(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="BRANCH",
            help="The branches; if none is given, the current one and those made beside it.",
        ),
        BRANCHES,
    ] = None,
    words: Words = False,
    html: Html = False,
    compared_format: Formats = None,
    output: Output = None,
    force: Force = False,
    no_pager: NoPager = False,
) -> None:
    """Show several branches beside each other, turn by turn, from where they part.

    What the turns of each branch took, in tokens, cost and seconds, comes first. A wide terminal
    has a column for each branch; otherwise they are one below the other. A single BRANCH is
    compared with the current one. With --words, each branch is compared with the first.
    """
    wanted = actions.diff.Wanted(
        compared_format, html, words, True, True, output, force, not no_pager
    )
    actions.diff.show_compared(Invocation.of(ctx), names or [], wanted)
