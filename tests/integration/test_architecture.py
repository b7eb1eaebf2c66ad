"""How files may import each other, beside what the contracts say; and the picture of that."""

from __future__ import annotations

from graphlib import TopologicalSorter

import grimp

from docs.draw_rooms import PICTURE, drawn


def test_no_file_imports_itself_by_way_of_others_not_even_for_its_types() -> None:
    graph = grimp.build_graph("convo", "convo_cli", cache_dir=None)
    imported = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert "convo_cli.chat.state" in imported["convo_cli.chat.slash.parser"]
    # What is imported comes first: `CycleError` says which files have no order.
    assert len([*TopologicalSorter(imported).static_order()]) == len(imported)


def test_the_picture_of_the_rooms_is_current() -> None:
    assert PICTURE.read_text(encoding="utf-8") == drawn(), (
        "write it again: python -m docs.draw_rooms"
    )
