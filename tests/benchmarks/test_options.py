"""What the command line of the benchmarks asks for."""

from __future__ import annotations

import pytest

from benchmarks.command import parser, planned
from benchmarks.plan import FULL, QUICK, Plan


def asked(line: str) -> Plan:
    return planned(parser().parse_args(line.split()))


def test_without_options_all_is_measured() -> None:
    assert asked("") == FULL
    assert asked("--quick") == QUICK


def test_parts_can_be_asked_for_alone() -> None:
    assert asked("--only crowd --only library").parts == ("library", "crowd")


def test_the_main_table_is_of_the_size_nearest_to_that_of_the_targets() -> None:
    plan = asked("--sizes 20000 500 5000")
    assert (plan.sizes, plan.main) == ((500, 5000, 20000), 5000)


def test_rounds_are_those_of_operations_and_commands() -> None:
    plan = asked("--rounds 3")
    assert (plan.rounds, plan.command_runs) == (3, 3)


@pytest.mark.parametrize("line", ["--rounds 0", "--sizes 0", "--sizes 1", "--dir /nowhere"])
def test_what_cannot_be_measured_is_refused(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        asked(line)
    assert "error: argument" in capsys.readouterr().err
