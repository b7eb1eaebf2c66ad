"""Writes turns in full."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from convo.errors import InvalidNameError
from convo.history.transcript import TranscriptTurn
from convo.names import check_tag
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.pager import write_paged
from convo_cli.output.report import write_rows
from convo_cli.render.data.transcript_rows import (
    FLAT_KEYS,
    TRANSCRIPT_KEYS,
    flat_rows,
    turn_rows,
)
from convo_cli.render.pages.markdown import markdown
from convo_cli.render.terminal.text import safe
from convo_cli.render.transcript import transcript
from convo_cli.settings import Format
from convo_cli.terminal import Terminal

LAST = -1
"""The number that stands for the last turn."""

_TURNS = "say 3, 2..4, 2.., ..4, -1, or a tag"

_NUMBER = re.compile(r"-?[0-9]{1,30}")

Bound = str | int | None


class Turns(NamedTuple):
    """A range of turns, both ends included: numbers, of which negative ones count back, and tags.

    None means no bound.
    """

    first: Bound = None
    last: Bound = None

    def or_ends(self) -> tuple[str | int, str | int]:
        """Both ends; one that is open is turn 1 or the last turn. Raises `UsageError`."""
        if self == Turns():
            raise UsageError("no turns are named", hint="say 3 or 2..4")
        return 1 if self.first is None else self.first, LAST if self.last is None else self.last


def parsed_turns(text: str | None) -> Turns:
    """Parse a range such as `3`, `2..4`, `2..`, `..4`, `-1` or `plan..fix`; None is all.

    Raises `UsageError`.
    """
    if text is None:
        return Turns()
    first, dots, last = text.partition("..")
    if not first and not last:
        raise UsageError(f"'{text}' is not a turn", hint=_TURNS)
    return Turns(_bound(text, first), _bound(text, last if dots else first))


def _bound(text: str, named: str) -> Bound:
    if not named:
        return None
    if _NUMBER.fullmatch(named):
        return int(named)
    try:
        check_tag(named)
    except InvalidNameError:
        raise UsageError(f"'{text}' is not a turn", hint=_TURNS) from None
    return named


def write_turns(
    invocation: Invocation, turns: Iterable[TranscriptTurn], *, raw: bool = False, paged: bool
) -> None:
    """Write turns in the format that was asked for, or else as Markdown, rendered on a terminal."""
    terminal = invocation.terminal
    output_format = invocation.settings.format
    if output_format in {Format.CSV, Format.TSV}:
        # These formats cannot nest items within a turn.
        write_rows(invocation, FLAT_KEYS, flat_rows(turns))
    elif output_format is not Format.TABLE:
        write_rows(invocation, TRANSCRIPT_KEYS, turn_rows(turns))
    elif raw or not terminal.stdout_is_terminal:
        as_it_is = raw and not terminal.stdout_is_terminal
        terminal.write_pieces(markdown(turns, str if as_it_is else safe))
    else:
        write_paged(invocation, lambda: _rendered(turns, terminal), wanted=paged)


def _rendered(turns: Iterable[TranscriptTurn], terminal: Terminal) -> Iterator[str]:
    """The turns rendered for this terminal, piece by piece."""
    # Imported here because the Markdown parser is slow to load, and only a terminal needs it.
    from convo_cli.render.markdown.stream import markdown as drawn

    return transcript(turns, terminal.look, drawn)
