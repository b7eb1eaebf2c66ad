"""The report: Markdown tables of what was measured, beside what was asked for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from statistics import median

from benchmarks import machine
from benchmarks.commands import Case, Commands
from benchmarks.plan import FULL, Plan
from benchmarks.results import CrowdResult, Place
from benchmarks.subjects import SUBJECTS
from benchmarks.targets import (
    CROWD_DESCRIPTORS,
    CROWD_FASTER,
    CROWD_THREADS,
    OPERATIONS,
    TENANT,
    Operation,
    Verdict,
    grown,
    growth_allowed,
    verdict,
)

_LABELS = [subject.label for subject in SUBJECTS.values()]
_NONE = "-"


def report(plan: Plan, places: Sequence[Place], commands: Commands | None) -> str:
    """Everything that was measured, as one Markdown document without its title."""
    parts = [_circumstances(plan)]
    for place in places:
        parts.append(_place_heading(place))
        if "library" in plan.parts:
            parts += [_operations(plan, place), _growth(plan, place)]
        if "tenants" in plan.parts:
            parts.append(_tenants(plan, place))
        if "crowd" in plan.parts:
            parts.append(_crowd(plan, place))
        if place.failures:
            parts.append("Failed: " + "; ".join(place.failures))
    if commands is not None:
        parts += [_commands(commands, plan), _imports(commands)]
        if commands.failures:
            parts.append("Failed: " + "; ".join(commands.failures))
    return "\n\n".join(part for part in parts if part) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; its first column is text, the others are figures."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def duration(seconds: float | None) -> str:
    """A time with three digits, in the unit that suits it."""
    if seconds is None:
        return _NONE
    for unit, scale in (("µs", 1e6), ("ms", 1e3)):
        if seconds * scale < 999.5:
            return f"{_three_digits(seconds * scale)} {unit}"
    return f"{_three_digits(seconds)} s"


def times(ratio: float | None) -> str:
    """A ratio."""
    return _NONE if ratio is None else f"{_three_digits(ratio)}x"


def _three_digits(number: float) -> str:
    digits = 2 - math.floor(math.log10(number)) if number > 0 else 0
    return f"{number:,.{min(max(digits, 0), 2)}f}"


def _met(is_met: bool | None) -> str:
    return _NONE if is_met is None else "yes" if is_met else "**no**"


def _circumstances(plan: Plan) -> str:
    now = datetime.now(UTC)
    lines = [
        f"{now:%Y-%m-%d}, on {machine.machine()}; load {machine.load()} at the end.",
        ", ".join(machine.versions()) + ".",
        f"Rounds: {plan.rounds}. Times are medians; so are ratios, each taken within a round.",
    ]
    if plan.cpu:
        lines.append("Times are those of the processor, not of the clock.")
    if (plan.main, plan.others) != (FULL.main, FULL.others):
        lines.append("**The targets are those of bigger conversations than were measured here.**")
    return "\n".join(lines)


def _place_heading(place: Place) -> str:
    ordered = sorted(place.commits)
    fast, usual = ordered[len(ordered) // 10], median(ordered)
    return (
        f"## Files in `{place.folder}`\n\nOn {place.filesystem}, where a durable commit of one "
        f"small row took {duration(usual)}, and {duration(fast)} or less one time in ten."
    )


def _operations(plan: Plan, place: Place) -> str:
    rows = (_operation_row(operation, place, plan.main) for operation in OPERATIONS)
    head = [f"at {plan.main:,} turns", *_LABELS, "SDK ÷ convo", "convo ÷ floor", "target", "met"]
    return table(head, rows)


def _operation_row(operation: Operation, place: Place, size: int) -> list[str]:
    found = verdict(operation, place.series, size)
    return [
        operation.label,
        *(duration(place.series.typical(operation.name, name, size)) for name in SUBJECTS),
        times(found.times_faster),
        times(found.times_floor),
        _target(operation),
        _met(found.is_met),
    ]


def _target(operation: Operation) -> str:
    asked = []
    if operation.faster:
        asked.append(f"SDK ≥ {operation.faster:g}x")
    if operation.over_floor:
        asked.append(f"floor ≤ {operation.over_floor:g}x")
    return ", ".join(asked) or _NONE


def _growth(plan: Plan, place: Place) -> str:
    head = ["convo (SDK), by turns", *(f"{size:,}" for size in plan.sizes)]
    head += ["growth", "allowed", "met"]
    rows = [_growth_row(operation, plan, place) for operation in OPERATIONS if operation.growth]
    return table(head, rows)


def _growth_row(operation: Operation, plan: Plan, place: Place) -> list[str]:
    cells = []
    for size in plan.sizes:
        ours, theirs = (
            duration(place.series.typical(operation.name, name, size)) for name in ("convo", "sdk")
        )
        cells.append(f"{ours} ({theirs})")
    return [operation.label, *cells, *_growth_cells(operation, grown(operation, place.series))]


def _growth_cells(operation: Operation, found: tuple[int, int, float] | None) -> list[str]:
    if found is None:
        return [_NONE, operation.growth, _NONE]
    start, end, ratio = found
    allowed = growth_allowed(operation.growth, start, end)
    return [
        f"{times(ratio)} from {start:,}",
        f"{operation.growth}: {times(allowed)}",
        _met(ratio <= allowed),
    ]


def _tenants(plan: Plan, place: Place) -> str:
    others, turns = plan.others
    series, rows = place.series, []
    for count in (0, others):
        cells = [duration(series.typical(TENANT.name, name, count)) for name in SUBJECTS]
        found = verdict(TENANT, series, count) if count else Verdict(None, None, None)
        told = times(found.times_faster), _target(TENANT) if count else _NONE, _met(found.is_met)
        rows.append([f"{TENANT.label}, beside {count:,} others", *cells, *told])
    growth = series.ratio((TENANT.name, "convo", others), (TENANT.name, "convo", 0))
    allowed = growth_allowed(TENANT.growth, 1, 1)
    is_met = None if growth is None else growth <= allowed
    blanks = [""] * len(SUBJECTS)
    grew = [times(growth), f"flat: {times(allowed)}", _met(is_met)]
    rows.append(["growth of convo", *blanks, *grew])
    head = [f"others of {turns * 4:,} rows", *_LABELS, "SDK ÷ convo", "target", "met"]
    return table(head, rows)


def _crowd(plan: Plan, place: Place) -> str:
    ours, sdk = (place.crowd.get(name, CrowdResult(error=_NONE)) for name in ("convo", "sdk"))
    ratio = ours.turns_per_second / sdk.turns_per_second
    cells: dict[str, list[str]] = {"turns a second": [], "file descriptors": [], "threads": []}
    for name in SUBJECTS:
        found = place.crowd.get(name, CrowdResult(error=_NONE))
        values = (found.turns_per_second, found.descriptors, found.threads)
        for row, value in zip(cells.values(), values, strict=True):
            row.append(_NONE if found.error else f"{value:,.0f}")
    asked = {
        "turns a second": (f"SDK ≥ {CROWD_FASTER}x ({times(ratio)})", ratio >= CROWD_FASTER),
        "file descriptors": (f"≤ {CROWD_DESCRIPTORS}", ours.descriptors <= CROWD_DESCRIPTORS),
        "threads": (f"≤ {CROWD_THREADS}", ours.threads <= CROWD_THREADS),
    }
    head = [f"{plan.crowd.sessions:,} sessions, {plan.crowd.turns} turns each, at once"]
    rows = ([name, *cells[name], asked[name][0], _met(asked[name][1])] for name in cells)
    return table([*head, *_LABELS, "target", "met"], rows)


def _commands(commands: Commands, plan: Plan) -> str:
    head = ["whole process", "time", "ratio", "peak memory", "target", "met"]
    note = (
        f"## The command line\n\nMedians of {plan.command_runs} runs. The ratio is that to "
        "the imports in the first row; that of a chat to `import agents`."
    )
    return f"{note}\n\n{table(head, (_command_row(commands, case) for case in commands.cases))}"


def _command_row(commands: Commands, case: Case) -> list[str]:
    key = (case.name, "process", case.on)
    ratio = commands.series.ratio(key, (case.over, "process", 0))
    took = commands.series.typical(*key)
    peak = commands.peaks.get(case, 0) / 2**20
    asked = [f"≤ {case.limit:g}x"] if case.limit else []
    asked += [f"≤ {case.seconds:g} s"] if case.seconds else []
    asked += [f"≤ {case.peak} MB"] if case.peak else []
    checks = [ratio is not None and ratio <= case.limit] if case.limit else []
    checks += [took is not None and took <= case.seconds] if case.seconds else []
    checks += [0 < peak <= case.peak] if case.peak else []
    return [
        f"`{case.name}`" + (f", {case.on:,} turns" if case.on else ""),
        duration(took),
        times(ratio),
        f"{peak:.0f} MB" if peak else _NONE,
        ", ".join(asked) or _NONE,
        _met(all(checks)) if checks else _NONE,
    ]


def _imports(commands: Commands) -> str:
    longest = list(commands.imports.items())[:10]
    rows = [[f"`{package}`", duration(seconds)] for package, seconds in longest]
    rows.append(["all", duration(sum(commands.imports.values()))])
    return table(["`convo turns` imports (`-X importtime`)", "time"], rows)
