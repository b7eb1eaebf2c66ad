"""Turns as a single HTML page that runs and loads nothing."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from typing import TYPE_CHECKING

from convo.history.transcript import TranscriptTurn
from convo_cli.render.sections import Section, about, sections, title_of
from convo_cli.render.terminal.text import one_line, safe

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 3rem; border-top: 1px solid; padding-top: 1rem; }
h2 small { font-weight: normal; opacity: .7; }
section { border-left: .25rem solid #8886; margin: 1rem 0; padding-left: 1rem; }
section.user { border-color: #36c; }
section.assistant { border-color: #3a5; }
section.reasoning { opacity: .7; }
h3 { margin: 0; font-size: .9rem; }
pre { overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
code, pre { font: .9em/1.4 ui-monospace, monospace; }
table { border-collapse: collapse; }
td, th { border: 1px solid #8886; padding: .2rem .6rem; }
"""
_PLAIN = re.compile(r"[^\W\d_][^\n\r\\`*_\[\]<>&~|!]*[^\s\\`*_\[\]<>&~|!]")
_PLAIN_INLINE = re.compile(r"[^\n\\`*_\[\]<&~!]*")
"""Text within a block in which no inline rule of Markdown finds anything."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""A second line of defence in the browser: nothing runs, and nothing is loaded."""


def html(turns: Iterable[TranscriptTurn], title: str) -> Iterator[str]:
    """The turns as a page, piece by piece."""
    name = escape(one_line(title))
    yield (
        '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{name}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{name}</h1>\n"
    )
    for turn in turns:
        facts = " · ".join(escape(one_line(fact)) for fact in (turn.created_at, *about(turn)))
        yield f'<h2 id="turn-{turn.turn}">{title_of(turn)} <small>{facts}</small></h2>\n'
        yield from map(_section, sections(turn))
    yield "</body>\n</html>\n"


def _section(section: Section) -> str:
    name = f" <code>{escape(one_line(section.name))}</code>" if section.name else ""
    parts = [f'<section class="{section.kind}">\n<h3>{section.title}{name}</h3>\n']
    text = safe(section.text)
    if text.strip() and section.language is None:
        parts.append(_paragraph(text) or _parser().render(text))
    elif text.strip():
        parts.append(f"<pre><code>{escape(text)}</code></pre>\n")
    parts += [
        f"<p>attachment <code>{escape(one_line(name))}</code></p>\n" for name in section.attachments
    ]
    return "".join(parts) + "</section>\n"


def _paragraph(text: str) -> str | None:
    """A paragraph for a line without Markdown, as most questions are; None for any other text.

    Parsing such a line took longer than reading it from the database.
    """
    if not _PLAIN.fullmatch(text):
        return None
    quoted = text.replace('"', "&quot;")
    return f"<p>{quoted}</p>\n"


@cache
def _parser() -> "MarkdownIt":
    """A parser from Markdown to HTML that escapes HTML, and makes links of images."""
    # Imported here because only the HTML format needs it.
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 50})
    parser.core.ruler.at("inline", _inline)
    return parser.enable(["table", "strikethrough"]).disable("image")


def _inline(state: "StateCore") -> None:
    """The parser's own rule for the text within blocks, without parsing what is plain.

    Most text is, and a page of many turns takes a tenth less time this way.
    """
    from markdown_it.token import Token

    for token in state.tokens:
        if token.type != "inline":
            continue
        if token.children is None:
            token.children = []
        if _PLAIN_INLINE.fullmatch(token.content):
            token.children.append(Token("text", "", 0, content=token.content))
        else:
            state.md.inline.parse(token.content, state.md, state.env, token.children)
