"""Shows and changes `config.toml`, and shows the values in effect."""

import shlex
import subprocess
from contextlib import suppress
from typing import Any

from convo.errors import ConvoError, NotFoundError
from convo_cli.config.file import ConfigError, config_path, read_config
from convo_cli.config.names import dotted, split_name
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.report import report, show
from convo_cli.render.data.rows import Row
from convo_cli.render.settings import settings, shown
from convo_cli.render.terminal.text import safe
from convo_cli.settings import Format, default_database


def path(invocation: Invocation) -> None:
    """Print the path of the configuration file, even if it does not exist."""
    where = str(config_path(invocation.environ))
    if invocation.given.as_json or invocation.given.output_format:
        report(invocation, where, {"path": where})
    else:
        invocation.terminal.write_name(where)


def list_(invocation: Invocation, origin: bool) -> None:
    """List the values in effect: from options, the environment, config.toml or defaults."""
    from convo_cli.config import origins

    found = list(origins.settings(invocation.config, _effective(invocation)))
    show(invocation, settings(found, origin=origin))


def get(invocation: Invocation, key: str) -> None:
    """Print the value in effect. Raises `NotFoundError` if there is none."""
    from convo_cli.config import origins

    name = dotted(_parts(key))
    found = origins.setting_of(name, invocation.config, _effective(invocation))
    value = invocation.config.value(name) if found is None else found.value
    if value is None:
        raise NotFoundError(f"'{name}' is not set", hint=f"`convo config set {name} …` sets it")
    if invocation.settings.format is Format.TABLE:
        text = shown(value)
        invocation.terminal.write(
            f"{safe(text) if invocation.terminal.stdout_is_terminal else text}\n"
        )
    else:
        origin = "" if found is None else found.origin
        report(invocation, "", {"key": name, "value": value, "origin": origin})


def set_(invocation: Invocation, key: str, value: str) -> None:
    """Set a key in config.toml, and keep the rest of the file."""
    from convo_cli.config.values import parsed_value
    from convo_cli.config.writing import set_value

    parts = _parts(key)
    parsed = parsed_value(parts, value)
    set_value(config_path(invocation.environ), parts, parsed)
    name = dotted(parts)
    told(invocation, f"{name} is {shown(parsed)}", {"key": name, "value": parsed})


def unset(invocation: Invocation, key: str) -> None:
    """Remove a key, or a whole table, from config.toml."""
    from convo_cli.config.writing import remove

    parts = split_name(key)
    name = dotted(parts)
    if not parts or not remove(config_path(invocation.environ), parts):
        raise NotFoundError(f"'{key}' is not set in {config_path(invocation.environ)}")
    told(invocation, f"{name} is not set any more", {"key": name, "value": None})


def edit(invocation: Invocation) -> None:
    """Open config.toml in $VISUAL or $EDITOR, and check it afterwards."""
    from convo_cli.config.writing import make_folder

    file = config_path(invocation.environ)
    try:
        make_folder(file.parent)
        if not file.exists():
            file.touch(0o600)
    except OSError as error:
        raise ConfigError([f"{file}: it cannot be written: {error.strerror}"]) from error
    run_editor(invocation, str(file))
    read_config(file)
    if invocation.given.as_json or invocation.given.output_format:
        report(invocation, "", {"path": str(file)})


def run_editor(invocation: Invocation, file: str) -> None:
    """Open a file in the user's editor, and wait until it is closed. Raises `UsageError`."""
    environ = invocation.environ
    editor = environ.get("VISUAL") or environ.get("EDITOR") or "vi"
    try:
        code = subprocess.call([*shlex.split(editor), file])
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(
            f"the editor '{editor}' does not start: {why}", hint="set VISUAL or EDITOR"
        ) from error
    if code != 0:
        raise UsageError(f"the editor '{editor}' ended with exit code {code}")


def told(invocation: Invocation, done: str, row: Row) -> None:
    """Report what was written, and other mistakes in the file, which do not undo it."""
    try:
        report(invocation, done, row)
    except ConfigError as error:
        invocation.terminal.notice(done)
        for line in error.lines:
            invocation.terminal.notice(line)


def _parts(key: str) -> tuple[str, ...]:
    """The parts of a key's name. Raises `UsageError` for an unknown key."""
    from convo_cli.config.checking import key_of, known_names, unknown

    parts = split_name(key)
    if not parts:
        raise UsageError(f"'{key}' is not a key", hint="it looks like options.temperature")
    if key_of(parts) is None:
        raise UsageError(unknown(parts), hint=f"the keys are {known_names()}")
    return parts


def _effective(invocation: Invocation) -> Any:
    from convo_cli.config.origins import DEFAULT, Effective

    given, environ = invocation.given, invocation.environ
    typed: dict[str, Any] = {}
    if given.db is not None:
        typed["db"] = given.db
    if given.as_json or given.output_format:
        typed["format"] = "json" if given.as_json else str(given.output_format)
    if given.quiet:
        typed["notices"] = False
    defaults: dict[str, tuple[Any, str]] = {
        "db": (str(default_database()), DEFAULT),
        "format": ("table", DEFAULT),
        "pager": ("less", DEFAULT),
        "keys": ("emacs", DEFAULT),
        "status": (True, DEFAULT),
        "notices": (True, DEFAULT),
    }
    if environ.get("PAGER"):
        defaults["pager"] = environ["PAGER"], "environment PAGER"
    return Effective(environ, typed, _of_session(invocation), defaults)


def _of_session(invocation: Invocation) -> tuple[str, str] | None:
    """The current session and its last model; None if it has none."""
    import asyncio

    from convo.store import ConversationStore
    from convo_cli.location import find_location

    async def found() -> tuple[str, str] | None:
        async with ConversationStore(invocation.settings.db) as store:
            location = await find_location(store, invocation.settings)
            model = (await store.session_model(location.session)).model
            return None if model is None else (location.session, model)

    with suppress(ConvoError):
        file = invocation.settings.file
        if file is None or file.exists():
            return asyncio.run(found())
    return None
