"""What every page begins and ends with: its style, its script, and what the browser allows it."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple


class Frame(NamedTuple):
    """The files of a page's style and script, in order."""

    styles: tuple[str, ...]
    scripts: tuple[str, ...]

    def head(self, title: str, skip: str) -> str:
        """The page up to its header; `title` is HTML, `skip` says where its first link goes."""
        return (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{_policy(self)}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="referrer" content="no-referrer">\n'
            f"<title>{title}</title>\n<style>{_style(self)}</style>\n</head>\n<body>\n"
            f'<a class="skip" href="#conversation">{skip}</a>\n'
            f'<header id="top">\n<h1 dir="auto">{title}</h1>\n'
            '<div id="tools"></div>\n</header>\n'
        )

    def end(self) -> str:
        """The page after its main part."""
        return (
            "<footer>Exported by convo.</footer>\n"
            f"<script>{_script(self)}</script>\n</body>\n</html>\n"
        )


@cache
def _style(frame: Frame) -> str:
    return "".join(map(_file, frame.styles))


@cache
def _script(frame: Frame) -> str:
    return '"use strict";\n(() => {\n' + "".join(map(_file, frame.scripts)) + "})();\n"


def _policy(frame: Frame) -> str:
    """What the browser allows the page: its own script and style, images within it, no request."""
    return (
        f"default-src 'none'; script-src '{_hash(_script(frame))}'; "
        f"style-src '{_hash(_style(frame))}'; "
        "img-src data:; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _file(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
