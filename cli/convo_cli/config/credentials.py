"""The API keys of servers, from the environment, a private file, or the system's keyring.

A stored key belongs to an address, and is sent nowhere else: changing the URL of a named server
does not send the key to the new one. A key in the environment belongs to the server that names its
variable; OPENAI_API_KEY goes to OpenAI, to servers without a name, and to that of OPENAI_BASE_URL.
"""

import json
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from convo_cli.config.addresses import address, host_of, same_server
from convo_cli.config.file import ConfigError, config_path, read_config
from convo_cli.config.servers import OPENAI, OPENAI_URL, Server, openai, server_at

FILE_NAME = "keys.json"
OPENAI_VARIABLE = "OPENAI_API_KEY"
KEYRING = "keyring"

_LARGEST = 1_000_000
_SERVICE = "convo"
_OPENAI_HOST = "api.openai.com"


class Credential(NamedTuple):
    """A key and its source: the name of a variable, the path of the file, or `keyring`."""

    key: str
    source: str

    def __repr__(self) -> str:
        return f"Credential('***', {self.source!r})"


def keys_path() -> Path:
    """The file of the keys, in the user's data directory of this platform."""
    # Imported here because only commands that ask a model need it.
    import platformdirs

    return Path(platformdirs.user_data_dir("convo", appauthor=False)) / FILE_NAME


def credential_for(url: str | None, environ: Mapping[str, str]) -> Credential | None:
    """The key of a server, or of OpenAI without a URL; None if it has none.

    Raises `ConfigError` if the keys cannot be read.
    """
    server = server_of(url, environ)
    found = _in_environment(url, server, environ)
    # Only named servers have keys in the file, because `convo key set` takes names.
    return stored(server.url) if found is None and server is not None else found


def source_of(server: Server, environ: Mapping[str, str]) -> str | None:
    """The source of a server's key, found without reading the key; None if it has none."""
    found = _in_environment(server.url, server, environ)
    return stored_at().get(address(server.url) or "") if found is None else found.source


def server_of(url: str | None, environ: Mapping[str, str]) -> Server | None:
    """The named server at this URL, or OpenAI without a URL; None if the server has no name."""
    where = address(url or OPENAI_URL)
    if where is not None and host_of(where) == _OPENAI_HOST:
        return openai()
    return server_at(read_config(config_path(environ)), url)


def key_help(given: Credential | None, url: str | None, environ: Mapping[str, str]) -> str:
    """A hint on how to correct or set the key of a server."""
    if given is not None and given.source not in {FILE_NAME, KEYRING}:
        return f"check {given.source}"
    server = server_of(url, environ)
    if server is None:
        return f"set {OPENAI_VARIABLE}"
    command = "convo key set" if server.name == OPENAI else f"convo key set {server.name}"
    if given is not None:
        return f"`{command}` sets another"
    return f"set {server.key_variable}, or keep one with `{command}`"


def _in_environment(
    url: str | None, server: Server | None, environ: Mapping[str, str]
) -> Credential | None:
    variables = [OPENAI_VARIABLE] if server is None else [server.key_variable]
    base_url = environ.get("OPENAI_BASE_URL")
    if server is not None and base_url and same_server(base_url, url):
        variables.append(OPENAI_VARIABLE)
    for variable in variables:
        if key := environ.get(variable, "").strip():
            return Credential(key, variable)
    return None


def stored(url: str) -> Credential | None:
    """The stored key of the server at this address. Raises `ConfigError`."""
    where = address(url) or url
    entry = _entries(_text()).get(where)
    if isinstance(entry, str):
        return Credential(entry, FILE_NAME)
    if entry is None:
        return None
    key = _in_keyring("found", lambda: _keyring().get_password(_SERVICE, where))
    return None if key is None else Credential(key, KEYRING)


def stored_at() -> dict[str, str]:
    """The addresses with a stored key, and the source of each key."""
    return {
        where: FILE_NAME if isinstance(entry, str) else KEYRING
        for where, entry in _entries(_text()).items()
    }


def store(server: Server, key: str, *, in_keyring: bool) -> None:
    """Store the key of a server. Raises `ConfigError`."""
    where = address(server.url) or server.url
    if in_keyring:
        _in_keyring("kept", lambda: _keyring().set_password(_SERVICE, where, key))
    _change(lambda entries: entries.update({where: {KEYRING: True} if in_keyring else key}))


def forget(server: Server) -> bool:
    """Remove the stored key of a server; return whether there was one. Raises `ConfigError`."""
    where = address(server.url) or server.url
    entry = _entries(_text()).get(where)
    if entry is None:
        return False
    if not isinstance(entry, str):
        _in_keyring("removed", lambda: _keyring().delete_password(_SERVICE, where))
    _change(lambda entries: entries.pop(where, None))
    return True


def _text() -> str:
    """The text of the file. Raises `ConfigError` if other users can read or change it."""
    path = keys_path()
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigError([f"{path}: it cannot be read: {error.strerror}"]) from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid not in {0, os.geteuid()}:
            raise ConfigError([f"{path}: it is not a file of yours"])
        if stat.S_IMODE(found.st_mode) & 0o077:
            raise ConfigError(
                [f"{path}: other users of this machine can read or change it"],
                hint=f"chmod 600 {path}",
            )
        with open(descriptor, encoding="utf-8", errors="replace", closefd=False) as file:
            return file.read(_LARGEST)
    finally:
        os.close(descriptor)


def _entries(text: str) -> dict[str, Any]:
    """The keys by address; an object stands for a key in the keyring."""
    if not text:
        return {}
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        entries = None
    if not isinstance(entries, dict):
        path = keys_path()
        raise ConfigError(
            [f"{path}: it is damaged"], hint="move it away, and set your keys with `convo key set`"
        )
    return {where: entry for where, entry in entries.items() if isinstance(entry, str | dict)}


def _change(edit: Callable[[dict[str, Any]], object]) -> None:
    # Imported here because most calls only read.
    from convo_cli.config.private_files import alone, make_private, write_whole

    path = keys_path()
    try:
        make_private(path.parent)
        with alone(path):
            entries = _entries(_text())
            edit(entries)
            write_whole(path, f"{json.dumps(entries, indent=1)}\n")
    except OSError as error:
        raise ConfigError([f"{path}: it cannot be written: {error.strerror}"]) from error


def _keyring() -> Any:
    try:
        import keyring
    except ImportError:
        raise ConfigError(
            ["the library for the system's keyring is not installed"],
            hint="pip install 'convo-cli[keyring]'",
        ) from None
    return keyring


def _in_keyring(done: str, work: Callable[[], Any]) -> Any:
    try:
        return work()
    except ConfigError:
        raise
    except Exception as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise ConfigError([f"the key is not {done} in the system's keyring: {said}"]) from error
