"""Imports in words."""

from __future__ import annotations

from pathlib import Path

from convo.importing.choosing import Totals
from convo.importing.source import Report
from convo_cli.render.importing import (
    Finding,
    findings,
    progress,
    skipped_lines,
    summary,
    summary_document,
)


def test_how_far_an_import_is() -> None:
    totals = Totals(new=1_000, same=234)
    assert progress("codex", totals, 0.0, True) == (
        "codex: 1,234 sessions; Ctrl-C keeps what is done"
    )
    assert progress("codex", totals, 0.5, True).startswith("━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌ 50%  codex: ")
    assert progress("codex", totals, 1.0, False).startswith("#################### 100%")


def test_what_was_taken() -> None:
    totals = Totals(new=2, grown=1, same=3, deleted=1, not_chosen=4, empty=5, turns=9)
    assert summary("codex", totals, is_dry=False) == (
        "imported 2 sessions from codex and 1 session with new turns, 9 turns in all; 3 known "
        "already, 4 not chosen, 5 without turns, 1 deleted here, though longer there now"
    )
    assert summary("codex", Totals(), is_dry=True) == (
        "would import 0 sessions from codex, 0 turns in all"
    )


def test_what_was_left_out() -> None:
    report = Report()
    for number in range(1, 4):
        report.skip("f", number if number > 1 else None, "odd")
    assert list(skipped_lines(report, 2)) == [
        "left out f: odd",
        "left out f:2: odd",
        "and 1 more were left out; --json lists them",
    ]
    assert summary_document("codex", Totals(), report)["places"][1] == {
        "path": "f",
        "line": 2,
        "why": "odd",
    }


def test_many_reasons_are_counted_and_not_kept() -> None:
    report = Report()
    for number in range(5_000):
        report.skip("f", number, "odd")
    assert (report.count, len(report.skipped)) == (5_000, 1_000)


def test_the_sources_of_a_machine() -> None:
    found = findings([Finding("codex", [Path("a\x1b"), Path("b")], Totals(new=1, same=2), 0)])
    assert found.rows()[0]["paths"] == ["a\x1b", "b"]
    assert found.grid().rows == [["codex", "a\\x1b, b", "3", "1", "0"]]
