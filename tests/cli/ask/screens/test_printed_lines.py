"""What code prints, taken apart into lines."""

from __future__ import annotations

from convo_cli.ask.screens.printed_lines import FIRST, LAST, PrintedLines


def lines_of(*pieces: bytes) -> list[str]:
    lines = PrintedLines()
    for piece in pieces:
        lines.feed(piece)
    lines.end_line()
    return lines.rest()


def test_lines_and_letters_may_come_in_pieces() -> None:
    assert lines_of(b"Z\xc3", b"\xbcrich\r", b"\nnext") == ["Zürich", "next"]


def test_what_is_no_text_and_what_is_empty() -> None:
    assert lines_of(b"\n \n\xff\n") == ["\\xff"]


def test_of_a_line_that_is_written_over_the_last_state_is_shown() -> None:
    bar = [b"\r%d %%" % percent for percent in range(101)]
    assert lines_of(*bar, b"\n") == ["100 %"]
    assert lines_of(b"1 %\r2 %\r") == ["2 %"]


def test_of_a_line_without_end_the_beginning_is_kept() -> None:
    (line,) = lines_of(*[b"0123456789abcdef" * 4096] * 10)
    assert line == "0123456789abcdef" * 256


def test_of_a_flood_the_beginning_and_the_end_are_shown() -> None:
    lines = PrintedLines()
    lines.feed(b"".join(b"%d\n" % number for number in range(1000)))
    assert lines.take() == [str(number) for number in range(FIRST)]
    rest = [str(number) for number in range(1000 - LAST, 1000)]
    assert lines.rest() == [f"({1000 - FIRST - LAST} more lines)", *rest]
    lines.feed(b"again\n")
    assert lines.take() == ["again"]
