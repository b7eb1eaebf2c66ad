"""A tiny run of everything that is measured; what it took is nobody's business here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import commands, document, measure
from benchmarks.crowd import Crowd
from benchmarks.plan import QUICK
from benchmarks.report import report
from benchmarks.results import Place
from benchmarks.subjects import SUBJECTS
from benchmarks.targets import OPERATIONS

TINY = replace(
    QUICK,
    sizes=(3, 6),
    main=6,
    rounds=1,
    most=1,
    others=(2, 3),
    crowd=Crowd(3, 2),
    command_sizes=(3,),
    command_runs=1,
    parts=("library", "tenants", "crowd"),
)
WITHOUT_BRANCHES = {"append", "pop", "read_20", "read_all", "open"}
"""What the SDK's plain session does too."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """What a tiny run of the library measured."""
    return measure.measured(TINY, tmp_path_factory.mktemp("bench"))


def rows(text: str) -> dict[str, list[str]]:
    """The cells of every row of the tables in a report, by the first cell."""
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return {line[0].strip(): [cell.strip() for cell in line[1:]] for line in lines}


def test_every_operation_was_measured_on_every_subject_that_has_it(place: Place) -> None:
    assert place.failures == []
    table = rows(report(TINY, [place], None).partition("convo (SDK), by turns")[0])
    for operation in OPERATIONS:
        sdk, plain, convo, floor, *verdict = table[operation.label]
        assert "-" not in (sdk, convo, floor)
        assert not operation.faster or "-" not in verdict
        assert (plain != "-") == (operation.name in WITHOUT_BRANCHES)


def test_growth_and_the_other_cases_are_in_the_report(place: Place) -> None:
    text = report(TINY, [place], None)
    growth = rows(text.partition("convo (SDK), by turns")[2].partition("others of")[0])
    assert set(growth) >= {operation.label for operation in OPERATIONS if operation.growth}
    table = rows(text)
    for row in (
        "`get_items()` of the 10-item session, beside 0 others",
        "`get_items()` of the 10-item session, beside 2 others",
        "turns a second",
        "file descriptors",
        "threads",
    ):
        assert "-" not in table[row][: len(SUBJECTS)]
    assert f"Files in `{place.folder}`" in text


def test_the_page_and_its_plot_are_written(place: Place, tmp_path: Path) -> None:
    document.write(TINY, [place], "THE TABLES", tmp_path)
    assert "THE TABLES" in (tmp_path / "performance.md").read_text()
    drawn = "".join(ElementTree.parse(tmp_path / "performance.svg").getroot().itertext())
    for operation in OPERATIONS:
        assert (operation.label.replace("`", "") in drawn) == bool(operation.growth)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[commands.Case]:
    """Only the command lines that a test has the time for, and one that fails."""
    chosen = [
        case
        for case in commands.cases(TINY.command_sizes)
        if case.name
        in {commands.IMPORTS, "convo turns", commands.PROMPT_OF_CHAT, "one TAB in bash"}
    ]
    failing = replace(chosen[1], name="convo nonsense", command=("nonsense",))
    monkeypatch.setattr(commands, "cases", lambda _: [*chosen, failing])
    return chosen


def test_commands_are_measured_as_whole_processes(few: list[commands.Case]) -> None:
    found = commands.measured(TINY)
    assert found.cases == few
    assert [failure.partition(": exit 2")[1] for failure in found.failures] == [": exit 2"]
    table = rows(report(replace(TINY, parts=("commands",)), [], found))
    time, ratio, peak, target, met = table["`convo turns`, 3 turns"]
    assert "-" not in (time, ratio, peak, target, met)
    assert "`convo`" in table
