"""`convo note`, `tag` and `star`: marks on turns."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.completing.kinds import FREE, TAGS, TURNS
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes
from convo_cli.running import run
from convo_cli.written import each, one, writes


@writes(one(shapes.NOTED), each(shapes.NOTED, "--list"), exits=(3,))
def note(
    ctx: typer.Context,
    turn: Annotated[
        str | None,
        typer.Argument(metavar="TURN", help="The turn, by number or tag; -1 is the last."),
        TURNS,
    ] = None,
    text: Annotated[
        str | None,
        typer.Argument(metavar="TEXT", help="What to note; without it the note is shown."),
        FREE,
    ] = None,
    append: Annotated[
        bool, typer.Option("--append", help="Add TEXT to the note, instead of replacing it.")
    ] = False,
    delete: Annotated[bool, typer.Option("--delete", help="Delete the note.")] = False,
    as_list: Annotated[bool, typer.Option("--list", help="List the notes of the branch.")] = False,
) -> None:
    """Write a note on a turn, or show it.

    `turns`, `show`, `status` and exports show it too. No model ever gets it. Without arguments the
    notes of the branch are listed.
    """
    if as_list + append + delete > 1 or (delete and text is not None):
        raise UsageError("--append, --delete and --list exclude each other, and --delete no TEXT")
    invocation = Invocation.of(ctx)
    if as_list or turn is None:
        run(actions.marks.show_notes(invocation))
    elif text is None and not delete:
        run(actions.marks.show_note(invocation, turn))
    else:
        run(actions.marks.note(invocation, turn, text, append=append))


@writes(
    one(shapes.TAGGED),
    each(shapes.TAG, "--list"),
    one({"session": "text", "deleted": "[text]"}, "--delete"),
    exits=(3, 4),
)
def tag(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The name of the turn."), TAGS
    ] = None,
    turn: Annotated[
        str | None,
        typer.Argument(metavar="TURN", help="The turn; the last one if not given."),
        TURNS,
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Move the tag from another turn to this one.")
    ] = False,
    delete: Annotated[bool, typer.Option("--delete", help="Delete the tag NAME.")] = False,
    as_list: Annotated[bool, typer.Option("--list", help="List the tags of the session.")] = False,
) -> None:
    """Give a turn a name, which can be used wherever a turn is named.

    The tag stays on the turn on every branch that has it, goes with it when it is undone, and comes
    back with it. Without arguments the tags of the session are listed.
    """
    invocation = Invocation.of(ctx)
    if as_list or name is None:
        run(actions.marks.show_tags(invocation))
    elif delete:
        if turn is not None:
            raise UsageError("--delete takes no TURN", hint="give the tag alone")
        run(actions.marks.delete_tag(invocation, name))
    else:
        run(actions.marks.tag(invocation, name, "-1" if turn is None else turn, force=force))


@writes(one(shapes.STARRED), exits=(3,))
def star(
    ctx: typer.Context,
    turn: Annotated[
        str | None,
        typer.Argument(metavar="TURN", help="The turn; the last one if not given."),
        TURNS,
    ] = None,
    this_session: Annotated[
        bool, typer.Option("--this-session", help="Star the session instead of a turn.")
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take the star away.")] = False,
) -> None:
    """Star a turn or the session, to find it again.

    `convo turns --starred` and `convo session list --starred` list what has a star.
    """
    if this_session and turn is not None:
        raise UsageError("--this-session takes no TURN", hint="give one of them")
    named = None if this_session else "-1" if turn is None else turn
    run(actions.marks.star(Invocation.of(ctx), named, on=not remove))
