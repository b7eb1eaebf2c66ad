"""How the files of the library and of the program may import each other, beside the contracts."""

from __future__ import annotations

from graphlib import TopologicalSorter

import grimp


def test_no_file_imports_itself_by_way_of_others_not_even_for_its_types() -> None:
    graph = grimp.build_graph("convo", "convo_cli", cache_dir=None)
    imported = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert "convo_cli.chat.state" in imported["convo_cli.chat.slash.parser"]
    # What is imported comes first: `CycleError` says which files have no order.
    assert len([*TopologicalSorter(imported).static_order()]) == len(imported)
