"""Draws docs/architecture.svg: the rooms of the program and of the library, and their imports.

`python -m docs.draw_rooms` writes it again; a test tells when it is not current. An arrow that
follows from others is left out. A circle of rooms cannot be drawn, and is an error.
"""

from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import grimp

PICTURE = Path(__file__).with_name("architecture.svg")

Rooms = Mapping[str, set[str]]
"""Of each room the rooms that it imports."""

WORDS = "convo"
"""The files of the library that lie in no folder: names, records, results and errors.

A file there that imports a folder, as `engines` does, is a room of its own.
"""

_BOX = 116, 34
_GAP = 22, 32
_MARGIN = 24
_TITLE = 26
_ROUNDS = 24
_BETWEEN = 40
_LINE = 'fill="none" stroke="#666" marker-end="url(#head)"'
_TITLES = {"convo_cli": "the program, cli/convo_cli", "convo": "the library, core/convo"}
_COLOURS = {"convo": ("#e8f0fb", "#2f5c9e"), "convo_cli": ("#fdf1e3", "#9a5b13")}


class Box(NamedTuple):
    """A room, or a bend of an arrow that passes its row; and the middle of it."""

    name: str
    row: int
    x: float

    @property
    def y(self) -> float:
        """Where its middle is, from above."""
        return 2 * _MARGIN + 2 * _TITLE + self.row * (_BOX[1] + _GAP[1]) + _BOX[1] / 2


def imports() -> Rooms:
    """The rooms with what they import when they run."""
    graph = grimp.build_graph(
        "convo", "convo_cli", exclude_type_checking_imports=True, cache_dir=None
    )
    folders = {module for module in graph.find_children(WORDS) if graph.find_children(module)}
    room_of = {module: _room(module, graph.find_children(module)) for module in graph.modules}
    for module in graph.find_children(WORDS) - folders:
        found = graph.find_modules_directly_imported_by(module)
        if any(room_of[other] in folders for other in found):
            room_of[module] = module
    rooms: dict[str, set[str]] = {room: set() for room in room_of.values() if room}
    for module, room in room_of.items():
        if room is None:
            continue
        found = {room_of[other] for other in graph.find_modules_directly_imported_by(module)}
        rooms[room] |= {other for other in found if other and other != room}
    return rooms


def _room(module: str, children: Iterable[str]) -> str | None:
    """The room of a module; None for a file of the program beside the rooms, such as `app`."""
    package, *inner = module.split(".")
    if inner and (len(inner) > 1 or children):
        return f"{package}.{inner[0]}"
    return WORDS if package == WORDS else None


def without_shortcuts(rooms: Rooms) -> Rooms:
    """The same without the arrows that follow from others. Raises `CycleError` for a circle."""
    reached: dict[str, set[str]] = {}
    for room in TopologicalSorter(rooms).static_order():
        reached[room] = set().union(*({other} | reached[other] for other in rooms[room]))
    return {
        room: {other for other in found if not any(other in reached[third] for third in found)}
        for room, found in rooms.items()
    }


def rows(rooms: Rooms) -> dict[str, int]:
    """The row of each room, from above: below all that import it."""
    above: dict[str, list[str]] = {room: [] for room in rooms}
    for room in sorted(rooms):
        for other in rooms[room]:
            above[other].append(room)
    row: dict[str, int] = {}
    for room in reversed([*TopologicalSorter(rooms).static_order()]):
        row[room] = max((row[other] + 1 for other in above[room]), default=0)
    return row


def placed(rooms: Rooms, left: float) -> tuple[list[Box], list[list[Box]]]:
    """All boxes and bends, and those that each arrow goes through; from `left` to the right."""
    row = rows(rooms)
    order: list[list[str]] = [[] for _ in range(max(row.values()) + 1)]
    for room in sorted(rooms):
        order[row[room]].append(room)
    arrows: list[list[str]] = []
    for room in sorted(rooms):
        for other in sorted(rooms[room]):
            bends = [f"{room} > {other} @ {at}" for at in range(row[room] + 1, row[other])]
            for at, bend in enumerate(bends, row[room] + 1):
                order[at].append(bend)
            arrows.append([room, *bends, other])
    x = _settled(order, arrows)
    left -= min(x[name] - _width(name) / 2 for name in x)
    at = {
        name: Box(name, number, x[name] + left)
        for number, names in enumerate(order)
        for name in names
    }
    return [*at.values()], [[at[name] for name in arrow] for arrow in arrows]


def _settled(order: list[list[str]], arrows: list[list[str]]) -> dict[str, float]:
    """The middle of each box from the left, once each has moved to where its neighbours are."""
    beside: dict[str, list[str]] = {name: [] for names in order for name in names}
    for arrow in arrows:
        for upper, lower in pairwise(arrow):
            beside[upper].append(lower)
            beside[lower].append(upper)
    x = _spread(order)
    for _ in range(_ROUNDS):
        for names in [*order, *order[::-1]]:
            wish = {
                name: sum(x[other] for other in beside[name]) / len(beside[name])
                if beside[name]
                else x[name]
                for name in names
            }
            names.sort(key=lambda name: (wish[name], name))
            x |= _spread([names])
    return x


def _spread(order: list[list[str]]) -> dict[str, float]:
    """The boxes of each row side by side, the row in the middle of the picture."""
    x = {}
    for names in order:
        right = -(sum(map(_width, names)) + _GAP[0] * (len(names) - 1)) / 2
        for name in names:
            x[name] = right + _width(name) / 2
            right += _width(name) + _GAP[0]
    return x


def _width(name: str) -> float:
    return 8 if " > " in name else _BOX[0]


def drawn() -> str:
    """The picture: the program at the left, the library at the right."""
    rooms = imports()
    shapes: list[str] = []
    lefts, rights, bottom = [float(_MARGIN)], [], 0.0
    for package, title in _TITLES.items():
        own = {room for room in rooms if room.partition(".")[0] == package}
        inside = without_shortcuts({room: rooms[room] & own for room in own})
        boxes, arrows = placed(inside, lefts[-1] + _MARGIN)
        rights.append(max(box.x + _width(box.name) / 2 for box in boxes) + _MARGIN)
        bottom = max(bottom, *(box.y + _BOX[1] / 2 + _MARGIN for box in boxes))
        shapes += [
            f'<text x="{(lefts[-1] + rights[-1]) / 2:.0f}" y="{_MARGIN + _TITLE}"'
            f' font-weight="bold" fill="#111">{title}</text>',
            *map(_arrow, arrows),
            *(_box(box) for box in boxes if box.name in rooms),
        ]
        lefts.append(rights[-1] + _BETWEEN)
    frames = [_frame(left, right, bottom) for left, right in zip(lefts, rights, strict=False)]
    between = f"M{rights[0]:.0f} {_MARGIN + _TITLE}H{lefts[1]:.0f}"
    width, height = rights[-1] + _MARGIN, bottom + _MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}"'
            f' width="{width:.0f}" height="{height:.0f}" font-family="sans-serif"'
            ' font-size="14" text-anchor="middle">',
            "<title>The rooms of the program and of the library. An arrow leads from a room to one"
            " that it imports.</title>",
            '<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
            ' orient="auto"><path d="M0 0 8 4 0 8z" fill="#666"/></marker>',
            f'<rect width="{width:.0f}" height="{height:.0f}" rx="8" fill="#fff"/>',
            *frames,
            f'<path d="{between}" {_LINE}/>',
            *shapes,
            "</svg>\n",
        ]
    )


def _frame(left: float, right: float, bottom: float) -> str:
    return (
        f'<rect x="{left:.0f}" y="{_MARGIN}" width="{right - left:.0f}"'
        f' height="{bottom - _MARGIN:.0f}" rx="8" fill="none" stroke="#bbb"/>'
    )


def _arrow(through: list[Box]) -> str:
    first, *bends, last = through
    points = [(first.x, first.y + _BOX[1] / 2)]
    for bend in bends:
        points += [(bend.x, bend.y - _BOX[1] / 2), (bend.x, bend.y + _BOX[1] / 2)]
    points.append((last.x, last.y - _BOX[1] / 2))
    path = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
    for number, (before, after) in enumerate(pairwise(points)):
        middle = (before[1] + after[1]) / 2
        path += (
            f"L{after[0]:.0f} {after[1]:.0f}"
            if number % 2
            else f"C{before[0]:.0f} {middle:.0f} {after[0]:.0f} {middle:.0f}"
            f" {after[0]:.0f} {after[1]:.0f}"
        )
    return f'<path d="{path}" {_LINE}/>'


def _box(box: Box) -> str:
    package, _, name = box.name.partition(".")
    fill, stroke = _COLOURS[package]
    return (
        f'<rect x="{box.x - _BOX[0] / 2:.0f}" y="{box.y - _BOX[1] / 2:.0f}" width="{_BOX[0]}"'
        f' height="{_BOX[1]}" rx="6" fill="{fill}" stroke="{stroke}"/>'
        f'<text x="{box.x:.0f}" y="{box.y + 5:.0f}" fill="#111">{escape(name or "words")}</text>'
    )


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
