"""Remembers what a chat, or a command, has learned about the servers that it asks."""

from convo_cli.turn.events import Noticed, OnEvent
from convo_cli.wire.kinds import Fate
from convo_cli.wire.refusals import Refusals


class Findings:
    """Remembers what servers have refused, and reports each finding once."""

    def __init__(self) -> None:
        self._refusals: dict[str, Refusals] = {}
        self._told: set[str] = set()
        self.on_event: OnEvent = lambda _: None
        """Called with each message for the user."""

    def say(self, text: str) -> None:
        """Report a message to the user, unless it has been reported."""
        if text not in self._told:
            self._told.add(text)
            self.on_event(Noticed(text))

    def refusals(self, url: str) -> Refusals:
        """What the server at this URL has refused so far."""
        return self._refusals.setdefault(url, Refusals(self.say))

    def say_changed(self, changed: dict[str, Fate]) -> None:
        """Report which kinds of items of a history are not sent unchanged, if any."""
        if not changed:
            return
        by_fate: dict[str, list[str]] = {}
        for kind, fate in changed.items():
            by_fate.setdefault("left out" if fate == "left out" else f"sent {fate}", []).append(
                kind
            )
        parts = "; ".join(f"{fate}: {', '.join(kinds)}" for fate, kinds in by_fate.items())
        self.say(f"not all of the history fits this server ({parts}); it is stored as it was")
