"""Reading files of any size and of any content."""

from __future__ import annotations

import errno
import io
import json
import os
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convo.importing import reading
from convo.importing.json_lines import files_below
from convo.importing.reading import count, json_array, json_file, json_lines, number, when
from convo.importing.source import Report

DEEP = 200_000
"""More than any Python parses."""

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(st.text(), VALUES, max_size=3) | st.lists(VALUES, max_size=3))


class Pieces(io.BytesIO):
    """Gives no more than so many bytes at once, as a socket or an archive may."""

    most = 1

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self.most)


def elements(data: bytes, most: int = 2**20) -> tuple[list[tuple[int, Any]], Report]:
    stream, report = Pieces(data), Report()
    stream.most = most
    return list(json_array(stream, "f", report)), report


@given(value=OBJECTS, most=st.integers(1, 40), indent=st.sampled_from([None, 1]))
def test_an_array_is_read_in_pieces_of_any_size(value: Any, most: int, indent: int | None) -> None:
    found, report = elements(json.dumps(value, indent=indent).encode(), most)
    assert ([one for _, one in found], report.count) == (value, 0)


def test_elements_know_their_lines() -> None:
    value = [{"a": "x\ny"}, {"b": [1, 2]}, {"c": None}]
    found, _ = elements(json.dumps(value, indent=1).encode(), 3)
    assert [line for line, _ in found] == [2, 5, 11]


def test_a_damaged_element_costs_no_other() -> None:
    found, report = elements(b'[{"a": 1},\n{"b": },\n{"c": 3}]')
    assert found == [(1, {"a": 1}), (3, {"c": 3})]
    assert [(one.line, one.why) for one in report.skipped] == [(2, "it is not JSON")]


@pytest.mark.parametrize("data", [b"", b" ", b"[", b'[{"a": 1}', b'[{"a": "x', b'"no array"', b"7"])
def test_a_file_that_ends_too_early_is_reported(data: bytes) -> None:
    found, report = elements(data)
    assert len(found) == data.count(b"}")
    assert [one.why for one in report.skipped] == ["the file ends in the middle of a value"]


def test_an_object_is_its_own_element() -> None:
    assert elements(b' {"a": [1]} ')[0] == [(1, {"a": [1]})]


@pytest.mark.parametrize(
    "data",
    [
        b'[{"a":' * DEEP,
        b"[" * DEEP + b"]" * DEEP,
        b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    ],
    ids=["open", "arrays", "objects"],
)
def test_a_deep_value_is_reported(data: bytes) -> None:
    found, report = elements(data)
    assert (found, report.count) == ([], 1)


def test_what_is_too_long_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(reading, "LONGEST", 1_000)
    path, report = tmp_path / "f.jsonl", Report()
    path.write_bytes(b'{"a": 1}\n' + b'"' + b"x" * 5_000 + b'"\n' + b'{"b": 2}\n')
    assert list(json_lines(path, report)) == [(1, {"a": 1}), (3, {"b": 2})]
    assert json_file(path, report) is None
    assert [one.line for one in report.skipped] == [2, None]
    _, report = elements(b'[{"a": 1}, {"b": "' + b"x" * 5_000 + b'"}]', 100)
    assert "the rest of the file is left out" in report.skipped[0].why


def test_memory_holds_one_element(tmp_path: Path) -> None:
    element = json.dumps({"text": "x" * 100_000}).encode()
    path, report = tmp_path / "f.json", Report()
    path.write_bytes(b"[" + b",\n".join([element] * 200) + b"]")
    tracemalloc.start()
    try:
        with path.open("rb") as stream:
            assert sum(1 for _ in json_array(stream, path, report)) == 200
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8e6


def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    report = Report()
    assert list(json_lines(tmp_path, report)) == []
    assert json_file(tmp_path / "none", report) is None
    assert [one.why for one in report.skipped] == ["Is a directory", "No such file or directory"]


def test_a_folder_that_cannot_be_read_is_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where the user is root, every folder can be read: the refusal is given here."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "open.jsonl").touch()
    scan = os.scandir

    def refuse(path: Any) -> Any:
        if str(path).endswith("secret"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    report = Report()
    assert files_below(tmp_path, ".jsonl", report) == [tmp_path / "open.jsonl"]
    assert report.skipped == [(str(tmp_path / "secret"), None, "Permission denied")]


@pytest.mark.parametrize(
    "value",
    [
        "2025-03-01T12:00:00Z",
        "2025-03-01T14:00:00+02:00",
        "2025-03-01 12:00:00",
        1740830400,
        1740830400.0,
        1740830400000,
    ],
)
def test_times_of_any_form(value: object) -> None:
    assert when(value) == datetime(2025, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", [None, True, "", "soon", float("nan"), float("inf"), 10**400, -(10**30), [], {}]
)
def test_what_is_no_time_and_no_count(value: object) -> None:
    assert when(value) is None
    assert (count(value), number(value)) == (0, None)
