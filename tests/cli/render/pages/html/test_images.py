"""Which images of a conversation a page shows: those of safe types that are not too large."""

from base64 import b64encode

import pytest

from convo.items.contents import attached
from convo_cli.render.pages.html import images
from convo_cli.render.pages.html.images import Pictures, shown
from convo_cli.render.sections import Section

_PIXELS = b"\x89PNG\r\n\x1a\n" + bytes(30)
PNG = f"data:image/png;base64,{b64encode(_PIXELS).decode()}"
SVG = f"data:image/svg+xml;base64,{b64encode(b'<svg onload=alert(1)>').decode()}"


def section(*urls: str) -> Section:
    content = [{"type": "input_image", "image_url": url} for url in urls]
    item = {"role": "user", "content": content}
    names = tuple(each.name for each in attached(item))
    return Section("user", "User", "", "", None, names, item)


@pytest.mark.parametrize(
    "url",
    [
        SVG,
        "http://evil/x.png",
        "data:text/html;base64,PGI+",
        "data:image/png;base64,AAAA",
        "data:image/png,%89PNG",
        PNG.replace("png", "gif"),
        f'{PNG}"onerror="alert(1)',
        f"{PNG}A",
        f"{PNG}\n",
    ],
)
def test_what_is_not_shown(url: str) -> None:
    assert shown(url) is None
    assert Pictures().of(section(url)) == {}


def test_what_is_shown() -> None:
    jpeg = b64encode(b"\xff\xd8\xff" + bytes(30)).decode()
    assert shown(f"DATA:image/JPG;base64,{jpeg}") == f"data:image/jpeg;base64,{jpeg}"
    assert Pictures().of(section(SVG, PNG)) == {1: PNG}


def test_the_image_that_a_tool_made() -> None:
    item = {"type": "image_generation_call", "result": PNG.partition(",")[2]}
    assert [each.image for each in attached(item)] == [PNG]


def test_a_page_has_room_for_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MOST", 2 * len(PNG))
    assert Pictures().of(section(PNG, PNG, PNG)) == {0: PNG, 1: PNG}
    monkeypatch.setattr(images, "LARGEST", len(PNG) - 1)
    assert Pictures().of(section(PNG)) == {}
