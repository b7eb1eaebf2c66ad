"""The checks of `convo doctor` that look at this machine alone."""

import os
import platform
import shlex
import shutil
import sqlite3
import stat
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from convo import __version__
from convo.errors import ConvoError
from convo.store import ConversationStore
from convo_cli.config.credentials import keys_path, source_of
from convo_cli.config.file import ConfigError, config_path
from convo_cli.config.servers import Server, openai, servers
from convo_cli.config.trust import FILE_NAME as TRUSTED
from convo_cli.config.trust import trust_folder
from convo_cli.invocation import Invocation
from convo_cli.render.doctor import Finding
from convo_cli.render.terminal.palette import Palette
from convo_cli.render.terminal.text import counted, in_units
from convo_cli.settings import Settings
from convo_cli.shells.places import FILES, advice, place_of, script

_OLDEST_PYTHON = (3, 11)
_OLDEST_SQLITE = (3, 39)
_SDK = "openai-agents"
_DRIVER = "psycopg"
_COLOURS = {
    Palette.NONE: "none",
    Palette.SIXTEEN: "the 16 of the terminal",
    Palette.BOTH: "256, legible on light and dark",
    Palette.LIGHT: "256, for a light background",
}
_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def versions() -> Iterator[Finding]:
    """The versions of convo and of what it runs on."""
    yield Finding("convo", "ok", f"{__version__} in {Path(__file__).parents[1]}")
    yield _at_least(
        "Python",
        sys.version_info[:2] >= _OLDEST_PYTHON,
        f"{platform.python_version()}, {sys.executable}",
        "convo needs Python 3.11",
    )
    yield _at_least(
        "SQLite",
        sqlite3.sqlite_version_info[:2] >= _OLDEST_SQLITE,
        sqlite3.sqlite_version,
        "convo needs SQLite 3.39",
    )
    try:
        yield Finding("Agents SDK", "ok", version(_SDK))
    except PackageNotFoundError:
        hint = "install convo again: pip install convo-cli"
        yield Finding("Agents SDK", "wrong", "it is not installed", hint)
    found = shutil.which("convo")
    if found is None:
        yield Finding("program", "note", "`convo` is not on PATH", "add its folder to PATH")
    else:
        yield Finding("program", "ok", found)


def _at_least(check: str, is_new_enough: bool, found: str, hint: str) -> Finding:
    return Finding(check, "ok", found) if is_new_enough else Finding(check, "wrong", found, hint)


def files() -> Iterator[Finding]:
    """The files that convo keeps beside the database, and who can read and change them."""
    yield _file("keys file", keys_path(), private=True)
    yield _file("trusted file", trust_folder() / TRUSTED, private=False)


def configuration(invocation: Invocation) -> Finding:
    """Whether config.toml can be read, and has no mistakes."""
    path = config_path(invocation.environ)
    try:
        config = invocation.config
    except ConfigError as error:
        others = f" and {len(error.lines) - 1} more" if len(error.lines) > 1 else ""
        return Finding("config.toml", "wrong", f"{error.lines[0]}{others}", error.hint)
    if not config.text:
        return Finding("config.toml", "ok", f"{path} does not exist")
    return Finding("config.toml", "ok", str(path))


def _file(check: str, path: Path, *, private: bool) -> Finding:
    """A file; `private` if others must not even read it. The folder counts too."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return Finding(check, "ok", f"{path} does not exist yet")
    except OSError as error:
        return Finding(check, "wrong", f"{path}: {error.strerror}")
    if not stat.S_ISREG(found.st_mode):
        return Finding(check, "wrong", f"{path} is not a regular file")
    mode = stat.S_IMODE(found.st_mode)
    shown = f"{path}, {in_units(found.st_size)}, mode {mode:04o}"
    fix = f"chmod 600 {shlex.quote(str(path))}"
    if mode & _BY_OTHERS or (private and mode & _OF_OTHERS):
        done = "change it" if mode & _BY_OTHERS else "read it"
        return Finding(check, "wrong", f"{shown}: other users can {done}", fix)
    if path.parent.stat().st_mode & stat.S_IWOTH and not path.parent.stat().st_mode & stat.S_ISVTX:
        folder = f"other users can replace files in {path.parent}"
        fix = f"chmod o-w {shlex.quote(str(path.parent))}"
        return Finding(check, "wrong", f"{shown}: {folder}", fix)
    if mode & _OF_OTHERS:
        return Finding(check, "note", f"{shown}: other users can read it", fix)
    if not os.access(path, os.R_OK | os.W_OK):
        return Finding(check, "note", f"{shown}: you cannot write to it")
    return Finding(check, "ok", shown)


def keys(invocation: Invocation) -> Iterator[Finding]:
    """Whether OpenAI and the named servers have keys; the keys are not read."""
    named: list[Server] = [openai(), *servers(invocation.config).values()]
    for server in named:
        try:
            has_key = source_of(server, invocation.environ) is not None
        except ConfigError as error:
            yield Finding("keys", "wrong", error.lines[0], error.hint)
            return
        yield Finding(f"key of {server.name}", "ok", "there is one" if has_key else "there is none")


def database_file(path: Path) -> Finding:
    """The file of the database, and who can read and change it."""
    return _file("database file", path, private=False)


def database_server(settings: Settings) -> Finding:
    """The server of the database, and whether the driver for it is installed."""
    try:
        driver = version(_DRIVER)
    except PackageNotFoundError:
        hint = "install it: pip install 'convo-cli[postgres]'"
        return Finding("database server", "wrong", f"{settings.db}: no driver for it", hint)
    return Finding("database server", "ok", f"{settings.db}, by {_DRIVER} {driver}")


async def database(settings: Settings) -> Finding:
    """Whether the database can be opened, and is consistent."""
    if settings.file is not None and not settings.file.exists():
        return Finding("database", "ok", "there is none yet; `convo chat` creates it")
    try:
        async with ConversationStore(settings.db) as store:
            problems = await store.check()
            sessions, waiting = await store.count_sessions(), await store.count_waiting()
    except ConvoError as error:
        return Finding("database", "wrong", str(error), error.hint)
    if problems:
        found = f"{counted(len(problems), 'problem')}, the first: {problems[0].kind}"
        return Finding("database", "wrong", found, "`convo db check` lists them all")
    waits = f", {counted(waiting, 'waiting prompt')}" if waiting else ""
    return Finding("database", "ok", f"sound, {counted(sessions, 'session')}{waits}")


def terminal(invocation: Invocation) -> Iterator[Finding]:
    """What the terminal can show."""
    shown = invocation.terminal
    if not shown.stdout_is_terminal:
        yield Finding("terminal", "note", "stdout is not a terminal")
        return
    kind = invocation.environ.get("TERM") or "no TERM"
    size = f"{kind}, {shown.width}x{shown.height}"
    if not shown.can_redraw:
        hint = "set TERM to what the terminal is, such as xterm-256color"
        yield Finding("terminal", "note", f"{size}: it cannot redraw lines", hint)
    else:
        yield Finding("terminal", "ok", size)
    yield Finding("colours", "ok", _COLOURS[shown.palette])
    if shown.unicode:
        yield Finding("characters", "ok", "UTF-8")
    else:
        hint = "set LANG to one with UTF-8, such as C.UTF-8"
        yield Finding("characters", "note", "not UTF-8, so that lines are drawn with -", hint)


def completion(invocation: Invocation) -> Finding:
    """Whether the user's shell has the completion of this release."""
    shell = Path(invocation.environ.get("SHELL", "")).name
    if shell not in FILES:
        found = f"there is none for {shell}" if shell else "the shell is not known"
        return Finding("completion", "note", found, f"there is one for {', '.join(FILES)}")
    install = f"`convo completion {shell} --install` does it"
    path = place_of(shell, invocation.environ)
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return Finding("completion", "note", f"not installed for {shell}", install)
    if text != script(shell):
        return Finding("completion", "note", f"{path} is of another release", install)
    return Finding("completion", "ok", str(path), advice(shell, path, invocation.environ))
