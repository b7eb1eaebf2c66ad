"""Answers a shell: what the word at the cursor can be, with what the shell needs to insert it.

An answer is a list of texts, each of which ends with a NUL: no name can have one, and every shell
can read it. The first says how the shell goes on:

- `files` or `folders`: the shell completes a path itself; the next text is what is before it.
- `open`: the only offer is not the end of the word.
- any other text: the offers follow.
"""

import os
import sys

from convo_cli.completing import typed
from convo_cli.completing.asked import MOST, Asked, Offer
from convo_cli.completing.line import place_of
from convo_cli.completing.offers import FILES, offers
from convo_cli.completing.table import root_command

_START = """\
import gc, sys
gc.disable()
sys.path += {roots!r}
from convo_cli.completing.answering import main
main(sys.argv[1:])
gc.freeze()
"""
"""What answers fastest. No garbage is looked for, not even at the end, as in `__main__`."""

_LEAST = {"bash": 4, "zsh": 2, "fish": 1, "command": 0}
"""How many texts each shell gives, at least."""

_GOES_ON = ("=", "/")
_LISTING = "63"
"""COMP_TYPE of bash when it lists what is possible, and inserts nothing."""

_TAGS = {"switched": "branches", "shown": "turns", "config_keys": "keys", "set_keys": "keys"}
"""What zsh calls a kind of value, if not by its name."""

_WIDEST = 40
"""The widest column of names; a longer name moves its description to the right."""


def main(arguments: list[str]) -> int:
    """Answer one question on stdout."""
    asked = [os.fsencode(text).decode("utf-8", "surrogateescape") for text in arguments]
    if not asked or len(asked) - 1 < _LEAST.get(asked[0], len(asked)):
        os.write(2, b"convo: __complete is what shells ask; see `convo completion --help`\n")
        return 2
    text = "".join(f"{part}\0" for part in answer(*asked))
    os.write(1, text.encode("utf-8", "surrogateescape"))
    return 0


def answer(shell: str, *asked: str) -> list[str]:
    """The answer to a shell, or the command that answers fastest."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish, "command": _command}[shell](list(asked))


def _command(_: list[str]) -> list[str]:
    """The command that answers fastest: an isolated Python without `site`, and where we are."""
    import convo

    packages = (os.path.dirname(os.path.abspath(__file__)), os.path.abspath(convo.__file__))  # noqa: PTH100, PTH120
    roots = dict.fromkeys(os.path.dirname(os.path.dirname(one)) for one in packages)  # noqa: PTH120
    return [sys.executable, "-I", "-S", "-c", _START.format(roots=[*roots, *_elsewhere()])]


def _elsewhere() -> list[str]:
    """Where the one package is that some platforms need to find the user's folders."""
    platform: str = sys.platform
    if platform == "linux":
        return []
    import platformdirs

    return [os.path.dirname(os.path.dirname(platformdirs.__file__))]  # noqa: PTH120


def _bash(arguments: list[str]) -> list[str]:
    line, breaks, kind, columns = arguments
    words = typed.bash_line(line, breaks)
    word = words.pop()
    before = _of_last_command(words)
    if before and before[-1].operator:
        return ["files", ""]
    is_listed = kind == _LISTING and not word.quote
    asked = _asked([one.value for one in before], word.literal, is_described=is_listed)
    if asked is None:
        return [""]
    place = asked.place
    if place.kind in FILES:
        return [place.kind, place.prefix]
    found = [
        (place.prefix + value, about)
        for value, about in offers(asked)
        if (place.prefix + value).startswith(word.literal) and "\0" not in value
    ][:MOST]
    texts = [typed.quoted(value[word.fixed :], word.quote) for value, _ in found]
    if is_listed and len(found) > 1:
        return ["", *_described(texts, [about for _, about in found], int(columns or 80), "  (")]
    is_open = len(found) == 1 and found[0][0].endswith(_GOES_ON)
    return ["open" if is_open else "", *texts]


def _of_last_command(words: list[typed.Typed]) -> list[typed.Typed]:
    """The words of the command at the cursor after its name, without redirections."""
    left: list[typed.Typed] = []
    for word in words:
        if word.operator and word.operator not in "<>":
            left = []
        elif word.operator or not (left and left[-1].operator):
            left.append(word)
        else:
            left.pop()
    return left[1:]


def _zsh(arguments: list[str]) -> list[str]:
    columns, word, *before = arguments
    begun = typed.one_word(word).literal
    words = [typed.one_word(one).value for one in before]
    environ = dict(os.environ)
    while words:
        # Assignments before the name of the program are its variables.
        name, equals, value = (words.pop(0) or "").partition("=")
        if not equals:
            break
        environ[name] = value
    asked = _asked(words, begun, environ)
    if asked is None:
        return [""]
    if asked.place.kind in FILES:
        return [asked.place.kind, asked.place.prefix]
    found = _whole(asked)
    values = [value for value, _ in found]
    shown = _described(
        [_printable(value) for value in values],
        [about for _, about in found],
        int(columns or 80),
        "  -- ",
    )
    kind = asked.place.kind
    parts = ["values" if kind.startswith("=") else _TAGS.get(kind, kind)]
    for value, line in zip(values, shown, strict=True):
        parts += ["open" if value.endswith(_GOES_ON) else "", value, line]
    return parts


def _fish(arguments: list[str]) -> list[str]:
    word, *before = arguments
    begun = typed.one_word(word, fish=True).literal
    values: list[str | None] = [os.path.expandvars(os.path.expanduser(one)) for one in before]  # noqa: PTH111
    asked = _asked(values, begun)
    if asked is None:
        return [""]
    if asked.place.kind in FILES:
        return [asked.place.kind, asked.place.prefix]
    # The description follows a tab.
    found = [one for one in _whole(asked) if "\t" not in one[0]]
    return ["", *(f"{value}\t{_printable(about)}" for value, about in found)]


def _asked(
    words: list[str | None],
    begun: str,
    environ: dict[str, str] | None = None,
    *,
    is_described: bool = True,
) -> Asked | None:
    root = root_command()
    place = place_of(words, begun, root)
    if place is None:
        return None
    return Asked(place, root, environ or dict(os.environ), is_described=is_described)


def _whole(asked: Asked) -> list[Offer]:
    """The offers as whole words: these shells choose among them in ways of their own."""
    found = ((f"{asked.place.prefix}{value}", about) for value, about in offers(asked))
    return [one for one in found if "\0" not in one[0]][:MOST]


def _described(names: list[str], about: list[str], columns: int, between: str) -> list[str]:
    """Names with their descriptions beside them, as far as a line has room."""
    if not any(about):
        return names
    width = min(max(len(name) for name in names), _WIDEST)
    end = ")" if between.endswith("(") else ""
    lines = []
    for name, text in zip(names, about, strict=True):
        room = columns - 2 - max(width, len(name)) - len(between) - len(end)
        said = _printable(text)
        said = said if len(said) <= room else f"{said[: max(room - 1, 0)]}…"
        has_room = text and room > len(end)
        lines.append(f"{name:<{width}}{between}{said}{end}" if has_room else name)
    return lines


def _printable(text: str) -> str:
    """A text on one line, with a space for whatever cannot be printed."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
