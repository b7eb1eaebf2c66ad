"""The items that the server has sent and still knows by their ids, as the Responses API does."""

from __future__ import annotations

import threading
from typing import Any

JsonObject = dict[str, Any]


class Memory:
    """Items by id; of two that belong together, the later knows the reasoning before it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._items: dict[str, JsonObject] = {}
        self._reasoning: dict[str, str] = {}

    def keep(self, output: list[JsonObject]) -> None:
        """Keep the items of a response that was asked for with `store`."""
        with self._lock:
            before: JsonObject = {}
            for item in output:
                self._items[item["id"]] = item
                if before.get("type") == "reasoning" and item["type"] != "reasoning":
                    self._reasoning[item["id"]] = before["id"]
                before = item

    def forget(self) -> None:
        """Forget all, as the API does after 30 days."""
        with self._lock:
            self._items.clear()
            self._reasoning.clear()

    def knows(self, item_id: str) -> bool:
        """Whether the item is still there."""
        return item_id in self._items

    def reasoning_before(self, item_id: str) -> str | None:
        """The id of the reasoning that the item must not be sent without."""
        return self._reasoning.get(item_id)
