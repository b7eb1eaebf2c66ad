"""The plot: what each operation costs as the conversation grows, on logarithmic scales."""

from __future__ import annotations

import math

import leather
from leather import theme

from benchmarks.figures import duration
from benchmarks.results import Place
from benchmarks.subjects import SUBJECTS
from benchmarks.targets import OPERATIONS, Operation

_COLOURS = {"sdk": "#c0392b", "plain": "#e59866", "convo": "#1f618d", "floor": "#8a8a8a"}
_DASHES = {"floor": "6,4", "plain": "2,3"}
_WIDTH, _HEIGHT = 1500, 1100
_SIZES = {"title": 15, "legend": 12, "tick": 12}


def drawn(place: Place) -> str:
    """The plot as SVG: one panel for each operation that grows or must not."""
    _restyle()
    grid = leather.Grid()
    for operation in OPERATIONS:
        if operation.growth and len(place.series.sizes(operation.name)) > 1:
            grid.add_one(_panel(operation, place))
    return str(grid.to_svg(width=_WIDTH, height=_HEIGHT))


def _restyle() -> None:
    """The library keeps its style in the variables of a module."""
    theme.background_color = "#ffffff"
    theme.tick_color = theme.zero_color = "#e8e8e8"
    theme.label_color = theme.legend_color = "#555555"
    theme.margin = 0.06
    for part, size in _SIZES.items():
        setattr(theme, f"{part}_font_family", "sans-serif")
        setattr(theme, f"{part}_font_size", size)
        setattr(theme, f"{part}_font_char_width", size * 0.5)


def _panel(operation: Operation, place: Place) -> leather.Chart:
    chart = leather.Chart(operation.label.replace("`", ""))
    lowest, highest = math.inf, -math.inf
    for name, subject in SUBJECTS.items():
        points = _points(operation, name, place)
        if not points:
            continue
        lowest = min(lowest, *(y for _, y in points))
        highest = max(highest, *(y for _, y in points))
        colour = _COLOURS[name]
        chart.add_line(
            points, name=subject.label, stroke_color=colour, stroke_dasharray=_DASHES.get(name)
        )
    sizes = place.series.sizes(operation.name)
    exponents = [math.log10(size) for size in sizes]
    decades = list(range(math.floor(lowest), math.ceil(highest) + 1))
    chart.add_x_scale(exponents[0], exponents[-1])
    chart.add_y_scale(decades[0], decades[-1])
    chart.add_x_axis(exponents, lambda exponent, *_: f"{10**exponent:,.0f}")
    chart.add_y_axis(decades, lambda exponent, *_: duration(10.0**exponent).replace(".00", ""))
    return chart


def _points(operation: Operation, name: str, place: Place) -> list[tuple[float, float]]:
    points = []
    for size in place.series.sizes(operation.name):
        seconds = place.series.typical(operation.name, name, size)
        if seconds is not None:
            points.append((math.log10(size), math.log10(seconds)))
    return points
