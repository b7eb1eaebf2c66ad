"""The store's method for importing conversations of other programs."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from convo.store.base import OpenedStore

if TYPE_CHECKING:
    from convo.importing.choosing import Choice, Totals
    from convo.importing.source import Report, Source


class Imports(OpenedStore):
    """Import sessions, whole and each only once."""

    async def import_from(
        self,
        source: "Source",
        paths: Iterable[Path],
        choice: "Choice",
        report: "Report",
        totals: "Totals",
        told: Callable[[], None] = lambda: None,
    ) -> None:
        """Take what is new in the files and folders of a source.

        `totals` counts all that has been stored, even if this is cancelled; `told` is called again
        and again. What cannot be read is reported, and left out.
        """
        # Imported here because few programs import conversations.
        from convo.importing.taking import Import

        await Import(self._opened(), source, choice, report, totals).run(paths, told)
