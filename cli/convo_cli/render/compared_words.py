"""Shows what several branches took, and how each differs from the first of them, word by word."""

from collections.abc import Iterator, Sequence

from convo.history.comparison import Comparison
from convo_cli.render.compare import Compared, compared_row, facts_of, spent_row, summary
from convo_cli.render.data import compared_shapes
from convo_cli.render.data.rows import Row
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.tables import draw
from convo_cli.render.words import WordDifferences

FLAT_KEYS = tuple(compared_shapes.FLAT_COMPARED_WORD)


class ComparedWords:
    """Branches, and the comparison of each after the first with the first.

    `cost` and `time` say what is told of the turns to a reader; a program gets both.
    """

    def __init__(
        self, compared: Compared, found: Sequence[Comparison], *, cost: bool, time: bool
    ) -> None:
        self._compared = compared
        self._cost, self._time = cost, time
        facts = [facts_of(usage, cost=cost, time=time) for usage in compared.usage]
        self._words = [
            WordDifferences(one, [facts[0], of_other])
            for one, of_other in zip(found, facts[1:], strict=True)
        ]

    @property
    def coarse(self) -> set[int]:
        """The numbers of those turns of which not all texts were compared by words."""
        return {turn for words in self._words for turn in words.coarse}

    def lines(self, look: Look) -> Iterator[str]:
        """The lines: what each branch took, and then how each differs from the first."""
        yield f"{self._compared.sentence}\n\n"
        yield draw(summary(self._compared, cost=self._cost, time=self._time), look)
        for words in self._words:
            yield "\n"
            yield from words.lines(look) if len(self._words) > 1 else words.turns(look)

    def row(self) -> Row:
        """Everything, by the keys of `COMPARED_WORDS`; rows are made lazily."""
        return {**compared_row(self._compared), "differences": self._rows()}

    def flat_rows(self) -> Iterator[Row]:
        """A piece of a message a row, with what the turns took, by `FLAT_KEYS`."""
        first = self._compared.usage[0]
        for words, other in zip(self._words, self._compared.usage[1:], strict=True):
            for row in words.rows():
                spent = {
                    f"{key}_{side}": value
                    for side, usage in (("a", first), ("b", other))
                    for key, value in spent_row(usage.get(row[f"turn_{side}"] or 0)).items()
                }
                yield {**words.names, **row, **spent}

    def _rows(self) -> Iterator[Row]:
        return ({**words.names, **row} for words in self._words for row in words.rows())
