"""Shows turns in full on a terminal, with tool calls and outputs."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from convo.history.transcript import TranscriptTurn
from convo_cli.render.sections import Section, about, sections, title_of
from convo_cli.render.terminal.grid import cells, fitted
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.text import one_line, safe

Prose = Callable[[str, Look], str]
"""Draws a Markdown text as lines for a terminal."""

_BOLD, _DIM = ("\x1b[1m", "\x1b[22m"), ("\x1b[2m", "\x1b[22m")
_INDENT = "  "
_LONGEST_RULE = 100
_TOOLS = frozenset({"tool_call", "tool_output", "handoff", "other"})


def transcript(turns: Iterable[TranscriptTurn], look: Look, prose: Prose) -> Iterator[str]:
    """The turns as text for a terminal, piece by piece."""
    gap = ""
    for turn in turns:
        yield gap + _heading(turn, look)
        for section in sections(turn):
            yield _section(section, look, prose)
            gap = "\n"


def _heading(turn: TranscriptTurn, look: Look) -> str:
    """A rule across the terminal with the number of the turn and its usage."""
    dash, dot = ("─", " · ") if look.unicode else ("-", ", ")
    facts = dot.join([title_of(turn), *map(one_line, about(turn)), _local(turn.created_at)])
    line = fitted(f"{dash * 2} {facts} ", look.width, "…" if look.unicode else "~")
    rule = dash * (min(look.width, _LONGEST_RULE) - cells(line))
    return _styled(line + rule, _BOLD, look) + "\n"


def _section(section: Section, look: Look, prose: Prose) -> str:
    lines = ["", _title(section, look)]
    if section.kind in _TOOLS:
        lines += [_INDENT + line for line in _lines(safe(section.text))]
    elif section.kind == "reasoning":
        lines += [_styled(line, _DIM, look) for line in _lines(safe(section.text))]
    elif section.text.strip():
        lines.append(prose(section.text, look).strip("\n"))
    lines += [f"[attachment: {one_line(name)}]" for name in section.attachments]
    return "".join(f"{line}\n" for line in lines)


def _title(section: Section, look: Look) -> str:
    if section.kind not in _TOOLS:
        return _styled(section.title, _DIM if section.kind == "reasoning" else _BOLD, look)
    back = section.kind == "tool_output"
    arrow = ("←" if back else "→") if look.unicode else ("<-" if back else "->")
    title = "" if section.kind.startswith("tool_") else section.title.lower()
    return _styled(" ".join(filter(None, [arrow, title, one_line(section.name)])), _DIM, look)


def _lines(text: str) -> list[str]:
    return text.strip("\n").split("\n") if text.strip() else []


def _styled(text: str, style: tuple[str, str], look: Look) -> str:
    return f"{style[0]}{text}{style[1]}" if look.colour else text


def _local(timestamp: str) -> str:
    """A timestamp in local time; a text that is not a timestamp is unchanged."""
    try:
        return datetime.fromisoformat(timestamp).astimezone().isoformat(" ", "minutes")[:16]
    except ValueError:
        return one_line(timestamp)
