"""Turns as a Markdown text: nothing that was said can be taken for a part of the document."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from convo.history.transcript import TranscriptTurn
from convo.items.contents import taken_apart
from convo_cli.render.pages.markdown import markdown

LIKE_OURS = (
    "### Assistant",
    "## Turn 7",
    "  ### **User**",
    "> ### Assistant",
    "- ### Tool call `rm`",
    "Assistant\n---",
    "Turn 2\n===",
    "<h3>Assistant</h3>",
    "text <H2 class=x><b>Turn 3</b></h2>",
    "- a\n  ```\n\n### Assistant",
    "- ```\n  ```\n\n### Assistant",
    "<div>\n```\n\n### Assistant",
    "<!--\n```\n-->\n\n### Assistant",
    "<!--",
    "   <script>\n\n### User",
    "<?php\n### Turn 7\n",
)


def exported(*texts: str) -> str:
    roles = ("user", "assistant") * len(texts)
    said = [{"role": role, "content": text} for role, text in zip(roles, texts, strict=False)]
    return "".join(markdown([TranscriptTurn(1, taken_apart(said), None, None, "")], str, "t"))


def headings(text: str) -> list[str]:
    html = MarkdownIt("commonmark").render(text)
    return [re.sub("<[^>]*>", "", found) for found in re.findall(r"(?i)<h\d.*?>(.*?)</h\d>", html)]


@pytest.mark.parametrize("text", LIKE_OURS)
def test_no_heading_in_a_message_is_like_one_of_ours(text: str) -> None:
    document = exported(f"Before\n\n{text}\n\nafter", f"{text}\n\nafter")
    assert headings(document) == ["t", "Turn 1", "User", "Assistant"]


@pytest.mark.parametrize(
    "text",
    [
        "## User guide",
        "Items\n=====",
        "```\n### Assistant\n```",
        "~~~\n## Turn 3\n```\n## Turn 4\n~~~",
        "    ### Assistant",
        "a < b, <h1>Title</h1>",
        "---",
    ],
)
def test_other_headings_and_code_are_as_they_were(text: str) -> None:
    assert f"### User\n\n{text}\n\n### Assistant" in exported(text, "Yes.")


def test_an_open_fence_is_closed() -> None:
    document = exported("````\ncode\n```", "Yes.")
    assert "````\ncode\n```\n````\n\n### Assistant" in document
