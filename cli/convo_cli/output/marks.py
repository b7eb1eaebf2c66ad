"""Puts marks on turns and reports it, for commands and the chat."""

from convo.store import ConversationStore
from convo_cli.invocation import Invocation
from convo_cli.output.report import report
from convo_cli.render.marks import note_row
from convo_cli.render.terminal.text import one_line


async def noted(
    invocation: Invocation,
    store: ConversationStore,
    session: str,
    branch: str,
    turn: str,
    text: str | None,
    *,
    append: bool = False,
) -> None:
    """Set, extend or with None delete the note of a turn; a note that is replaced is told."""
    number, before = await store.note(session, branch, turn, text, append=append)
    where = f"turn {number} of '{branch}'"
    if text is None:
        done = f"{where} has no note" if before is None else f"deleted the note of {where}"
    else:
        done = f"noted on {where}"
    if before and not append:
        done += f'; it was "{one_line(before)}"'
    now = f"{before}\n\n{text}" if append and before and text else text
    report(invocation, done, note_row(session, branch, number, now))


async def tagged(
    invocation: Invocation,
    store: ConversationStore,
    session: str,
    branch: str,
    name: str,
    turn: str | int,
    *,
    force: bool = False,
) -> None:
    """Give a turn a name."""
    number, before = await store.tag(session, branch, name, turn, force=force)
    done = f"turn {number} of '{branch}' is '{name}'"
    if before is not None:
        done += f", which was turn {before.turn} of '{one_line(before.branch_id)}'"
    report(invocation, done, {"tag": name, "session": session, "branch": branch, "turn": number})


async def deleted_tag(
    invocation: Invocation, store: ConversationStore, session: str, name: str
) -> None:
    """Delete a tag."""
    await store.delete_tags(session, [name])
    row = {"session": session, "deleted": [name]}
    report(invocation, f"deleted the tag '{one_line(name)}'; the turn stays", row)


async def starred(
    invocation: Invocation,
    store: ConversationStore,
    session: str,
    branch: str,
    turn: str | int | None,
    *,
    on: bool = True,
) -> None:
    """Give a turn, or with None the session, a star, or take it away."""
    number, has_changed = await store.star(session, branch, turn, on=on)
    what = f"session '{session}'" if number is None else f"turn {number} of '{branch}'"
    if has_changed:
        done = f"{what} has a star" if on else f"took the star off {what}"
    else:
        done = f"{what} {'has a star already' if on else 'has no star'}"
    row = {"session": session, "branch": None if number is None else branch, "turn": number}
    report(invocation, done, {**row, "starred": on})
