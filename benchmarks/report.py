"""The report: Markdown tables of what was measured, beside what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import median

from benchmarks import command_tables, library_tables, machine
from benchmarks.commands import Commands
from benchmarks.figures import duration
from benchmarks.plan import FULL, Plan
from benchmarks.results import Place


def report(plan: Plan, places: Sequence[Place], commands: Commands | None) -> str:
    """Everything that was measured, as one Markdown document without its title."""
    parts = [_circumstances(plan)]
    for place in places:
        parts += [_place_heading(place), *_library(plan, place)]
        if place.failures:
            parts.append("Failed: " + "; ".join(place.failures))
    if commands is not None:
        parts += [command_tables.commands(commands, plan), command_tables.imports(commands)]
        if commands.not_measured:
            parts.append("Not measured: " + "; ".join(commands.not_measured))
        if commands.failures:
            parts.append("Failed: " + "; ".join(commands.failures))
    return "\n\n".join(part for part in parts if part) + "\n"


def _library(plan: Plan, place: Place) -> list[str]:
    tables = []
    if "library" in plan.parts:
        tables += [
            library_tables.operations(plan, place),
            library_tables.never_slower(plan, place),
            library_tables.short_conversations(plan, place),
            library_tables.growth(plan, place),
        ]
    if "tenants" in plan.parts:
        tables.append(library_tables.tenants(plan, place))
    if "branches" in plan.parts:
        tables.append(library_tables.branches(plan, place))
    if "crowd" in plan.parts:
        tables.append(library_tables.crowd(plan, place))
    return tables


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
