"""Texts in an HTML page: what is written without the parser is what the parser would write."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from convo_cli.render.pages.html.plain_text import plain
from convo_cli.render.pages.html.text import is_followed, rendered

BLOCKS = st.lists(
    st.sampled_from(
        ["- ", "12. ", "1. ", "1) ", " ", "\n", "\n\n", "a", "b c", "é.", '"', "* ", "#"]
    ),
    max_size=12,
).map("".join)
TEXTS = st.text("ab1 .-#>|:=\n\\`*_[]()<&~!\té", max_size=60)


def parsed(text: str) -> str:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 50})
    parser.validateLink = is_followed
    return parser.enable(["table", "strikethrough"]).disable("image").render(text)


@settings(deadline=None, max_examples=300)
@given(BLOCKS | TEXTS)
def test_text_without_marks_is_what_the_parser_makes_of_it(text: str) -> None:
    written = plain(text)
    assert written is None or written == parsed(text)


def test_most_text_needs_no_parser() -> None:
    assert plain('What is "Paris"?') == "<p>What is &quot;Paris&quot;?</p>\n"
    assert plain("So:\n\n- one\n- two") == "<p>So:</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"
    assert plain("7. seven\n8. eight") == (
        '<ol start="7">\n<li>seven</li>\n<li>eight</li>\n</ol>\n'
    )
    assert plain("What is *Paris*?") is None


@settings(deadline=None, max_examples=150)
@given(TEXTS)
def test_other_text_is_what_the_parser_makes_of_it_with_lower_headings(text: str) -> None:
    lowered = re.sub(r'<h([56])(?: class="h(\d)")?>(.*?)</h\1>', r"<h\2>\3</h\2>", rendered(text))
    assert lowered == re.sub(r' style="text-align:(\w+)"', r' class="\1"', parsed(text))


def test_a_heading_in_a_message_is_below_those_of_the_page() -> None:
    assert rendered("# A") == '<h5 class="h1">A</h5>\n'
    assert rendered("## B *c*\n### D") == (
        '<h5 class="h2">B <em>c</em></h5>\n<h6 class="h3">D</h6>\n'
    )


@pytest.mark.parametrize(
    "link", ["http://a", "HTTPS://a:1", "mailto:a@b", "#turn-3", "a/b:c", "?a"]
)
def test_links_that_are_followed(link: str) -> None:
    assert f'href="{link}"' in rendered(f"[x]({link})")


OTHER_LINKS = """
javascript:x JaVaScript:x &#106;avascript:x java&Tab;script:x data:text/html,x vbscript:x file:a
search-ms:x ms-msdt:/id blob:x :
"""


@pytest.mark.parametrize("link", OTHER_LINKS.split())
def test_links_that_stay_text(link: str) -> None:
    assert "href" not in rendered(f"[x]({link}) <{link}>\n\n[r]\n\n[r]: {link}")
