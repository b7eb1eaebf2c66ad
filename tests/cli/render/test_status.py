"""Sizes in the units that people read."""

import pytest

from convo_cli.render.status import in_units


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (159_744, "160 KB"),
        (4_200_000, "4.2 MB"),
        (999_999, "1 MB"),
        (7 * 10**15, "7000 TB"),
    ],
)
def test_a_size(size: int, text: str) -> None:
    assert in_units(size) == text
