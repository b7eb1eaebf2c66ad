"""The images in messages that a page can show: small enough, and of a type that runs nothing."""

import re
from base64 import b64decode
from binascii import Error as NotBase64

from convo.items.contents import attached
from convo_cli.render.sections import Section

LARGEST, MOST = 8 * 2**20, 64 * 2**20
"""Characters of one image, and of all images of a page."""

_DATA_URL = re.compile(r"data:image/(png|jpe?g|gif|webp);base64,", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_BEGINS = {
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "jpeg": re.compile(rb"\xff\xd8\xff"),
    "gif": re.compile(rb"GIF8[79]a"),
    "webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}


class Pictures:
    """Chooses the images that a page shows, until it has enough of them."""

    def __init__(self) -> None:
        self._left = MOST

    def of(self, section: Section) -> dict[int, str]:
        """The data URLs of the attachments that are shown, by their places."""
        found: dict[int, str] = {}
        for place, (_, data) in enumerate(attached(section.item)):
            if data is not None and len(data) <= min(LARGEST, self._left):
                url = shown(data)
                if url is not None:
                    found[place] = url
                    self._left -= len(url)
        return found


def shown(data: str) -> str | None:
    """The data URL of an image, made of what was checked; None if it is nothing to show."""
    found = _DATA_URL.match(data)
    if found is None or _BASE64.fullmatch(data, found.end()) is None:
        return None
    kind = found[1].lower().replace("jpg", "jpeg")
    encoded = data[found.end() :]
    try:
        beginning = b64decode(encoded[:32])
    except NotBase64:
        return None
    if len(encoded) % 4 or not _BEGINS[kind].match(beginning):
        return None
    return f"data:image/{kind};base64,{encoded}"
