"""Texts that need no parser of Markdown: paragraphs and simple lists without any marks in them.

Most messages are such, and parsing one takes longer than reading it from the database.
"""

import re

_MARKS = r"\\`*_\[\]<>&~"
_LINE = rf"[^\W\d_](?:[^\n\r{_MARKS}]*[^\s{_MARKS}])?"
"""A line that begins with a letter, and in which no inline rule of Markdown finds anything."""

_MARKED = re.compile(rf"[\r{_MARKS}]")
_PARAGRAPH = re.compile(rf"{_LINE}(?:\n{_LINE})*")
_BULLETS = re.compile(rf"- {_LINE}(?:\n- {_LINE})*")
_NUMBERS = re.compile(rf"\d{{1,9}}\. {_LINE}(?:\n\d{{1,9}}\. {_LINE})*")
_NUMBER = re.compile(r"^\d+\. ", re.MULTILINE)


def plain(text: str) -> str | None:
    """The text as HTML, as the parser would write it; None for a text that has to be parsed."""
    if _MARKED.search(text):
        return None
    written: list[str] = []
    is_after_list = False
    for block in text.strip("\n").split("\n\n"):
        block = block.lstrip("\n").rstrip(" ")
        if _PARAGRAPH.fullmatch(block):
            written.append(f"<p>{_quoted(block)}</p>\n")
            is_after_list = False
        # Two lists one after the other may be one list.
        elif not is_after_list and (one := _list(block)) is not None:
            written.append(one)
            is_after_list = True
        else:
            return None
    return "".join(written)


def _list(block: str) -> str | None:
    if _BULLETS.fullmatch(block):
        items = _quoted(block[2:]).replace("\n- ", "</li>\n<li>")
        return f"<ul>\n<li>{items}</li>\n</ul>\n"
    if _NUMBERS.fullmatch(block):
        first, _, items = block.partition(". ")
        start = "" if int(first) == 1 else f' start="{int(first)}"'
        items = _NUMBER.sub("<li>", _quoted(items)).replace("\n", "</li>\n")
        return f"<ol{start}>\n<li>{items}</li>\n</ol>\n"
    return None


def _quoted(text: str) -> str:
    return text.replace('"', "&quot;")
