"""Marks on turns: notes, tags and stars.

A turn is known by the message that began it. So a mark is on the turn on every branch that shares
it, is not seen while the turn is removed, and is back when it is restored.
"""

from convo.errors import NameTakenError, TagNotFoundError, TurnNotFoundError
from convo.items.encoding import decode, text_of
from convo.names import nearest
from convo.records import Tag, TurnMarks
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER, iso_utc, text, whole

SESSION = 0
"""Instead of a message: the star of the session itself."""


def of_branch(tx: Transaction, session_id: str, branch_id: str) -> dict[int, TurnMarks]:
    """The marks of the turns of a branch that have any."""
    found: dict[int, TurnMarks] = {}
    rows = tx.rows("marks_of_branch", session_id=session_id, branch_id=branch_id)
    for turn, kind, value in rows:
        before = found.get(turn, TurnMarks())
        if kind == "star":
            found[turn] = before._replace(starred=True)
        elif isinstance(value, str):
            found[turn] = (
                before._replace(note=value)
                if kind == "note"
                else before._replace(tags=(*before.tags, value))
            )
    return found


def question(tx: Transaction, session_id: str, branch_id: str, turn: int) -> int:
    """The message that began a turn. Raises `TurnNotFoundError` if there is none."""
    found = None
    if abs(turn) <= MAX_INTEGER:
        where = {"session_id": session_id, "branch_id": branch_id, "turn": turn}
        found = tx.value("question_of_turn", **where)
    if found is None:
        raise TurnNotFoundError(f"no turn {turn} on branch '{branch_id}'")
    return int(found)


def tags(tx: Transaction, session_id: str, branch_id: str) -> list[Tag]:
    """The tags of the turns that are there, by name: their places on the branch if they have one.

    A turn that is not on the branch is on the first one that got it.
    """
    places: dict[str, Tag] = {}
    for name, branch, turn, data, created_at in tx.rows(
        "places_of_tags", session_id=session_id, tag=None
    ):
        number = whole(turn)
        if not isinstance(name, str) or text(branch) is None or number is None:
            continue
        if name not in places or (branch == branch_id and places[name].branch_id != branch_id):
            places[name] = Tag(name, branch, number, _said(data), iso_utc(created_at))
    return list(places.values())


def turn_tagged(tx: Transaction, session_id: str, branch_id: str, name: str) -> int:
    """The turn of a branch that has a tag.

    Raises `TagNotFoundError`, with the nearest tag, or where the turn is, if it is elsewhere.
    """
    known = tags(tx, session_id, branch_id)
    found = next((tag for tag in known if tag.tag == name), None)
    if found is None and tx.value("tag_is_there", session_id=session_id, tag=name):
        raise TagNotFoundError(
            f"the turn '{name}' has been taken back, squashed or deleted",
            hint="`convo undo` brings back what was squashed, `convo restore` the rest",
        )
    if found is None:
        raise TagNotFoundError(
            f"no turn is called '{name}'",
            hint=nearest(name, [tag.tag for tag in known])
            or "a turn has a number, and a tag if `convo tag` gave it one",
        )
    if found.branch_id != branch_id:
        raise TagNotFoundError(
            f"'{name}' is turn {found.turn} of '{found.branch_id}', which is not on '{branch_id}'",
            hint=f"work on that branch with -b {found.branch_id}",
        )
    return found.turn


def tag(
    tx: Transaction, session_id: str, name: str, message_id: int, *, force: bool = False
) -> Tag | None:
    """Name a turn; returns where the tag was before, if it has moved.

    Raises `NameTakenError` if another turn has the name, unless `force`. A turn that is removed
    loses its name to one that is there.
    """
    before = next((one for one in tags(tx, session_id, "") if one.tag == name), None)
    if before is not None:
        is_same = question(tx, session_id, before.branch_id, before.turn) == message_id
        if is_same:
            return None
        if not force:
            raise NameTakenError(
                f"'{name}' is turn {before.turn} of '{before.branch_id}'",
                hint="choose another name, or move it with --force",
            )
    tx.execute("set_tag", session_id=session_id, tag=name, message_id=message_id)
    return before


def delete_tags(tx: Transaction, session_id: str, names: list[str]) -> None:
    """Delete tags, all or none. Raises `TagNotFoundError` with the nearest name."""
    for name in dict.fromkeys(names):
        if not tx.change("delete_tag", session_id=session_id, tag=name):
            known = [one.tag for one in tags(tx, session_id, "")]
            raise TagNotFoundError(f"there is no tag '{name}'", hint=nearest(name, known))


def note(
    tx: Transaction, session_id: str, message_id: int, said: str | None, *, append: bool = False
) -> str | None:
    """Set the note of a turn, or with None delete it; returns the one before.

    With `append`, the text becomes another paragraph of the note.
    """
    where = {"session_id": session_id, "message_id": message_id}
    before = text(tx.value("note_of_message", **where))
    if said is None:
        tx.execute("delete_note", **where)
    else:
        tx.execute("set_note", note=f"{before}\n\n{said}" if append and before else said, **where)
    return before


def star(tx: Transaction, session_id: str, message_id: int, *, on: bool) -> bool:
    """Give a turn, or with `SESSION` the session, a star, or take it away.

    Returns whether that changed anything.
    """
    statement = "set_star" if on else "delete_star"
    return bool(tx.change(statement, session_id=session_id, message_id=message_id))


def starred_sessions(tx: Transaction) -> set[str]:
    """The sessions that have a star."""
    return {name for (name,) in tx.rows("starred_sessions") if isinstance(name, str)}


def _said(data: bytes | None) -> str:
    try:
        return text_of(decode(data))
    except ValueError:
        return ""
