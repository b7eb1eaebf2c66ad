"""Code in the colours of its language, taken from the sixteen that every terminal has."""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from convo_cli.render.terminal.spans import Span, Spans

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_LONGEST, _LONGEST_LINE = 50_000, 2_000
"""Characters above which code is no longer looked into: it would take too long to show much."""

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

_COMMENTS = (("/*", "*/"), ("<!--", "-->"), ("{-", "-}"))
"""How comments of several lines begin and end."""

Token = tuple[int, object, str]
"""Where it begins, its kind, and its text."""

Place = tuple[int, list[str]]
"""Where a rule of a lexer began to match, and the states that it was in."""


class Highlighter:
    """Colours the lines of some code one after the other, where the language is known.

    A line is coloured as it looks when it arrives, whatever follows. Of the lines before it there
    is kept in which states the lexer is, and the beginning of a comment or a string that is open.
    """

    def __init__(self, language: str, *, colour: int) -> None:
        self._lexer = _lexer(language) if language and colour else None
        self._states = ["root"]
        self._open = ""
        self._length = 0

    def line(self, line: str) -> Spans:
        """The next line, coloured."""
        self._length += len(line) + 1
        lexer = self._lexer
        if lexer is None or self._length > _LONGEST or len(line) > _LONGEST_LINE:
            return (Span(line),)
        text, before = f"{self._open}{line}\n", len(self._open)
        if _has_states(lexer):
            tokens = self._read(lexer, text)
        else:
            tokens = list(lexer.get_tokens_unprocessed(text))
        coloured = _part(tokens, before, before + len(line))
        # What a lexer does not give back as it was is shown as it was.
        is_whole = "".join(span.text for span in coloured) == line
        return coloured if is_whole else (Span(line),)

    def preview(self, line: str) -> Spans:
        """A line that is still arriving, coloured as if it ended here."""
        kept = self._open, list(self._states), self._length
        coloured = self.line(line)
        self._open, self._states, self._length = kept
        return coloured

    def _read(self, lexer: "Lexer", text: str) -> list[Token]:
        """The tokens of a text; what the next line is to be read with is noted."""
        for begin, end in _COMMENTS:
            at = text.rfind(begin)
            if at < 0 or text.find(end, at + len(begin)) >= 0:
                continue
            # Many lexers know a comment only by its end.
            states, places = list(self._states), list[Place]()
            tokens = list(_tokens(lexer, text + end, states, places))
            start, kind, _ = tokens[-1]
            if start <= at and "Comment" in str(kind):
                self._keep_open(text, start, places)
                return tokens
        places = []
        tokens = list(_tokens(lexer, text, self._states, places))
        start, _, last = tokens[-1] if tokens else (0, None, "")
        self._open = ""
        if last.strip() and last.endswith("\n"):
            # It holds the end of the line, so that it may go on.
            self._keep_open(text, start, places)
        return tokens

    def _keep_open(self, text: str, start: int, places: list[Place]) -> None:
        """Note where a token began that may go on, and its first line, which says what it is."""
        at, states = max((place for place in places if place[0] <= start), key=lambda one: one[0])
        self._open, self._states = text[at : text.index("\n", at) + 1], list(states)


def _part(tokens: list[Token], start: int, end: int) -> list[Span]:
    """What the tokens say between two places of their text."""
    spans = []
    for at, kind, text in tokens:
        if part := text[max(start - at, 0) : max(end - at, 0)]:
            spans.append(Span(part, _style(str(kind))))
    return spans


def _has_states(lexer: "Lexer") -> bool:
    """Whether a lexer is made of rules by state, and of nothing else that it goes by."""
    from pygments.lexer import ExtendedRegexLexer, RegexLexer

    return isinstance(lexer, RegexLexer) and not isinstance(lexer, ExtendedRegexLexer)


def _tokens(lexer: Any, text: str, states: list[str], places: list[Place]) -> Iterator[Token]:
    """Apply the rules of a lexer from these states on, which become those behind the text.

    Pygments does this too, but neither begins in given states nor tells where it ends.
    """
    from pygments.token import Error, Whitespace

    at = 0
    while at < len(text):
        for match_at, action, change in lexer._tokens[states[-1]]:
            match = match_at(text, at)
            if match is None:
                continue
            if match.end() > at:
                places.append((at, list(states)))
            if callable(action):
                yield from action(lexer, match)
            elif action is not None:
                yield at, action, match[0]
            at = match.end()
            _change(states, change)
            break
        else:
            if text[at] == "\n":
                states[:] = ["root"]
            places.append((at, list(states)))
            yield at, Whitespace if text[at] == "\n" else Error, text[at]
            at += 1


def _change(states: list[str], change: Any) -> None:
    """Go to the states that a rule names: some deeper, or so many up, or this one once more."""
    if isinstance(change, int):
        del states[max(len(states) + change, 1) if change < 0 else change :]
    elif change == "#push":
        states.append(states[-1])
    elif change is not None:
        for state in change if isinstance(change, tuple) else (change,):
            if state == "#pop":
                del states[max(len(states) - 1, 1) :]
            else:
                states.append(states[-1] if state == "#push" else state)


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
