"""Turns without secrets, for every format that is made of turns."""

from collections.abc import Iterator

from convo.history.lines import WholeLine, WholeSession
from convo.history.transcript import TranscriptTurn, TurnUsage, WholeTurns
from convo.items.contents import taken_apart
from convo.records import Merged, TurnMarks
from convo_cli.render.redacting.redactor import Redactor


class RedactedTurns(WholeTurns):
    """Turns whose items have no secrets, wherever an iteration reaches them."""

    def __init__(self, turns: WholeTurns, redactor: Redactor) -> None:
        self._turns = turns
        self._redactor = redactor

    def __len__(self) -> int:
        return len(self._turns)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the turns, in order."""
        return self._turns.numbers

    def usage(self) -> Iterator[TurnUsage]:
        """The usage of the turns."""
        return self._turns.usage()

    def __iter__(self) -> Iterator[TranscriptTurn]:
        for turn in self._turns:
            items = [self._redactor.value(item.item) for item in turn.items]
            yield turn._replace(
                items=taken_apart(items),
                marks=self._marks(turn.marks),
                merged=self._merged(turn.merged),
            )

    def _marks(self, marks: TurnMarks) -> TurnMarks:
        text = self._redactor.text
        return marks._replace(
            note=None if marks.note is None else text(marks.note), tags=tuple(map(text, marks.tags))
        )

    def _merged(self, merged: Merged | None) -> Merged | None:
        if merged is None or merged.source is None:
            return merged
        return merged._replace(source=self._redactor.text(merged.source))


def redacted_session(session: WholeSession, redactor: Redactor) -> WholeSession:
    """A whole session without secrets, in its names too."""
    names = {line.branch_id: redactor.text(line.branch_id) for line in session.lines}
    lines = (
        WholeLine(
            names[line.branch_id],
            None if line.parent is None else names.get(line.parent, line.parent),
            line.after,
            line.numbers,
            RedactedTurns(line.turns, redactor),
        )
        for line in session.lines
    )
    return WholeSession(
        redactor.text(session.session_id),
        names.get(session.current, session.current),
        tuple(lines),
    )
