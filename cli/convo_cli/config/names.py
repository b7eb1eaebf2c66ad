"""Parses and writes names of keys: `options.temperature`, `aliases."gpt-4.1"`."""

import re
from collections.abc import Iterable

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def split_name(text: str) -> tuple[str, ...]:
    """The parts of the dotted key at the beginning of a text; empty if there is none."""
    parts: list[str] = []
    rest = text.strip()
    while rest:
        if rest[0] in "\"'":
            end = _end_of_string(rest)
            parts.append(_unquoted(rest[:end]))
        else:
            bare = _BARE.match(rest)
            if bare is None:
                break
            end = bare.end()
            parts.append(bare[0])
        rest = rest[end:].lstrip()
        if not rest.startswith("."):
            break
        rest = rest[1:].lstrip()
    return tuple(parts)


def dotted(parts: Iterable[str]) -> str:
    """The name of a key as it is typed."""
    return ".".join(part if _BARE.fullmatch(part) else quoted(part) for part in parts)


def quoted(text: str) -> str:
    """A text in TOML, on one line."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _end_of_string(text: str) -> int:
    quote, at = text[0], 1
    while at < len(text) and text[at] != quote:
        at += 2 if quote == '"' and text[at] == "\\" else 1
    return min(len(text), at + 1)


def _unquoted(text: str) -> str:
    import tomllib

    try:
        return str(tomllib.loads(f"x = {text}")["x"])
    except tomllib.TOMLDecodeError:
        return text
