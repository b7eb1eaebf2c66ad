"""Stores, lists and removes the API keys of servers, which are never shown."""

from convo.errors import NotFoundError
from convo_cli.actions.servers import the_server
from convo_cli.config.addresses import same_server
from convo_cli.config.credentials import FILE_NAME, forget, keys_path, source_of, store, stored_at
from convo_cli.config.servers import openai, servers
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.report import report, show
from convo_cli.render import settings as listings


def set_(invocation: Invocation, server: str, keyring: bool) -> None:
    """Read a key, without echo or from a pipe, and store it for one server."""
    one = the_server(invocation, server)
    store(one, _read(invocation, one.name), in_keyring=keyring)
    where = "the system's keyring" if keyring else str(keys_path())
    source = source_of(one, invocation.environ)
    report(
        invocation,
        f"the key of '{one.name}' is in {where}",
        {"server": one.name, "url": one.url, "key": source},
    )
    if source not in {FILE_NAME, "keyring"}:
        invocation.terminal.notice(f"{source} is set, and wins over it")


def list_(invocation: Invocation) -> None:
    """List the servers that have a key, and where it is stored. The keys are not shown."""
    named = [openai(), *servers(invocation.config).values()]
    found: list[tuple[str | None, str, str]] = []
    for one in named:
        source = source_of(one, invocation.environ)
        if source is not None:
            found.append((one.name, one.url, source))
    found += [
        (None, url, source)
        for url, source in stored_at().items()
        if not any(same_server(one.url, url) for one in named)
    ]
    show(invocation, listings.keys(found))


def remove(invocation: Invocation, server: str) -> None:
    """Remove the stored key of a server."""
    one = the_server(invocation, server)
    if not forget(one):
        raise NotFoundError(f"no key is stored for '{one.name}'")
    report(
        invocation,
        f"removed the key of '{one.name}'",
        {"server": one.name, "url": one.url, "key": source_of(one, invocation.environ)},
    )


def _read(invocation: Invocation, name: str) -> str:
    """Read a key from the terminal or a pipe. Raises `UsageError`."""
    terminal = invocation.terminal
    if terminal.stdin_is_terminal:
        import getpass

        try:
            typed = getpass.getpass(f"Key of {name}: ")
        except EOFError:
            typed = ""
    else:
        typed = terminal.piped_text()
    read = typed.strip()
    if not read:
        raise UsageError("there is no key", hint="type it, or pipe it in")
    if not (read.isascii() and read.isprintable()) or " " in read:
        raise UsageError("that has characters that no key has", hint="copy the key once more")
    return read
