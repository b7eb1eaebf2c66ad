"""A turn as an article of the page."""

from collections.abc import Iterable
from html import escape

from convo.history.transcript import TranscriptTurn
from convo_cli.render.money import dollars
from convo_cli.render.pages.html.images import Pictures
from convo_cli.render.pages.html.text import rendered
from convo_cli.render.sections import Section, about, sections, title_of
from convo_cli.render.terminal.text import counted, one_line, safe

_FOLDABLE = frozenset({"tool_call", "tool_output", "reasoning", "system", "other"})
_LONG, _MANY = 400, 6
"""Characters and lines of a part; a longer one is folded."""


def article(turn: TranscriptTurn, prefix: str, pictures: Pictures, cost: float | None) -> str:
    """A turn with its heading and all of its parts; `prefix` goes before the id of its anchor."""
    facts = [*about(turn), *([dollars(cost)] if cost else [])]
    parts = "".join([part(section, pictures) for section in sections(turn)])
    return article_of(turn, prefix, facts, parts)


def article_of(turn: TranscriptTurn, prefix: str, facts: Iterable[str], parts: str) -> str:
    """A turn with its heading, what is said about it, and parts that are HTML."""
    anchor = f"{prefix}turn-{turn.turn}"
    said = [_time(turn.created_at)] if turn.created_at else []
    said += [escape(one_line(fact)) for fact in facts]
    return (
        f'<article id="{anchor}">\n<h3><a href="#{anchor}">{title_of(turn)}</a></h3>\n'
        f'<p class="facts">{" · ".join(said)}</p>\n{parts}</article>\n'
    )


def part(section: Section, pictures: Pictures, body: str | None = None) -> str:
    """A part of a turn; `body` is its text as HTML, if that is not the text alone."""
    name = f" <code>{escape(one_line(section.name))}</code>" if section.name else ""
    heading = f"<h4>{section.title}{name}</h4>"
    text = section.text
    if section.kind in _FOLDABLE:
        lines = text.count("\n") + 1
        is_short = lines <= _MANY and len(text) <= _LONG and section.kind != "reasoning"
        is_open = is_short or body is not None
        size = "" if is_open else f" <small>{_size(text, lines)}</small>"
        begin = (
            f'<details class="part {section.kind}"{" open" if is_open else ""}>\n'
            f"<summary>{heading}{size}</summary>\n"
        )
        end = "</details>\n"
    else:
        begin, end = f'<div class="part {section.kind}">\n{heading}\n', "</div>\n"
    shown = _body(section) if body is None else body
    return f"{begin}{shown}{_attached(section, pictures)}{end}"


def _size(text: str, lines: int) -> str:
    return counted(lines, "line") if lines > 1 else counted(len(text), "character")


def _body(section: Section) -> str:
    text = safe(section.text)
    if not text or text.isspace():
        return ""
    if section.language is None:
        return f'<div class="text" dir="auto">\n{rendered(text)}</div>\n'
    return f'<pre dir="auto"><code>{escape(text)}</code></pre>\n'


def _attached(section: Section, pictures: Pictures) -> str:
    if not section.attachments:
        return ""
    images = pictures.of(section)
    return "".join(
        _picture(escape(one_line(name)), images.get(place))
        for place, name in enumerate(section.attachments)
    )


def _picture(name: str, source: str | None) -> str:
    if source is None:
        return f'<p class="attachment">attachment <code>{name}</code></p>\n'
    return (
        f'<figure class="attachment"><img src="{source}" alt="" loading="lazy" decoding="async">'
        f"<figcaption>attachment <code>{name}</code></figcaption></figure>\n"
    )


def _time(moment: str) -> str:
    """A time of the form 2026-11-22T16:50:36Z."""
    moment = escape(one_line(moment))
    return f'<time datetime="{moment}">{moment[:10]} {moment[11:16]} UTC</time>'
