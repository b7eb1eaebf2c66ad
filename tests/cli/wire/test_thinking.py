"""What is thought is parted from what is answered, however the text is cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convo_cli.wire.thinking import Thinking, parted


@pytest.mark.parametrize(
    ("text", "thought", "answered"),
    [
        ("<think>a</think>b", "a", "b"),
        ("\n <think>\na\n</think>\n\nb \n", "a\n", "b \n"),
        ("<think>\n\n</think>\n\nb", "", "b"),
        ("<think>a < b</th ink></think>c", "a < b</th ink>", "c"),
        ("<think>a</think>b<think>c</think>", "a", "b<think>c</think>"),
        ("<think>a", "a", ""),
        ("<think>a</thi", "a</thi", ""),
        ("<think>", "", ""),
        ("b<think>a</think>", "", "b<think>a</think>"),
        ("<thi", "", "<thi"),
        ("a</think>b", "", "a</think>b"),
        ("\n</think>\n\nb</think>", "", "b</think>"),
        ("</think>", "", ""),
        ("</thin", "", "</thin"),
        ("  plain ", "", "  plain "),
        ("", "", ""),
    ],
)
def test_a_text(text: str, thought: str, answered: str) -> None:
    assert parted(text) == (thought, answered)


@given(
    st.lists(st.sampled_from(["<think>", "</think>", "<", "th", "a", " ", "\n", "😀"]), max_size=9),
    st.lists(st.integers(0, 60)),
)
def test_pieces_are_parted_as_the_whole_is(words: list[str], cuts: list[int]) -> None:
    text = "".join(words)
    thinking = Thinking()
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    said = [one for a, b in pairwise(places) for one in thinking.read(text[a:b])]
    said += thinking.rest()
    by_kind = {
        kind: "".join(one.text for one in said if one.kind == kind)
        for kind in ("thought", "answered")
    }
    assert (by_kind["thought"], by_kind["answered"]) == parted(text)


def test_a_character_in_two_pieces() -> None:
    thinking = Thinking()
    pieces = ["<think>\ud83d", "\ude00</think>\ud83d", "\ude00 b \ud83d"]
    said = [one for piece in pieces for one in thinking.read(piece)] + thinking.rest()
    assert [one.text for one in said] == ["😀", "😀 b ", "\ud83d"]
