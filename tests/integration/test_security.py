"""The tests that docs/security.md and docs/guarantees.md name have to be there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = sorted(
    {
        named
        for document in ("security.md", "guarantees.md")
        for named in re.findall(r"`(tests/[^`]+)`", (ROOT / "docs" / document).read_text())
    }
)


def test_both_documents_name_tests() -> None:
    assert len(NAMED) > 20


@pytest.mark.parametrize("named", NAMED)
def test_every_test_that_is_named_is_there(named: str) -> None:
    path, _, name = named.partition("::")
    source = ROOT / path
    assert source.exists()
    assert not name or re.search(rf"^(async )?def {name}\(", source.read_text(), re.MULTILINE)
