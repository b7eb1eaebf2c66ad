"""Finds, reads and checks `config.toml`.

    config = read_config(config_path(environ))
    config.value("theme")                    # a checked value, or None
    config.named("mcp")["files"]["command"]  # a table of what the user has given names to

A key that `keys` does not have, or a value of another type, is an error (`ConfigError`, exit code
2), and so is a file that other users can write: it names servers, agents and programs. Another
key is one more line in `keys`. Nothing is imported to find that there is no file.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from convo.errors import ConvoError, SetError, joined

VARIABLE = "CONVO_CONFIG"
FILE_NAME = "config.toml"

_PLATFORM: str = sys.platform
_LARGEST = 1_000_000
"""The largest file in bytes: nobody writes more by hand."""

_MOST_PROBLEMS = 50


class ConfigError(ConvoError):
    """The configuration cannot be used; each of `lines` describes one mistake."""

    def __init__(self, lines: list[str], hint: str | None = None) -> None:
        super().__init__("\n".join(lines), hint=hint)
        self.lines = lines


class Config:
    """The configuration; empty without a file. `text` is the text of the file."""

    def __init__(
        self, path: Path, document: Mapping[str, Any] | None = None, text: str = ""
    ) -> None:
        self.path = path
        self.document = document or {}
        self.text = text

    def value(self, name: str) -> Any:
        """The value of a key, by its dotted name; None if it is not set."""
        found: Any = self.document
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found

    def named(self, table: str) -> Mapping[str, Any]:
        """A table of things with names: `servers`, `aliases`, `templates` or `mcp`."""
        found: Mapping[str, Any] = self.document.get(table, {})
        return found

    def line_of(self, *parts: str) -> int:
        """The line on which a key is set, from 1."""
        from convo_cli.config.places import line_of

        return line_of(self.text, parts)


def config_path(environ: Mapping[str, str]) -> Path:
    """The path in CONVO_CONFIG, or else `config.toml` in the platform's config directory."""
    named = environ.get(VARIABLE)
    if named:
        return Path(os.path.expanduser(named))  # noqa: PTH111  that of `Path` may raise
    return config_folder(environ) / FILE_NAME


def config_folder(environ: Mapping[str, str]) -> Path:
    """convo's folder in the user's config directory of this platform."""
    if _PLATFORM == "linux":
        # The same folder as that of platformdirs, whose import is too slow for most commands.
        base = environ.get("XDG_CONFIG_HOME", "").strip()
        home = Path(base) if base else Path(os.path.expanduser("~/.config"))  # noqa: PTH111
        return home / "convo"
    import platformdirs

    return Path(platformdirs.user_config_dir("convo", appauthor=False))


def read_config(path: Path) -> Config:
    """Read the file; the configuration is empty if it does not exist.

    Raises `ConfigError`, with a line for each mistake.
    """
    text = read_text(path)
    return Config(path) if text is None else parsed(path, text)


def read_text(path: Path) -> str | None:
    """The text of the file; None if it does not exist.

    Raises `ConfigError` if it cannot be read, or other users could have written it.
    """
    try:
        path.stat()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if str(path) == os.devnull:
        return None
    from convo_cli.config.agent_files import file_open_to_others
    from convo_cli.reading import read_at_most

    exposed = file_open_to_others(path)
    if exposed is not None:
        raise ConfigError(
            [f"{path}: other users of this machine can change {exposed}"],
            hint=f"chmod go-w {exposed}",
        )
    try:
        read = read_at_most(path, _LARGEST)
        if len(read) > _LARGEST:
            raise ConfigError([f"{path}: it has more than {_LARGEST:,} bytes"])
        return read.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError([f"{path}:{line}: it is not UTF-8 text"]) from None
    except OSError as error:
        raise _unreadable(path, error) from error


def parsed(path: Path, text: str) -> Config:
    """Parse a configuration. Raises `ConfigError`."""
    # Imported here because every command looks for the file, but most users have none.
    from convo_cli.config.checking import problems

    document, left, found = _document(text)
    for problem in problems(document):
        # Imported here because only a mistake needs it.
        from convo_cli.config.places import line_of

        found.append((line_of(left, problem.parts), problem.message))
    if found:
        shown = sorted(found)[:_MOST_PROBLEMS]
        raise ConfigError([f"{path}:{line}: {message}" for line, message in shown])
    return Config(path, document, text)


def _document(text: str) -> tuple[dict[str, Any], str, list[tuple[int, str]]]:
    """Parse as much as possible: the document, the text without invalid lines, and the mistakes."""
    import tomllib

    found: list[tuple[int, str]] = []
    lines = text.split("\n")
    while True:
        left = "\n".join(lines)
        try:
            return tomllib.loads(f"{left}\n"), left, found
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            said, place = _mistake(str(error))
        if len(found) == _MOST_PROBLEMS:
            return {}, "", found
        if place is None:
            begun = _never_ended(lines)
            found.append((begun, "it is not TOML: what begins here has no end"))
            lines = lines[: begun - 1]
        else:
            found.append((place, f"it is not TOML: {said}"))
            # The parser stops at the first mistake; once its line is removed, it finds the next.
            lines[place - 1] = ""


def _mistake(said: str) -> tuple[str, int | None]:
    """The parser's message, and its line; None for the end of the text."""
    import re

    message, _, place = said.rpartition(" (at ")
    found = re.match(r"line (\d+)", place)
    if message.startswith(("Cannot overwrite", "Cannot declare", "Cannot mutate")):
        message = "this key or table already exists"
    elif message == "Invalid value":
        message = "invalid value; a text needs quotes"
    return f"{message[:1].lower()}{message[1:]}", None if found is None else int(found[1])


def _never_ended(lines: list[str]) -> int:
    """The line on which an unclosed value begins: the first one after all valid TOML."""
    import tomllib

    for whole in range(len(lines) - 1, 0, -1):
        with suppress(tomllib.TOMLDecodeError, RecursionError):
            tomllib.loads("\n".join([*lines[:whole], ""]))
            return whole + 1
    return 1


def _unreadable(path: Path, error: Exception) -> ConfigError:
    why = error.strerror if isinstance(error, OSError) else str(error)
    return ConfigError([f"{path}: it cannot be read: {why}"])


def lines_of(error: ConfigError | SetError) -> Iterator[str]:
    """The lines of an error; the last one has the hint."""
    *first, last = error.lines
    yield from first
    yield joined(last, error.hint)
