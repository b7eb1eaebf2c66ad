"""Reads words as they were typed into a shell, quotes and all, and quotes others for bash.

Nothing that was typed is run: a word with a command in it has a value that is not known.
"""

import os

_HAS_MEANING = frozenset(" \t\n\"'\\$`!&|;<>()[]{}*?#~^")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "e": "\x1b", "a": "\a", "b": "\b", "f": "\f"}
_HEX = {*"0123456789abcdefABCDEF"}
_NAMED = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\x1b": "\\e", "'": "\\'", "\\": "\\\\"}


class Typed:
    """A word of a line, read up to its end or the cursor.

    Attributes:
        value: The word without its quotes; None if it depends on something unknown.
        literal: The same with variables and ~ as they were typed.
        quote: The quote that is still open, `'`, `"` or `$'`, else an empty text.
        fixed: The number of characters of `literal` before the part that bash replaces.
        operator: `<`, `>`, `;` and so on; empty for a word.
    """

    __slots__ = ("fixed", "literal", "operator", "quote", "value")

    def __init__(self, operator: str = "") -> None:
        self.value: str | None = ""
        self.literal = ""
        self.quote = ""
        self.fixed = 0
        self.operator = operator

    def add(self, text: str) -> None:
        """Add some text that stands for itself."""
        self.literal += text
        if self.value is not None:
            self.value += text


class _Line:
    """A line in the language of bash, or one word of it in that of zsh or fish."""

    def __init__(self, text: str, breaks: str, fish: bool) -> None:
        self.text = text
        self.breaks = breaks
        self.fish = fish
        self.at = 0

    def words(self) -> list[Typed]:
        """All words and operators; the last one is at the cursor, and may be empty."""
        found: list[Typed] = []
        while True:
            while self.text[self.at : self.at + 1] in {" ", "\t", "\n"}:
                self.at += 1
            operator = self.text[self.at : self.at + 1]
            if operator and operator in "<>|&;()":
                self.at += 1
                found.append(Typed(operator))
                continue
            found.append(self.word())
            if self.at >= len(self.text):
                return found

    def word(self, *, whole: bool = False) -> Typed:
        """The next word; with `whole` it is all of the text."""
        word = Typed()
        if self.text[self.at : self.at + 1] == "~" and not self.fish:
            self._home(word)
        while self.at < len(self.text):
            letter = self.text[self.at]
            if not whole and letter in " \t\n<>|&;()":
                return word
            self.at += 1
            if letter == "\\":
                self._escaped(word)
            elif letter in "'\"":
                self._quoted(word, letter)
            elif letter in "$`":
                self._expansion(word, letter)
            else:
                word.add(letter)
            if letter in self.breaks and letter not in "\\$" and not word.quote:
                word.fixed = len(word.literal)
        return word

    def _home(self, word: Typed) -> None:
        end = self.at
        while end < len(self.text) and self.text[end] not in "/ \t\n\"'\\$`<>|&;()":
            end += 1
        tilde = self.text[self.at : end]
        word.value = os.path.expanduser(tilde)  # noqa: PTH111
        word.literal = tilde
        self.at = end

    def _escaped(self, word: Typed) -> None:
        letter = self.text[self.at : self.at + 1]
        self.at += 1
        if letter == "\n":
            return
        word.add(_ESCAPES.get(letter, letter) if self.fish else letter)

    def _quoted(self, word: Typed, quote: str) -> None:
        before = len(word.literal)
        word.quote = quote
        while self.at < len(self.text):
            letter = self.text[self.at]
            self.at += 1
            following = self.text[self.at : self.at + 1]
            if letter == quote:
                word.quote = ""
                return
            if letter == "\\" and following and self._is_escape(quote, following):
                self.at += 1
                word.add("" if following == "\n" else following)
            elif quote == '"' and letter in "$`":
                self._expansion(word, letter, quoted=True)
            else:
                word.add(letter)
        word.fixed = before

    def _is_escape(self, quote: str, letter: str) -> bool:
        if quote == '"':
            return letter in '"\\$`\n'
        return self.fish and letter in "'\\"

    def _expansion(self, word: Typed, letter: str, *, quoted: bool = False) -> None:
        """What a `$` or a backtick begins: a variable has a value, a command has none."""
        rest = self.text[self.at :]
        if letter == "$" and rest[:1] == "'" and not (quoted or self.fish):
            self.at += 1
            self._ansi(word)
            return
        name, length = _variable(rest) if letter == "$" else ("", 0)
        if not name:
            if letter == "`" and self.fish:
                word.add(letter)
                return
            if letter == "`" or rest[:1] in {"(", "{"}:
                word.value = None
                end = self._end_of_command(letter if letter == "`" else rest[0])
                word.literal += letter + self.text[self.at : end]
                self.at = end
            else:
                word.add(letter)
            return
        found = os.environ.get(name)
        word.literal += letter + rest[:length]
        word.value = None if found is None or word.value is None else word.value + found
        self.at += length

    def _end_of_command(self, opening: str) -> int:
        """Where a command in a word ends, at the latest at the end of the text."""
        if opening == "`":
            end = self.text.find("`", self.at)
            return len(self.text) if end < 0 else end + 1
        closing = ")" if opening == "(" else "}"
        depth = 0
        for at in range(self.at, len(self.text)):
            depth += (self.text[at] == opening) - (self.text[at] == closing)
            if not depth:
                return at + 1
        return len(self.text)

    def _ansi(self, word: Typed) -> None:
        """The inside of `$'…'`."""
        before = len(word.literal)
        word.quote = "$'"
        raw = bytearray()
        while self.at < len(self.text):
            letter = self.text[self.at]
            self.at += 1
            if letter == "'":
                word.quote = ""
                break
            if letter == "\\" and self.at < len(self.text):
                raw += self._ansi_escape()
            elif letter != "\\":
                raw += letter.encode("utf-8", "surrogateescape")
        word.add(raw.decode("utf-8", "surrogateescape"))
        if word.quote:
            word.fixed = before

    def _ansi_escape(self) -> bytes:
        letter = self.text[self.at]
        self.at += 1
        if letter == "x":
            digits = ""
            while len(digits) < 2 and self.text[self.at : self.at + 1] in _HEX:
                digits += self.text[self.at]
                self.at += 1
            return bytes([int(digits, 16)]) if digits else b""
        return _ESCAPES.get(letter, letter).encode("utf-8", "surrogateescape")


def _variable(rest: str) -> tuple[str, int]:
    """The name of the variable after a `$`, and how long it is with its braces."""
    braced = rest.startswith("{")
    start = end = 1 if braced else 0
    while end < len(rest) and (rest[end] == "_" or (rest[end].isalnum() and rest[end].isascii())):
        end += 1
    name = rest[start:end]
    if not name or name[0].isdigit() or (braced and rest[end : end + 1] != "}"):
        return "", 0
    return name, end + braced


def bash_line(text: str, breaks: str) -> list[Typed]:
    """The words of a line of bash up to the cursor; `breaks` are its COMP_WORDBREAKS."""
    return _Line(text, breaks, fish=False).words()


def one_word(text: str, *, fish: bool = False) -> Typed:
    """A word of zsh or fish."""
    return _Line(text, "", fish).word(whole=True)


def quoted(text: str, quote: str) -> str:
    """The text as it is typed after an open quote of bash, or outside of all."""
    if quote == "$'":
        return "".join(_ansi(letter) for letter in text)
    if text.isprintable():
        return _plain(text, quote)
    if not quote:
        return "$'" + "".join(_ansi(letter) for letter in text) + "'"
    # What a quote cannot hold is put between two of them.
    return "".join(
        _plain(letter, quote) if letter.isprintable() else f"{quote}$'{_ansi(letter)}'{quote}"
        for letter in text
    )


def _plain(text: str, quote: str) -> str:
    if quote == "'":
        return text.replace("'", "'\\''")
    if quote == '"':
        escaped = "".join(f"\\{letter}" if letter in '"\\$`' else letter for letter in text)
        return escaped.replace("!", '"\\!"')
    if _HAS_MEANING.isdisjoint(text):
        return text
    return "".join(f"\\{letter}" if letter in _HAS_MEANING else letter for letter in text)


def _ansi(letter: str) -> str:
    if letter in _NAMED:
        return _NAMED[letter]
    if letter.isprintable():
        return letter
    return "".join(f"\\x{byte:02x}" for byte in letter.encode("utf-8", "surrogateescape"))
