"""Lines of JSON are found in files, and read again one by one."""

from __future__ import annotations

from pathlib import Path

from convo.importing.json_lines import Place, ReadAgain, located
from convo.importing.source import Report


def places_in(paths: list[Path]) -> list[Place]:
    report = Report()
    return [Place(at, line) for at, path in enumerate(paths) for line, _ in located(path, report)]


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def test_many_files_are_read_again_with_few_open(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.jsonl" for number in range(100)]
    for number, path in enumerate(paths):
        path.write_text(f'{{"file": {number}, "line": 1}}\n{{"file": {number}, "line": 2}}\n')
    places = places_in(paths)
    before = open_files()
    with ReadAgain(paths) as files:
        # By line and then by file, so that each file is needed twice.
        found = [files.object_at(one) for one in sorted(places, key=lambda one: one.line.number)]
        assert open_files() - before < 50
    assert open_files() == before
    assert [(one["line"], one["file"]) for one in found] == [
        (line, file) for line in (1, 2) for file in range(100)
    ]


def test_a_file_that_has_changed_has_no_object(tmp_path: Path) -> None:
    path, gone = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    for one in (path, gone):
        one.write_text('{"a": 1}\n')
    places = places_in([path, gone])
    path.write_text("{")
    gone.unlink()
    with ReadAgain([path, gone]) as files:
        assert [files.object_at(one) for one in places] == [{}, {}]
