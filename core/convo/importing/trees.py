"""Makes turns of a tree of messages: which turn a message belongs to, and where a fork begins.

Sources record single messages, each with the one that it follows. A turn begins with a question,
and any other message belongs to the turn of the one that it follows.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

Role = Literal["asked", "perhaps", "answered", "beside", "nothing"]
"""What a message is in its turn: the question that begins it, or one only if an answer follows (a
command may or may not ask the model), an answer, something else, or nothing that is shown."""

_MOST_COPIED = 1_000_000
"""The most messages that turns may share: their number grows with the square of a file's size."""


class Message(NamedTuple):
    """A message, the id of the one that it follows, and what its source needs to read it."""

    id: str
    """Not empty."""
    parent: str | None
    role: Role
    content: Any


class Group(NamedTuple):
    """The messages of a turn, its own id, and that of the turn that it follows.

    The first `shared` messages are also those of a turn before it, which has their usage.
    """

    id: str
    parent: str | None
    messages: list[Message]
    shared: int = 0


class Turns(NamedTuple):
    """Turns, parents before children, the turn of each message, and whether some are left out."""

    groups: list[Group]
    turn_of: Mapping[str, str | None]
    is_cut: bool = False


def by_question(messages: Mapping[str, Message]) -> Turns:
    """Turns that hold everything between their questions and the next, in the order of the file.

    Only questions make forks. For sources that write an answer as many messages, among which calls
    of tools fork and join without anything that was asked twice.
    """
    owners = _owners(messages)
    parents = {
        turn: owners.get(messages[turn].parent or "")
        for turn in dict.fromkeys(owners.values())
        if turn is not None
    }
    answered = {owners[one.id] for one in messages.values() if one.role == "answered"}
    dropped = {turn for turn in parents if messages[turn].role == "perhaps"} - answered
    kept = {turn: _kept(turn, parents, dropped) for turn in parents}
    groups = {
        turn: Group(turn, _kept(parents[turn], parents, dropped), [])
        for turn in parents
        if turn not in dropped
    }
    turn_of = {name: kept[turn] if turn else None for name, turn in owners.items()}
    for one in messages.values():
        turn = turn_of[one.id]
        if turn is not None and one.role != "nothing":
            groups[turn].messages.append(one)
    return Turns(list(_parents_first(groups)), turn_of)


def by_path(messages: Mapping[str, Message]) -> Turns:
    """Turns that hold one line of answers each: another answer to a question is another turn.

    The first answer's turn has the id of the question; the id of another names where it begins.
    """
    shown = _shown(messages)
    children: dict[str, list[str]] = {"": []}
    for one in messages.values():
        if one.role != "nothing":
            children.setdefault(shown.get(one.parent or "", ""), []).append(one.id)
    groups: list[Group] = []
    turns: dict[str, str] = {}
    copied = 0
    waiting: list[tuple[str, Group | None]] = [(name, None) for name in reversed(children[""])]
    while waiting:
        name, turn = waiting.pop()
        one = messages[name]
        if one.role == "asked" or turn is None:
            turn = Group(name, turn.id if turn else None, [one])
            groups.append(turn)
        else:
            turn.messages.append(one)
        turns[name] = turn.id
        following = children.get(name, [])
        # A line that a question leaves ends there: what else follows is a turn of its own.
        answers = [one for one in following if messages[one].role != "asked"]
        line = [(one, turn) for one in following if messages[one].role == "asked"]
        is_left = bool(line)
        for answer in answers if is_left else answers[1:]:
            if copied + len(turn.messages) <= _MOST_COPIED:
                shared = len(turn.messages)
                copied += shared
                other = Group(f"{turn.id}/{answer}", turn.parent, list(turn.messages), shared)
                groups.append(other)
                line.append((answer, other))
        if answers and not is_left:
            line.insert(0, (answers[0], turn))
        waiting.extend(reversed(line))
    turn_of = {name: turns.get(shown[name]) for name in messages}
    return Turns(groups, turn_of, len(turns) < sum(map(len, children.values())))


def _owners(messages: Mapping[str, Message]) -> dict[str, str | None]:
    """The question that each message follows, or an answer if there is none before it."""
    owners: dict[str, str | None] = {}
    for start in messages:
        line: list[str] = []
        on_line: set[str] = set()
        name = start
        while name in messages and name not in owners and name not in on_line:
            line.append(name)
            on_line.add(name)
            if messages[name].role in ("asked", "perhaps"):
                break
            name = messages[name].parent or ""
        owner = owners.get(name)
        for one in reversed(line):
            begins = messages[one].role in ("asked", "perhaps")
            if begins or (owner is None and messages[one].role == "answered"):
                owner = one
            owners[one] = owner
    return owners


def _kept(turn: str | None, parents: Mapping[str, str | None], dropped: set[str]) -> str | None:
    """The turn, or else the nearest before it that is not dropped."""
    passed: set[str] = set()
    while turn in dropped and turn not in passed:
        passed.add(turn)
        turn = parents[turn]
    return None if turn in dropped else turn


def _parents_first(groups: Mapping[str, Group]) -> Iterator[Group]:
    given: set[str] = set()
    for start in groups:
        line: list[Group] = []
        on_line: set[str] = set()
        name = start
        while name in groups and name not in given and name not in on_line:
            line.append(groups[name])
            on_line.add(name)
            name = groups[name].parent or ""
        for one in reversed(line):
            given.add(one.id)
            # A parent that is not given yet stands in a circle.
            yield one if one.parent in given else one._replace(parent=None)


def _shown(messages: Mapping[str, Message]) -> dict[str, str]:
    """Each message, or the nearest before it, that is shown; "" if there is none."""
    shown: dict[str, str] = {}
    for start in messages:
        line: list[str] = []
        on_line: set[str] = set()
        name = start
        while name in messages and name not in shown and name not in on_line:
            line.append(name)
            on_line.add(name)
            if messages[name].role != "nothing":
                break
            name = messages[name].parent or ""
        found = shown.get(name, "")
        for one in reversed(line):
            found = shown[one] = one if messages[one].role != "nothing" else found
    return shown
