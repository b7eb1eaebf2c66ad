"""Offers from the database."""

from convo_cli.completing.asked import MOST, Asked, Offer

MOST_NEWEST = 200
"""The number of sessions that are offered before anything is typed, and of turns."""

_MOST_COUNTED = 200
"""The number of branches whose turns are counted."""


def sessions(asked: Asked) -> list[Offer]:
    """The sessions, with the day of the last write."""
    if (server := asked.server) is not None:
        begun = asked.place.begun
        return server.sessions(begun, MOST if begun else MOST_NEWEST)
    if (glance := asked.glance) is None:
        return []
    begun, current = asked.place.begun, glance.current_session(or_newest=False)
    return [
        (name, f"{'current, ' if name == current else ''}{when[:10]}")
        for name, when in glance.sessions(begun, MOST if begun else MOST_NEWEST)
    ]


def branches(asked: Asked) -> list[Offer]:
    """The branches of the session on the line."""
    if (server := asked.server) is not None:
        where = asked.session_on_server()
        return [] if where is None else server.branches(*where)
    if (glance := asked.glance) is None or (session := asked.session(glance)) is None:
        return []
    current = glance.branch_called(session, None)
    found: list[Offer] = []
    for name in glance.branches(session):
        about = "current" if name == current else ""
        if asked.is_described and len(found) < _MOST_COUNTED:
            count = glance.count_turns(session, name)
            about = f"{about}, {_counted(count)}" if about else _counted(count)
        found.append((name, about))
    return found


def _counted(count: int) -> str:
    return f"{count} turn" if count == 1 else f"{count} turns"


def switched(asked: Asked) -> list[Offer]:
    """The branches, and - for the previous one."""
    return [*branches(asked), ("-", "the previous branch")]


def turns(asked: Asked, begun: str | None = None) -> list[Offer]:
    """The turns of the branch on the line whose numbers have this beginning, and its tags."""
    begun = asked.place.begun if begun is None else begun
    if asked.place.given.get("--branch") and asked.given("--branch") is None:
        return []
    if (server := asked.server) is not None:
        where = asked.session_on_server()
        branch = asked.given("--branch") or ""
        return [] if where is None else server.turns(*where, branch, begun, MOST_NEWEST)
    if (glance := asked.glance) is None or (session := asked.session(glance)) is None:
        return []
    branch = glance.branch_called(session, asked.given("--branch"))
    digits = begun if begun.isdigit() and begun.isascii() else ""
    look = glance.turns if asked.is_described else glance.numbers_of_turns
    numbered = [(str(number), text) for number, text in look(session, branch, digits, MOST_NEWEST)]
    tagged = [
        (name, f"turn {number}")
        for name, of, number in glance.tags(session, MOST)
        if of == branch and name.startswith(begun)
    ]
    return [*numbered, *dict(tagged).items()]


def tags(asked: Asked) -> list[Offer]:
    """The tags of the session on the line."""
    if (server := asked.server) is not None:
        where = asked.session_on_server()
        # Of a tag on several branches, the words about the first.
        return [] if where is None else list(dict(reversed(server.tags(*where))).items())
    if (glance := asked.glance) is None or (session := asked.session(glance)) is None:
        return []
    places = glance.tags(session, MOST)
    return list({name: f"turn {number} of {of}" for name, of, number in reversed(places)}.items())


def shown(asked: Asked) -> list[Offer]:
    """Turns, and ranges of them; with --waiting, waiting prompts."""
    if "--waiting" in asked.place.given:
        return waiting(asked)
    first, dots, last = asked.place.begun.partition("..")
    if not dots:
        return turns(asked)
    return [(f"{first}{dots}{number}", text) for number, text in turns(asked, last)]


def waiting(asked: Asked) -> list[Offer]:
    """The numbers of the waiting prompts."""
    glance = asked.glance
    found = [] if glance is None else glance.waiting(MOST)
    prompts: dict[str, str] = {}
    for number, text in found:
        prompts.setdefault(str(number), text)
    every = [("all", "every prompt that waits")] if "--drop" in asked.place.given else []
    return [*prompts.items(), *every]


def removed(asked: Asked) -> list[Offer]:
    """What can be restored: branches of the session, and deleted sessions."""
    if (glance := asked.glance) is None:
        return []
    session = asked.session(glance)
    of_session = [] if session is None else glance.removed(session, MOST)
    found = [(name, _counted(count)) for name, _, count in of_session]
    deleted = glance.removed_sessions(MOST)
    return [*found, *((name, f"a session, {_counted(count)}") for name, count in deleted)]
