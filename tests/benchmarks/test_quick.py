"""A tiny run of everything that is measured; what it took is nobody's business here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import cases, commands, document, drawing, imports, llm, measure
from benchmarks.crowd import Crowd
from benchmarks.plan import QUICK, Plan
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
    short_branches=12,
    crowd=Crowd(3, 2),
    command_sizes=(3,),
    command_runs=1,
    listed=3,
    searched=(2, 3),
    parts=("library", "tenants", "branches", "crowd"),
)
WITHOUT_BRANCHES = {"append", "append_early", "pop", "read_20", "read_all", "clear", "open"}
"""What the SDK's plain session does too."""

ABOVE_THE_FLOOR = {"by_turns", "turn_usage", "session_usage", "tool_usage", "clear"}
"""What is held against the SDK's class alone."""


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
    table = rows(report(TINY, [place], None).partition("SDK ÷ convo, time of")[0])
    for operation in OPERATIONS:
        sdk, plain, convo, floor, faster, _, _, is_met = table[operation.label]
        assert "-" not in (sdk, convo)
        assert not operation.faster or "-" not in (faster, is_met)
        assert (plain != "-") == (operation.name in WITHOUT_BRANCHES)
        assert (floor != "-") == (operation.name not in ABOVE_THE_FLOOR)


def test_no_operation_may_be_slower_at_any_size(place: Place) -> None:
    text = report(TINY, [place], None).partition("SDK ÷ convo, time of")[2]
    table = rows(text.partition("convo (SDK), by turns")[0])
    for operation in OPERATIONS:
        if operation.is_compared:
            small, main, is_met = table[operation.label]
            assert "-" not in (main, is_met)
            assert (small == "-") == (operation.name in ("append_early", "record"))
        else:
            assert operation.label not in table


def test_growth_and_the_other_cases_are_in_the_report(place: Place) -> None:
    text = report(TINY, [place], None)
    growth = rows(text.partition("convo (SDK), by turns")[2].partition("others of")[0])
    assert set(growth) >= {operation.label for operation in OPERATIONS if operation.growth}
    table = rows(text)
    for row in (
        "`get_items()` of the 10-item session, beside 0 others",
        "`get_items()` of the 10-item session, beside 2 others",
        "making a short branch, beside 0 others",
        "making a short branch, beside 2 others",
        "`list_branches()` of 12",
        "turns a second",
        "file descriptors",
        "threads",
    ):
        cells = table[row][: len(SUBJECTS)]
        assert cells.count("-") == ("branch" in row), row
    assert f"Files in `{place.folder}`" in text


def test_the_page_and_its_plot_are_written(place: Place, tmp_path: Path) -> None:
    document.write(TINY, [place], "THE TABLES", tmp_path)
    assert "THE TABLES" in (tmp_path / "performance.md").read_text()
    drawn = "".join(ElementTree.parse(tmp_path / "performance.svg").getroot().itertext())
    for operation in OPERATIONS:
        assert (operation.label.replace("`", "") in drawn) == bool(operation.growth)


def chosen(plan: Plan, folder: Path, *names: str) -> list[cases.Case]:
    """Only the command lines that a test has the time for."""
    return [case for case in cases.cases(plan, folder / "agent.py", None) if case.name in names]


def test_commands_are_measured_as_whole_processes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plan = replace(TINY, parts=("commands",))
    few = chosen(
        plan, tmp_path, cases.IMPORTS, "convo turns", "convo nosuch", "bash, and its first TAB"
    )
    failing = replace(few[1], name="convo nonsense", command=("nonsense",), code=0)
    monkeypatch.setattr(commands, "cases", lambda *_: [*few, failing])
    found = commands.measured(plan)
    assert found.cases == few
    assert [failure.partition(": exit 2")[1] for failure in found.failures] == [": exit 2"]
    table = rows(report(plan, [], found))
    assert "-" not in table["`convo turns`, 3 turns"]
    time, processor, ratio, *_ = table["`convo nosuch`"]
    assert "-" not in (time, processor)
    assert ratio == "-", "what it is compared with was not measured"
    assert "`convo`" in table


def test_a_chat_is_measured_to_its_prompt_and_to_its_first_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plan = replace(TINY, parts=("chat",))
    few = chosen(plan, tmp_path, cases.PROMPT_OF_CHAT, cases.FIRST_ANSWER)
    monkeypatch.setattr(commands, "cases", lambda *_: few)
    monkeypatch.setattr(llm, "folder", lambda: tmp_path / "none")
    found = commands.measured(plan)
    assert (found.failures, len(found.not_measured)) == ([], 1)
    table = rows(report(plan, [], found))
    assert all(table[f"`{case.name}`, 3 turns"][0] != "-" for case in few)


def test_a_file_is_searched_for_the_first_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plan = replace(TINY, parts=("commands",), first_searched=(2, 3))
    monkeypatch.setattr(commands, "cases", lambda *_: chosen(plan, tmp_path, "convo turns"))
    found = commands.measured(plan)
    assert found.failures == []
    row = rows(report(plan, [], found))
    assert "-" not in row["`convo search river`, 9 turns of 3 sessions, the first time"][0]


def test_llm_is_not_measured_where_it_cannot_be_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(llm, "folder", lambda: tmp_path / "file" / "llm")
    with pytest.raises(llm.NotInstalledError, match="a quick run does not"):
        llm.installed(may_install=False)
    with pytest.raises(llm.NotInstalledError, match="it cannot be installed: "):
        llm.installed(may_install=True)


def test_an_import_is_measured_for_every_kind_of_export() -> None:
    table = rows(imports.measured((20, 2)))
    assert {"20 conversations of 1 kB", "2 conversations of 100 kB, in one array"} <= set(table)
    assert all(row[-1] in {"yes", "**no**"} for name, row in table.items() if "of" in name)


def test_drawing_is_measured_for_every_kind_of_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "LENGTHS", (100, 300))
    table = rows(drawing.measured())
    assert set(drawing.BLOCKS) <= set(table)
    assert all(
        len(table[name]) == 4 and table[name][-1] in {"yes", "**no**"} for name in drawing.BLOCKS
    )
