"""Imports in words: how far one is, what it took, what it left out, and what could be imported."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from convo.importing.choosing import Totals
from convo.importing.source import Report
from convo_cli.render.data import shapes
from convo_cli.render.data.rows import Row
from convo_cli.render.listings import Listing
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import counted, one_line

FINDING_KEYS = tuple(shapes.FOUND_SOURCE)

_BAR = 20


class Finding(NamedTuple):
    """What this machine has of a source."""

    source: str
    paths: Sequence[Path]
    totals: Totals
    skipped: int


def findings(found: Sequence[Finding]) -> Listing:
    """The sources that are found."""

    def rows() -> list[Row]:
        return [
            {
                "source": one.source,
                "paths": [str(path) for path in one.paths],
                "sessions": one.totals.met,
                "new": one.totals.new,
                "grown": one.totals.grown,
                "skipped": one.skipped,
            }
            for one in found
        ]

    def grid() -> Grid:
        columns = [
            Column("source"),
            Column("found", weight=1, wraps=True),
            Column("sessions", numeric=True),
            Column("new", numeric=True),
            Column("grown", numeric=True),
        ]
        lines = [
            [
                one.source,
                one_line(", ".join(str(path) for path in one.paths)),
                f"{one.totals.met:,}",
                f"{one.totals.new:,}",
                f"{one.totals.grown:,}",
            ]
            for one in found
        ]
        return Grid(columns, lines)

    return Listing(FINDING_KEYS, rows, grid)


def progress(source: str, totals: Totals, done: float, unicode: bool) -> str:
    """How far an import is: the share of the bytes read, 0 if that is not known."""
    said = f"{source}: {counted(totals.met, 'session')}"
    if done:
        full = int(done * _BAR)
        dark, light = ("━", "╌") if unicode else ("#", "-")
        said = f"{dark * full}{light * (_BAR - full)} {done:.0%}  {said}"
    return f"{said}; Ctrl-C keeps what is done"


def summary(source: str, totals: Totals, *, is_dry: bool) -> str:
    """The sessions and turns that were taken, in a sentence."""
    would = "would import" if is_dry else "imported"
    parts = [f"{would} {counted(totals.new, 'session')} from {source}"]
    if totals.grown:
        parts.append(f"{counted(totals.grown, 'session')} with new turns")
    said = " and ".join(parts) + f", {counted(totals.turns, 'turn')} in all"
    others = [
        (totals.same, "known already"),
        (totals.not_chosen, "not chosen"),
        (totals.empty, "without turns"),
        (totals.deleted, "deleted here, though longer there now"),
    ]
    rest = [f"{count:,} {what}" for count, what in others if count]
    return f"{said}; {', '.join(rest)}" if rest else said


def skipped_lines(report: Report, most: int) -> Iterator[str]:
    """The places that were left out, a line each, and how many more there are."""
    for one in report.skipped[:most]:
        line = "" if one.line is None else f":{one.line}"
        yield f"left out {one.path}{line}: {one.why}"
    if report.count > most:
        yield f"and {report.count - most:,} more were left out; --json lists them"


def summary_row(source: str, totals: Totals, report: Report) -> Row:
    """The counts of an import."""
    return {
        "source": source,
        "new": totals.new,
        "grown": totals.grown,
        "turns": totals.turns,
        "known": totals.same,
        "not_chosen": totals.not_chosen,
        "empty": totals.empty,
        "deleted_here": totals.deleted,
        "skipped": report.count,
    }


def summary_document(source: str, totals: Totals, report: Report) -> Row:
    """The counts of an import, with what was left out and why."""
    places = [{"path": one.path, "line": one.line, "why": one.why} for one in report.skipped]
    return {**summary_row(source, totals, report), "places": places}
