"""The command line of the benchmarks."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import commands, document, drawing, evals, imports, measure, servers
from benchmarks.plan import COMMAND_PARTS, FULL, PARTS, QUICK, Plan
from benchmarks.report import report
from benchmarks.results import Place


def main(arguments: Sequence[str]) -> int:
    """Measure, print the tables, and return 0 unless something failed to run.

    A target that is missed is no failure: timings are for people to judge.
    """
    given = parser().parse_args(arguments)
    plan = planned(given)
    folders = given.dir or [Path(tempfile.gettempdir())]
    places = []
    parts = set(plan.parts)
    found = commands.measured(plan) if parts & COMMAND_PARTS else None
    if parts - COMMAND_PARTS - {"drawing", "imports", "evals", "server"}:
        places = [measure.measured(plan, folder) for folder in folders]
    text = report(plan, places, found)
    if "drawing" in parts:
        text = f"{text}\n{drawing.measured()}\n"
    if "imports" in parts:
        text = f"{text}\n{imports.measured(plan.imported)}\n"
    if "evals" in parts:
        text = f"{text}\n{evals.measured(plan.evaluated)}\n"
    failures = _failures(places)
    if "server" in parts:
        tables, failed = servers.measured(servers.QUICK if given.quick else servers.FULL)
        text = f"{text}\n{tables}\n"
        failures += failed
    print(text)
    if given.write:
        document.write(plan, places, text)
    return int(bool(failures or (found and found.failures)))


def planned(given: argparse.Namespace) -> Plan:
    """The plan that the options ask for."""
    plan = QUICK if given.quick else FULL
    if given.sizes:
        plan = plan.sized(tuple(sorted(given.sizes)))
    if given.only:
        plan = replace(plan, parts=tuple(part for part in PARTS if part in given.only))
    if given.rounds:
        plan = replace(plan, rounds=given.rounds, command_runs=given.rounds)
    return replace(plan, cpu=given.cpu)


def parser() -> argparse.ArgumentParser:
    """The options, with their help."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure convo beside the Agents SDK's sessions and plain sqlite3.",
    )
    add = made.add_argument
    add("--quick", action="store_true", help="small conversations, in less than a minute")
    add(
        "--dir",
        action="append",
        type=_folder,
        metavar="DIR",
        help="where the databases lie; repeated, everything is measured in each. What a commit "
        "costs depends on it: /dev/shm shows the work of the processor alone "
        "[default: the system's folder for temporary files]",
    )
    add("--only", action="append", choices=PARTS, help="measure only this; may be repeated")
    add("--sizes", nargs="+", type=_at_least(2), metavar="N", help="turns of the conversations")
    add("--rounds", type=_at_least(1), metavar="N", help="how often everything is measured")
    add(
        "--cpu",
        action="store_true",
        help="take the time of the processor instead of the clock's, which other programs on a "
        "busy machine disturb less; waiting for the disk is not in it",
    )
    add(
        "--write",
        action="store_true",
        help="write docs/performance.md, and the plot docs/performance.svg beside it",
    )
    return made


def _folder(name: str) -> Path:
    folder = Path(name)
    if not folder.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {name}")
    return folder


def _at_least(smallest: int) -> Callable[[str], int]:
    def number(word: str) -> int:
        if int(word) < smallest:
            raise argparse.ArgumentTypeError(f"at least {smallest}, not {word}")
        return int(word)

    return number


def _failures(places: Sequence[Place]) -> list[str]:
    return [failure for place in places for failure in place.failures]
