"""The page that compares branches: what it links to, and what a browser lets it do."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

import pytest

from tests.program import Program


@pytest.fixture
def page(paris: Program) -> str:
    lines = [
        "branch --after 2 -b tourism more",
        "chat 'Which <i>one?'",
        "compare main tourism more --html",
    ]
    return paris.each(*lines)[-1].out


def test_only_its_own_script_and_style_are_allowed(page: str) -> None:
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[0]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    for tag in ("script", "style"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not re.search(r"<[^>]* (style|on\w+)=", page)
    assert not re.search(r"(src|href)=\"(?!#)", page)


def test_a_turn_that_was_shown_is_linked_to(page: str) -> None:
    assert '<p><a href="#b1-turn-2">as on <bdi>tourism</bdi></a></p>' in page
    anchors = re.findall(r'id="(b\d-turn-\d)"', page)
    assert sorted(anchors) == ["b0-turn-2", "b0-turn-3", "b1-turn-2", "b2-turn-2", "b2-turn-3"]
    assert page.count("no turn here") == 1
