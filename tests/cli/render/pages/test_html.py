"""Texts in an HTML page: what is written without the parser is what the parser would write."""

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from convo_cli.render.pages.html import _paragraph, _parser


@given(st.text("ab Z09.,:;?!-+=#()'\"`*_<>&[]|~\\\t\n\u00e9\u3000", max_size=12))
def test_a_plain_line_is_written_as_the_parser_writes_it(text: str) -> None:
    written = _paragraph(text)
    assert written is None or written == _parser().render(text)


def test_a_question_needs_no_parser() -> None:
    assert _paragraph('What is "Paris"?') == "<p>What is &quot;Paris&quot;?</p>\n"
    assert _paragraph("What is *Paris*?") is None


@settings(deadline=None, max_examples=150)
@given(st.text("ab1 .-#>|:\n\\`*_[]()<&~!\té", max_size=60))
def test_text_without_marks_is_what_the_parser_makes_of_it(text: str) -> None:
    plain = MarkdownIt("commonmark", {"html": False, "maxNesting": 50})
    expected = plain.enable(["table", "strikethrough"]).disable("image").render(text)
    assert _parser().render(text) == expected
