"""Checks this machine: versions, files, keys, database, servers, terminal and completion."""

import asyncio
import os
from collections.abc import Mapping

from convo.errors import ConvoError
from convo_cli.actions import doctor_checks as checks
from convo_cli.config.addresses import same_server
from convo_cli.config.credentials import source_of
from convo_cli.config.file import VARIABLE, ConfigError
from convo_cli.config.servers import OPENAI, OPENAI_URL, Server, openai, server_at, servers
from convo_cli.exits import ExitCode, UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.report import show
from convo_cli.render.doctor import Finding, findings
from convo_cli.render.terminal.text import counted
from convo_cli.settings import Format
from convo_cli.turn.redact import without_credentials

_PATIENCE = 5.0
"""Seconds for a server to list its models."""


async def examine(invocation: Invocation, *, offline: bool) -> int:
    """Write the findings, and return the exit code: 1 if something is wrong."""
    configuration = checks.configuration(invocation)
    if configuration.state == "wrong":
        # The other checks go on as without a configuration.
        invocation = _with(invocation, {VARIABLE: os.devnull})
    try:
        settings = invocation.settings
        place = (
            checks.database_server(settings)
            if settings.file is None
            else (checks.database_file(settings.file))
        )
        database = [place, await checks.database(settings)]
    except UsageError as error:
        database = [Finding("database file", "wrong", str(error), error.hint)]
        invocation = _with(invocation, {"CONVO_DB": os.devnull})
    found = [
        *checks.versions(),
        configuration,
        *database,
        *checks.files(),
        *checks.keys(invocation),
        *await _servers(invocation, offline=offline),
        *checks.terminal(invocation),
        checks.completion(invocation),
    ]
    show(invocation, findings(found))
    wrong = sum(one.state == "wrong" for one in found)
    if invocation.settings.format is Format.TABLE:
        said = f"{counted(wrong, 'thing')} to put right" if wrong else "nothing is wrong"
        invocation.terminal.notice(said)
    return ExitCode.UNEXPECTED if wrong else ExitCode.DONE


def _with(invocation: Invocation, environ: Mapping[str, str]) -> Invocation:
    """The invocation with other variables, and without the option --db."""
    other = Invocation(invocation.terminal, {**invocation.environ, **environ})
    other.add(invocation.given._replace(db=None))
    return other


async def _servers(invocation: Invocation, *, offline: bool) -> list[Finding]:
    """Whether the servers respond that the user has named, all at the same time."""
    named = _named(invocation)
    if offline:
        return [Finding(_name(one), "note", "not asked: --offline") for one in named]
    return list(await asyncio.gather(*map(_asked, named)))


def _named(invocation: Invocation) -> list[Server]:
    """The servers of the configuration and the environment, and OpenAI if it has a key."""
    config, environ = invocation.config, invocation.environ
    found = list(servers(config).values())
    try:
        if source_of(openai(), environ) is not None:
            found.insert(0, openai())
    except ConfigError:
        # The check of the keys says so.
        return found
    url = environ.get("OPENAI_BASE_URL")
    if url and not same_server(url, OPENAI_URL) and server_at(config, url) is None:
        found.append(Server("", url, None, ""))
    return found


def _name(server: Server) -> str:
    return f"server {server.name or without_credentials(server.url)}"


async def _asked(server: Server) -> Finding:
    # Imported here because the HTTP client is slow to load.
    from convo_cli.plain.asking import listed_models
    from convo_cli.plain.findings import Findings
    from convo_cli.turn.choice import ModelChoice

    base_url = None if server.name == OPENAI else server.url
    choice = ModelChoice(base_url=base_url, timeout=_PATIENCE)
    try:
        async with asyncio.timeout(2 * _PATIENCE):
            models = await listed_models(choice, Findings())
    except TimeoutError:
        return Finding(_name(server), "wrong", f"no answer within {2 * _PATIENCE:.0f} seconds")
    except ConvoError as error:
        return Finding(_name(server), "wrong", str(error), error.hint)
    return Finding(_name(server), "ok", f"it responds, and has {counted(len(models), 'model')}")
