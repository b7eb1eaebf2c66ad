import json
import logging
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convo.items import decoding
from convo.items.decoding import Unreadable, decoded, in_batches, values_of
from convo.items.encoding import may_hold_long_number

GOOD = b'{"n": 1}'


@pytest.fixture
def unreadable() -> Unreadable:
    return Unreadable(logging.getLogger("test"))


def numbered(*data: bytes | None) -> list[tuple[int, bytes | None]]:
    return list(enumerate(data, 1))


def test_many_rows_in_order(unreadable: Unreadable) -> None:
    rows = numbered(*(json.dumps({"n": n}).encode() for n in range(1000)))
    assert decoded(rows, unreadable) == [{"n": n} for n in range(1000)]
    assert decoded([], unreadable) == []


@pytest.mark.parametrize(
    ("data", "item"),
    [
        (b'"\\ud800"', "\ud800"),
        (b"36893488147419103232", 2**65),
        (b'{"n": [-9223372036854775809]}', {"n": [-(2**63) - 1]}),
        (b'{"n":36893488147419103232}', {"n": 2**65}),
        (b"[1,\n36893488147419103232]", [1, 2**65]),
        (b"NaN", "NaN"),
        (b"null", None),
        (b"7", 7),
    ],
)
def test_what_takes_a_closer_look(data: bytes, item: Any, unreadable: Unreadable) -> None:
    found = decoded(numbered(GOOD, data, GOOD), unreadable)
    assert [str(value) if value != value else value for value in found] == (
        [{"n": 1}, "nan" if item == "NaN" else item, {"n": 1}]
    )


@pytest.mark.parametrize(
    "data",
    [
        (None,),
        (b"",),
        (b"{",),
        (b"1,2",),
        (b"[1", b"2]"),
        (b"1,2", b"[3", b"4]"),
        (b'{"a":1},{"b":2}', b'{"c":[{"x":1}', b'{"y":2}]}'),
        (b'"a', b'b"'),
        (b"]", b"["),
        (b"\xff",),
        (b"[" * 2000,),
    ],
)
def test_what_holds_no_item_is_left_out(
    data: tuple[bytes | None, ...], unreadable: Unreadable, caplog: pytest.LogCaptureFixture
) -> None:
    assert decoded(numbered(GOOD, *data, GOOD), unreadable) == [{"n": 1}, {"n": 1}]
    assert len(caplog.messages) == len(data)


def test_rows_stay_beside_their_items(unreadable: Unreadable) -> None:
    rows = [(1, b"1", "one"), (2, b"{", "lost"), (3, b"3", "three")]
    ((kept, items),) = in_batches(rows, unreadable)
    assert (kept, items) == ([rows[0], rows[2]], [1, 3])


def test_sound_rows_are_decoded_together(
    unreadable: Unreadable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "decode", None)
    assert len(decoded(numbered(*[GOOD] * 200), unreadable)) == 200


def test_what_separates_rows_has_no_digits() -> None:
    """With them, nearly every batch would take a closer look, at three times the cost."""
    assert not re.search(rb"[0-9]", decoding._BETWEEN)


def test_the_digits_of_an_id_are_no_number(unreadable: Unreadable) -> None:
    """They would cost a closer look at each row that stands beside one."""
    assert may_hold_long_number(b'{"id": 12345678901234567890}')
    assert not may_hold_long_number(b'{"id": "msg_12345678901234567890"}')
    assert not may_hold_long_number(b'{"id": "12345678901234567890"}')


@given(
    st.lists(
        st.integers(-(10**22), 10**22)
        | st.text('0123456789":,[\\ -a', max_size=30)
        | st.from_regex(r"([:,\[ \"\\]{1,3}-?[0-9]{19,25})+", fullmatch=True)
    )
)
def test_a_long_number_is_found_wherever_it_stands_but_in_texts(values: list[int | str]) -> None:
    is_there = any(isinstance(value, int) and abs(value) >= 10**18 for value in values)
    assert may_hold_long_number(json.dumps(values).encode()) == is_there
    assert may_hold_long_number(json.dumps(values, indent=1).encode()) == is_there


def test_the_id_of_a_row_is_asked_for_only_if_it_cannot_be_read(
    unreadable: Unreadable, caplog: pytest.LogCaptureFixture
) -> None:
    asked = []

    def ids() -> list[int]:
        asked.append("ids")
        return list(range(1000, 1200))

    sound = [(GOOD, n) for n in range(200)]
    assert decoded(sound, unreadable, ids) == [{"n": 1}] * 200
    assert asked == []
    broken = [*sound[:150], (b"{", 150), (b"36893488147419103232", 151), *sound[152:]]
    found = [row for some, _ in in_batches(broken, unreadable, ids) for row in some]
    assert [number for _, number in found] == [*range(150), *range(151, 200)]
    (message,) = caplog.messages
    assert message.startswith("message 1150 ")


@pytest.mark.parametrize("odd", [None, b"", b"{", b"\xff", b"null", b"NaN"])
def test_cells(odd: bytes | None) -> None:
    """One that holds nothing is None, and the others are as they are."""
    cells = [b'{"n": 1}', odd, b"[2]"] * 100
    found = values_of(cells)
    assert (found[0], found[2]) == ({"n": 1}, [2])
    assert found[1] is None or found[1] != found[1]
    assert len(found) == len(cells)
