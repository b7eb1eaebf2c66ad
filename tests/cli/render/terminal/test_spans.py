import random

from convo_cli.render.terminal.spans import Span, text_of, wrapped


def lines(text: str, width: int) -> list[str]:
    return [text_of(line) for line in wrapped((Span(text),), width)]


def test_lines_are_broken_at_words_and_long_words_are_left_whole() -> None:
    assert lines("one two  three", 7) == ["one two", "three"]
    assert lines("  a abcdefghij b ", 5) == ["  a", "abcdefghij", "b"]
    assert lines("\n \nab\n", 5) == ["", "", "ab", ""]


def test_a_line_is_broken_in_the_same_way_whatever_else_is_in_it() -> None:
    chance = random.Random(7)
    for _ in range(2_000):
        text = "".join(chance.choice("ab   c-") for _ in range(chance.randrange(40)))
        width = chance.randrange(1, 12)
        # An é is known to take a cell; a ж is measured.
        for letter in "éж":
            other = text.replace("c", letter)
            assert [line.replace(letter, "c") for line in lines(other, width)] == lines(text, width)
