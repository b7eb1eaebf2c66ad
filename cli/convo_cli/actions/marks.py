"""Writes and lists notes, tags and stars."""

from convo.store import ConversationStore
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.location import find_location, location_to_list
from convo_cli.output.marks import deleted_tag, noted, starred, tagged
from convo_cli.output.report import show, show_none, write_text
from convo_cli.render import marks as listings
from convo_cli.settings import Format


async def note(invocation: Invocation, turn: str, text: str | None, *, append: bool) -> None:
    """Set, extend or delete the note of a turn."""
    if text is not None and not text.strip():
        raise UsageError("the note is empty", hint="say what to note, or --delete")
    async with ConversationStore(invocation.settings.db) as store:
        at = await find_location(store, invocation.settings)
        await noted(invocation, store, at.session, at.branch, turn, text, append=append)


async def show_note(invocation: Invocation, turn: str) -> None:
    """Write the note of a turn."""
    async with ConversationStore(invocation.settings.db) as store:
        at = await find_location(store, invocation.settings)
        number = await store.turn_called(at.session, at.branch, turn)
        (found,) = await store.transcript(at.session, at.branch, number, number)
    text = found.marks.note
    row = listings.note_row(at.session, at.branch, number, text)
    if invocation.settings.format is not Format.TABLE:
        show(invocation, listings.one_note(row))
    elif text is None:
        invocation.terminal.notice(f"turn {number} of '{at.branch}' has no note")
    else:
        write_text(invocation.terminal, text)


async def show_notes(invocation: Invocation) -> None:
    """Write the notes of the branch."""
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        at = await location_to_list(store, settings, invocation.terminal.notice)
        if at is None:
            show_none(invocation, listings.notes("", "", []))
            return
        infos = await store.turns(at.session, at.branch)
    show(invocation, listings.notes(at.session, at.branch, infos))


async def tag(invocation: Invocation, name: str, turn: str, *, force: bool) -> None:
    """Give a turn a name."""
    async with ConversationStore(invocation.settings.db) as store:
        at = await find_location(store, invocation.settings)
        await tagged(invocation, store, at.session, at.branch, name, turn, force=force)


async def show_tags(invocation: Invocation) -> None:
    """Write the tags of the session."""
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        at = await location_to_list(store, settings, invocation.terminal.notice)
        if at is None:
            show_none(invocation, listings.tags("", []))
            return
        tags = await store.tags(at.session, at.branch)
    show(invocation, listings.tags(at.session, tags))


async def delete_tag(invocation: Invocation, name: str) -> None:
    """Delete a tag; the turn stays."""
    async with ConversationStore(invocation.settings.db) as store:
        at = await find_location(store, invocation.settings)
        await deleted_tag(invocation, store, at.session, name)


async def star(invocation: Invocation, turn: str | None, *, on: bool) -> None:
    """Give a turn, or with None the session, a star, or take it away."""
    async with ConversationStore(invocation.settings.db) as store:
        at = await find_location(store, invocation.settings)
        await starred(invocation, store, at.session, at.branch, turn, on=on)
