"""Tables of what whole processes took."""

from __future__ import annotations

from benchmarks.cases import AGENTS, IMPORTS, LLM, ONE_REPLAY, SQLITE, TYPER, Case
from benchmarks.commands import Commands
from benchmarks.figures import NONE, duration, met, table, times
from benchmarks.plan import Plan

_CALLED = {
    TYPER: "typer",
    IMPORTS: "imports",
    SQLITE: "sqlite3",
    AGENTS: "agents",
    LLM: "llm",
    ONE_REPLAY: "one model",
}
"""What the targets call the commands that others are compared with."""


def commands(found: Commands, plan: Plan) -> str:
    """Every command line with what it took and what it may take."""
    head = ["whole process", "time", "processor", "ratio", "peak memory", "target", "met"]
    note = (
        f"## The command line\n\nMedians of {plan.command_runs} runs. A ratio is that to what the "
        f"target names: `{TYPER}` (typer), `{IMPORTS}` (imports), `{SQLITE}` (sqlite3), "
        f"`{AGENTS}` (agents), or `{LLM}` (llm)."
    )
    return f"{note}\n\n{table(head, (_command_row(found, case) for case in found.cases))}"


def imports(found: Commands) -> str:
    """The longest imports of a command."""
    if not found.imports:
        return ""
    longest = list(found.imports.items())[:10]
    rows = [[f"`{package}`", duration(seconds)] for package, seconds in longest]
    rows.append(["all", duration(sum(found.imports.values()))])
    return table(["`convo turns` imports (`-X importtime`)", "time"], rows)


def _command_row(found: Commands, case: Case) -> list[str]:
    keys = {one.name: one.key for one in found.cases}
    ratios = [
        (found.series.ratio(case.key, keys.get(name, (name, "", 0))), limit, name)
        for name, limit in case.limits
    ]
    took = found.series.typical(*case.key)
    peak = found.peaks.get(case, 0) / 2**20
    asked = [f"≤ {limit:g}x {_CALLED[name]}" for _, limit, name in ratios]
    asked += [f"≤ {case.seconds:g} s"] if case.seconds else []
    asked += [f"≤ {case.peak} MB"] if case.peak else []
    checks = [None if ratio is None else ratio <= limit for ratio, limit, _ in ratios]
    checks += [took is not None and took <= case.seconds] if case.seconds else []
    checks += [0 < peak <= case.peak] if case.peak else []
    return [
        f"`{case.name}`" + (f", {case.on.label}" if case.on else ""),
        duration(took),
        duration(found.processor.typical(*case.key) or None),
        ", ".join(times(ratio) for ratio, _, _ in ratios) or NONE,
        f"{peak:.0f} MB" if peak else NONE,
        ", ".join(asked) or NONE,
        met(_all_of(checks)),
    ]


def _all_of(checks: list[bool | None]) -> bool | None:
    """Whether all that was asked is so; None where that cannot be told."""
    if False in checks:
        return False
    return True if checks and None not in checks else None
