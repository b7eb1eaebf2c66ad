"""Tables of what the library took, beside the SDK's classes and the floor."""

from __future__ import annotations

from benchmarks.figures import NONE, duration, met, table, times
from benchmarks.plan import Plan
from benchmarks.results import CrowdResult, Place, Series
from benchmarks.subjects import SUBJECTS
from benchmarks.targets import (
    CROWD_DESCRIPTORS,
    CROWD_FASTER,
    CROWD_THREADS,
    LIST_AGAIN,
    LIST_SHORT,
    OPERATIONS,
    SHORT,
    SHORT_BRANCH,
    TENANT,
    Operation,
    Verdict,
    compared,
    grown,
    growth_allowed,
    is_never_slower,
    verdict,
)

_LABELS = [subject.label for subject in SUBJECTS.values()]


def operations(plan: Plan, place: Place) -> str:
    """Every operation at the main size, on every subject."""
    rows = (_operation_row(operation, place, plan.main) for operation in OPERATIONS)
    head = [f"at {plan.main:,} turns", *_LABELS, "SDK ÷ convo", "convo ÷ floor", "target", "met"]
    return table(head, rows)


def never_slower(plan: Plan, place: Place) -> str:
    """The SDK's class against ours at every size up to the main one, in the processor's time."""
    sizes = plan.compared_sizes()
    rows = []
    for operation in OPERATIONS:
        if operation.is_compared:
            ratios = compared(operation, place.processor, sizes)
            rows.append([operation.label, *map(times, ratios), met(is_never_slower(ratios))])
    head = ["SDK ÷ convo, time of the processor", *(f"{size:,} turns" for size in sizes), "≥ 1x"]
    return table(head, rows)


def short_conversations(plan: Plan, place: Place) -> str:
    """Ours against the SDK's plain session, where most conversations are."""
    if SHORT not in plan.sizes:
        return ""
    asked = [operation for operation in OPERATIONS if operation.over_plain]
    rows = [_short_row(operation, place.processor) for operation in asked]
    head = [f"at {SHORT} turns, time of the processor", "SDK plain", "convo"]
    return table([*head, "convo ÷ SDK plain", "target", "met"], rows)


def growth(plan: Plan, place: Place) -> str:
    """How ours grows with the conversation, the SDK's class in brackets."""
    head = ["convo (SDK), by turns", *(f"{size:,}" for size in plan.sizes)]
    head += ["growth", "allowed", "met"]
    rows = [_growth_row(operation, plan, place) for operation in OPERATIONS if operation.growth]
    return table(head, rows)


def tenants(plan: Plan, place: Place) -> str:
    """A short session, alone and beside many others."""
    others, turns = plan.others
    rows = [
        _beside_row(TENANT, f"{TENANT.label}, beside {count:,} others", place, count, count == 0)
        for count in (0, others)
    ]
    rows.append(_beside_growth(TENANT, place, others))
    return _beside_table(f"others of {turns * 4:,} rows", rows)


def branches(plan: Plan, place: Place) -> str:
    """Short branches: the first ones, and those beside many others."""
    alone, beside = (contents.branches for contents in plan.branches())
    rows = [
        _beside_row(SHORT_BRANCH, f"{SHORT_BRANCH.label}, beside {count:,} others", place, count)
        for count in (alone, beside)
    ]
    rows.append(_beside_growth(SHORT_BRANCH, place, beside))
    label = f"{LIST_SHORT.label} of {plan.short_branches:,}"
    rows.append(_beside_row(LIST_SHORT, label, place, beside))
    rows.append(_beside_row(LIST_AGAIN, LIST_AGAIN.label, place, beside))
    return _beside_table("short branches", rows)


def crowd(plan: Plan, place: Place) -> str:
    """Many sessions that append at once."""
    ours, sdk = (place.crowd.get(name, CrowdResult(error=NONE)) for name in ("convo", "sdk"))
    ratio = ours.turns_per_second / sdk.turns_per_second
    cells: dict[str, list[str]] = {"turns a second": [], "file descriptors": [], "threads": []}
    for name in SUBJECTS:
        found = place.crowd.get(name, CrowdResult(error=NONE))
        values = (found.turns_per_second, found.descriptors, found.threads)
        for row, value in zip(cells.values(), values, strict=True):
            row.append(NONE if found.error else f"{value:,.0f}")
    asked = {
        "turns a second": (f"SDK ≥ {CROWD_FASTER}x ({times(ratio)})", ratio >= CROWD_FASTER),
        "file descriptors": (f"≤ {CROWD_DESCRIPTORS}", ours.descriptors <= CROWD_DESCRIPTORS),
        "threads": (f"≤ {CROWD_THREADS}", ours.threads <= CROWD_THREADS),
    }
    head = [f"{plan.crowd.sessions:,} sessions, {plan.crowd.turns} turns each, at once"]
    rows = ([name, *cells[name], asked[name][0], met(asked[name][1])] for name in cells)
    return table([*head, *_LABELS, "target", "met"], rows)


def _short_row(operation: Operation, processor: Series) -> list[str]:
    plain, ours = ((operation.name, subject, SHORT) for subject in ("plain", "convo"))
    ratio = processor.ratio(ours, plain)
    is_met = None if ratio is None else ratio <= operation.over_plain
    seconds = (processor.typical(*key) for key in (plain, ours))
    target = f"≤ {operation.over_plain:g}x"
    return [operation.label, *map(duration, seconds), times(ratio), target, met(is_met)]


def _operation_row(operation: Operation, place: Place, size: int) -> list[str]:
    found = verdict(operation, place.series, size)
    return [
        operation.label,
        *(duration(place.series.typical(operation.name, name, size)) for name in SUBJECTS),
        times(found.times_faster),
        times(found.times_floor),
        _target(operation),
        met(found.is_met),
    ]


def _target(operation: Operation) -> str:
    asked = []
    if operation.faster:
        asked.append(f"SDK ≥ {operation.faster:g}x")
    if operation.over_floor:
        asked.append(f"floor ≤ {operation.over_floor:g}x")
    return ", ".join(asked) or NONE


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
        return [NONE, operation.growth, NONE]
    start, end, ratio = found
    allowed = growth_allowed(operation.growth, start, end)
    return [
        f"{times(ratio)} from {start:,}",
        f"{operation.growth}: {times(allowed)}",
        met(ratio <= allowed),
    ]


def _beside_table(head: str, rows: list[list[str]]) -> str:
    return table([head, *_LABELS, "SDK ÷ convo", "target", "met"], rows)


def _beside_row(
    operation: Operation, label: str, place: Place, count: int, is_alone: bool = False
) -> list[str]:
    """An operation beside so many others; what is alone is there to compare, without a verdict."""
    cells = [duration(place.series.typical(operation.name, name, count)) for name in SUBJECTS]
    found = Verdict(None, None, None) if is_alone else verdict(operation, place.series, count)
    asked = NONE if is_alone else _target(operation)
    return [label, *cells, times(found.times_faster), asked, met(found.is_met)]


def _beside_growth(operation: Operation, place: Place, count: int) -> list[str]:
    """How many times longer ours takes beside so many others than alone."""
    name = operation.name
    ratio = place.series.ratio((name, "convo", count), (name, "convo", 0))
    allowed = growth_allowed(operation.growth, 1, 1)
    is_met = None if ratio is None else ratio <= allowed
    blanks = [""] * len(SUBJECTS)
    return ["growth of convo", *blanks, times(ratio), f"flat: {times(allowed)}", met(is_met)]
