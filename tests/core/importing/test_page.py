"""The source that docs/import.md writes as an example."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from convo import ConversationStore
from convo.importing.choosing import Choice, Totals
from convo.importing.source import Places, Report
from tests.core.importing.given import branches_of

PAGE = Path(__file__).parents[3] / "docs" / "import.md"


async def test_the_example_imports(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    module: dict[str, Any] = {}
    exec(compile(code, PAGE, "exec"), module)
    folder = tmp_path / ".local" / "share" / "diary"
    folder.mkdir(parents=True)
    days = [{"question": "Rain?", "answer": "No.", "time": "2026-11-01T08:00:00Z"}, 3]
    (folder / "oslo.jsonl").write_text("".join(json.dumps(one) + "\n" for one in days))
    source, report, totals = module["SOURCE"], Report(), Totals()
    (path,) = source.find(Places(tmp_path, {}, "linux"))
    async with ConversationStore(tmp_path / "c.db", create=True) as store:
        for _ in range(2):
            await store.import_from(source, [path], Choice(), report, totals)
        assert await branches_of(store, "rain") == {"main": "Rain?"}
    assert (totals.new, totals.same, report.count) == (1, 1, 2)
