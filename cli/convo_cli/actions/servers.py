"""Adds, lists, checks and removes named servers."""

import typer

from convo.errors import ConflictError, ConvoError, NotFoundError, joined
from convo.names import did_you_mean
from convo_cli.actions.config import told
from convo_cli.ask.server_models import models_of
from convo_cli.config.addresses import address, same_server
from convo_cli.config.file import ConfigError, config_path
from convo_cli.config.servers import Server, server_called, servers
from convo_cli.exits import ExitCode
from convo_cli.invocation import Invocation
from convo_cli.output.report import show, show_none
from convo_cli.render import settings as listings


def add(
    invocation: Invocation,
    name: str,
    url: str,
    api: str | None,
    key_variable: str | None,
    force: bool,
) -> None:
    """Name a server. It may then be asked by this name, or if a database names it."""
    from convo_cli.config.writing import set_value

    there = servers(invocation.config).get(name)
    if there is not None and not force:
        raise ConflictError(
            f"a server '{name}' already exists: {there.url}",
            hint="--force puts this in its place",
        )
    given = {"url": url, "api": api, "key_variable": key_variable}
    table = {key: value for key, value in given.items() if value is not None}
    set_value(config_path(invocation.environ), ("servers", name), table)
    known = address(url) or url
    told(invocation, f"server '{name}' is {known}", {"server": name, **given})


def list_(invocation: Invocation) -> None:
    """List the named servers, and where the key of each comes from."""
    found = [server_called(invocation.config, "openai"), *servers(invocation.config).values()]
    rows = [(one, _key_source(invocation, one)) for one in found if one is not None]
    show(invocation, listings.servers(rows))


def remove(invocation: Invocation, name: str) -> None:
    """Remove a server and its stored key. A database may then no longer name it."""
    from convo_cli.config.credentials import forget
    from convo_cli.config.writing import remove as unset

    gone = the_server(invocation, name, configured=True)
    unset(config_path(invocation.environ), ("servers", name))
    others = [one for one in servers(invocation.config).values() if one.name != name]
    if not any(same_server(one.url, gone.url) for one in others):
        forget(gone)
        try:
            invocation.trust.forget("servers", address(gone.url))
        except OSError as error:
            raise ConfigError(
                [f"{invocation.trust.path}: it cannot be written: {error.strerror}"]
            ) from error
    told(invocation, f"removed the server '{name}'", {"server": name, "url": gone.url})


def check(invocation: Invocation, name: str | None) -> None:
    """Ask servers for their models, to check that they respond and accept the key."""
    if name is not None:
        named = [the_server(invocation, name)]
    else:
        named = list(servers(invocation.config).values())
    if not named:
        hint = "`convo server add NAME URL` adds one"
        invocation.terminal.notice(f"no server has a name here; {hint}")
        show_none(invocation, listings.checked_servers([]))
        return
    found: list[tuple[Server, int | None, str | None]] = []
    for one in named:
        try:
            found.append((one, len(models_of(one)), None))
        except ConvoError as error:
            found.append((one, None, joined(str(error), error.hint)))
    show(invocation, listings.checked_servers(found))
    if any(said for _, _, said in found):
        raise typer.Exit(ExitCode.MODEL)


def the_server(invocation: Invocation, name: str, *, configured: bool = False) -> Server:
    """The server of that name. Raises `NotFoundError`."""
    known = servers(invocation.config)
    found = known.get(name) if configured else server_called(invocation.config, name)
    if found is None:
        names = list(known) if configured else ["openai", *known]
        raise NotFoundError(
            f"no server has the name '{name}'{did_you_mean(name, names)}",
            hint="`convo server list` lists them",
        )
    return found


def _key_source(invocation: Invocation, server: Server) -> str | None:
    from convo_cli.config.credentials import source_of

    return source_of(server, invocation.environ)
