"""The picture in the README shows what the program does today."""

from __future__ import annotations

import re
from html import unescape

from tests.integration.recording import PICTURE, picture, record


def said(svg: str) -> str:
    """The text of a picture."""
    return unescape("".join(re.findall(r">([^<]*)</text>", svg))).replace("\xa0", " ")


def test_the_picture_in_the_readme_is_current() -> None:
    svg = PICTURE.read_text(encoding="utf-8")
    assert said(svg) == said(picture(record())), "python -m tests.integration.recording"


def test_the_picture_needs_nothing_from_elsewhere() -> None:
    svg = re.sub(r"<!--.*?-->", "", PICTURE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert "@import" not in svg
    assert "href" not in svg
    assert "url(" not in svg.replace("url(#", "")
