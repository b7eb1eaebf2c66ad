"""Lists the models of a server."""

import asyncio

from convo_cli.config.servers import OPENAI, Server
from convo_cli.turn.choice import ModelChoice

_PATIENCE = 20.0
"""Seconds. Short, because a list of models needs no computation."""


def models_of(server: Server) -> list[str]:
    """The names of a server's models, in its order. Raises ModelError."""
    # Imported here because the HTTP client is slow to load.
    from convo_cli.plain.asking import listed_models
    from convo_cli.plain.findings import Findings

    base_url = None if server.name == OPENAI else server.url
    choice = ModelChoice(base_url=base_url, timeout=_PATIENCE)
    return asyncio.run(listed_models(choice, Findings()))
