"""Opens the databases of other programs for the sources, whose SQL is in files beside them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from convo.importing.reading import LONGEST
from convo.importing.source import Report
from convo.sqlite.others import OtherFile as OtherFile
from convo.sqlite.others import OtherFileError, other_file
from convo.storage.statements import blocks_in


@contextmanager
def database(path: Path, report: Report) -> Iterator[OtherFile | None]:
    """The SQLite file of another program; None if it cannot be opened.

    That is reported, and so is damage that is met while it is read, which ends the `with` block.
    """
    is_open = False
    try:
        with other_file(path, LONGEST) as found:
            is_open = True
            yield found
    except OtherFileError as error:
        report.skip(path, None, f"it cannot be read: {error}")
        if not is_open:
            yield None


@cache
def queries(source: str) -> Mapping[str, str]:
    """The named blocks of the file `sources/SOURCE.sql`, in SQLite's words."""
    return blocks_in(Path(__file__).parent / "sources" / f"{source}.sql")
