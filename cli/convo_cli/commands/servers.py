"""`convo server …`: the servers that have a name here."""

from typing import Annotated

import typer

from convo.errors import ConflictError, ConvoError, NotFoundError
from convo_cli.ask.server_models import models_of
from convo_cli.commands.config import told
from convo_cli.config.addresses import address, same_server
from convo_cli.config.checking import nearest
from convo_cli.config.file import ConfigError, config_path
from convo_cli.config.servers import Server, server_called, servers
from convo_cli.exits import ExitCode
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation
from convo_cli.options import Api
from convo_cli.output.report import show
from convo_cli.render import settings as listings

server = typer.Typer(
    name="server",
    cls=Group,
    help="Give servers names, so that `-m local/qwen3` asks one of them.",
    add_completion=False,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the server.")]


@server.command("add", cls=Command)
def add(
    ctx: typer.Context,
    name: Name,
    url: Annotated[
        str, typer.Argument(metavar="URL", help="Where its API is: http://127.0.0.1:11434/v1.")
    ],
    api: Api = None,
    key_variable: Annotated[
        str | None,
        typer.Option(
            "--key-variable",
            metavar="VARIABLE",
            help="The environment variable that has its key; NAME_API_KEY if not given.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="In the place of one so named.")] = False,
) -> None:
    """Name a server: it may be asked from now on, by this name and where a database names it."""
    from convo_cli.config.writing import set_value

    invocation = Invocation.of(ctx)
    there = servers(invocation.config).get(name)
    if there is not None and not force:
        raise ConflictError(
            f"a server '{name}' is there already: {there.url}",
            hint="--force puts this in its place",
        )
    given = {"url": url, "api": api, "key_variable": key_variable}
    table = {key: value for key, value in given.items() if value is not None}
    set_value(config_path(invocation.environ), ("servers", name), table)
    known = address(url) or url
    told(invocation, f"server '{name}' is {known}", {"server": name, **given})


@server.command("list", cls=Command)
def list_(ctx: typer.Context) -> None:
    """List the servers that have a name, and where the key of each is from."""
    invocation = Invocation.of(ctx)
    found = [server_called(invocation.config, "openai"), *servers(invocation.config).values()]
    rows = [(one, _key_source(invocation, one)) for one in found if one is not None]
    show(invocation, listings.servers(rows))


@server.command("remove", cls=Command)
def remove(ctx: typer.Context, name: Name) -> None:
    """Forget a server and its stored key: no database may name it any more."""
    from convo_cli.config.credentials import forget
    from convo_cli.config.writing import remove as unset

    invocation = Invocation.of(ctx)
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
    told(invocation, f"forgot server '{name}'", {"server": name, "url": gone.url})


@server.command("check", cls=Command)
def check(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The server; all of them if not given.")
    ] = None,
) -> None:
    """Ask servers for their models, to see that they are there and take the key.

    Exit code 5 says that one of them is not.
    """
    invocation = Invocation.of(ctx)
    if name is not None:
        named = [the_server(invocation, name)]
    else:
        named = list(servers(invocation.config).values())
    if not named:
        raise NotFoundError(
            "no server has a name here", hint="`convo server add NAME URL` adds one"
        )
    found: list[tuple[Server, int | None, str | None]] = []
    for one in named:
        try:
            found.append((one, len(models_of(one)), None))
        except ConvoError as error:
            said = f"{error}; {error.hint}" if error.hint else str(error)
            found.append((one, None, said))
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
            f"no server has the name '{name}'{nearest(name, names)}",
            hint="`convo server list` lists them",
        )
    return found


def _key_source(invocation: Invocation, server: Server) -> str | None:
    from convo_cli.config.credentials import source_of

    return source_of(server, invocation.environ)
