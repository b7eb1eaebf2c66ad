"""Code in the colours of its language, taken from the sixteen that every terminal has."""

from functools import cache
from typing import TYPE_CHECKING

from convo_cli.render.terminal.spans import Span, Spans

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_LONGEST, _LONGEST_LINE = 50_000, 2_000
"""Characters above which code is not looked into: it would take too long while it arrives."""

_STYLES = {
    "Comment": "2;3",
    "Keyword": "35",
    "Keyword.Constant": "36",
    "Operator.Word": "35",
    "Name.Builtin": "36",
    "Name.Class": "1",
    "Name.Function": "1",
    "Name.Decorator": "33",
    "Name.Tag": "35",
    "Name.Attribute": "36",
    "Literal.Number": "36",
    "Literal.String": "32",
    "Generic.Deleted": "31",
    "Generic.Inserted": "32",
    "Generic.Heading": "1",
    "Generic.Subheading": "36",
}
"""SGR parameters by the name of a kind of token; kinds below it look the same."""


def highlighted(lines: list[str], language: str) -> list[Spans]:
    """The lines of some code, coloured where the language is known."""
    plain: list[Spans] = [(Span(line),) for line in lines]
    if not language or sum(map(len, lines)) > _LONGEST or max(map(len, lines)) > _LONGEST_LINE:
        return plain
    lexer = _lexer(language)
    if lexer is None:
        return plain
    coloured: list[list[Span]] = [[]]
    for kind, text in lexer.get_tokens("\n".join(lines)):
        style = _style(str(kind))
        first, *others = text.split("\n")
        coloured[-1].append(Span(first, style))
        coloured.extend([Span(part, style)] for part in others)
    # What a lexer does not give back as it was is shown as it was.
    told = ["".join(text for text, _ in line) for line in coloured]
    return [*coloured[: len(lines)]] if told[: len(lines)] == lines else plain


@cache
def _lexer(language: str) -> "Lexer | None":
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@cache
def _style(kind: str) -> str:
    name = kind.removeprefix("Token.")
    while name not in _STYLES and "." in name:
        name = name.rpartition(".")[0]
    return _STYLES.get(name, "")
