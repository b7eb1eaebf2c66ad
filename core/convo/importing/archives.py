"""Opens the documents of an export: a file, or those in a folder or a zip archive.

Archives are read where they are. Nothing is unpacked to disk, so the names in them lead nowhere.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from convo.importing.json_lines import files_below
from convo.importing.reading import opened
from convo.importing.source import Report

_LARGE = 100 * 1024 * 1024
_MOST_PACKED = 200
"""How many times smaller than itself a large document of an archive may be. JSON of conversations
is packed to about a tenth; an archive with a much better ratio is made to fill a disk."""


def documents(
    path: Path, named: re.Pattern[str], report: Report
) -> Iterator[tuple[str, IO[bytes]]]:
    """The documents whose names match, each with what to call it, in the order of their names.

    A folder is read with its archives. A single file that is not an archive is a document, whatever
    its name is.
    """
    if not path.is_dir():
        yield from _inside(path, named, report, is_given=True)
        return
    for file in files_below(path, (".json", ".convo", ".zip"), report):
        if file.suffix == ".zip" or named.fullmatch(file.name):
            yield from _inside(file, named, report, is_given=False)


def _inside(
    path: Path, named: re.Pattern[str], report: Report, *, is_given: bool
) -> Iterator[tuple[str, IO[bytes]]]:
    with opened(path, report) as stream:
        if stream is None:
            return
        if _is_archive(stream):
            yield from _unpacked(path, stream, named, report, is_given=is_given)
        elif path.suffix == ".zip":
            report.skip(path, None, "it is not a zip archive")
        else:
            yield str(path), stream


def _is_archive(stream: IO[bytes]) -> bool:
    try:
        beginning = stream.read(4)
        stream.seek(0)
    except OSError:
        return False
    return beginning in (b"PK\x03\x04", b"PK\x05\x06")


def _unpacked(
    path: Path, stream: IO[bytes], named: re.Pattern[str], report: Report, *, is_given: bool
) -> Iterator[tuple[str, IO[bytes]]]:
    import zipfile

    try:
        archive = zipfile.ZipFile(stream)
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
        report.skip(path, None, f"it is a damaged archive: {error}")
        return
    with archive:
        found = [
            one
            for one in archive.infolist()
            if not one.is_dir()
            and "__MACOSX" not in one.filename
            and named.fullmatch(re.split(r"[/\\]", one.filename)[-1])
        ]
        if not found and is_given:
            report.skip(path, None, "it has no conversations")
        for one in sorted(found, key=lambda one: one.filename):
            name = f"{path}/{one.filename}"
            if one.file_size > max(_LARGE, _MOST_PACKED * one.compress_size):
                report.skip(name, None, "it unpacks to far more than conversations would")
                continue
            try:
                document = archive.open(one)
            except (OSError, ValueError, RuntimeError, zipfile.BadZipFile) as error:
                report.skip(name, None, str(error))
                continue
            with document:
                yield name, document
