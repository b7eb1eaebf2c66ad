"""What a chat says when it begins: who answers, where that is, and where it is all kept."""

from pathlib import Path

from convo_cli.chat.slash.settings import asked_next
from convo_cli.chat.state import Chat
from convo_cli.config.servers import server_at
from convo_cli.render.terminal.grid import cells
from convo_cli.settings import Settings
from convo_cli.turn.choice import ECHO, ROUTED_ELSEWHERE, server_url
from convo_cli.turn.redact import without_credentials


def answering(chat: Chat) -> list[str]:
    """The model or agent, the server, and the database: in two lines where one is too narrow."""
    answers = f"{asked_next(chat)}{_server(chat)}"
    database = f"database {_shown(chat.invocation.settings)}"
    fits = cells(f"{answers}; {database}") <= chat.terminal.width
    return [f"{answers}; {database}"] if fits else [answers, database]


def _server(chat: Chat) -> str:
    choice = chat.choice
    if choice.model == ECHO:
        return ", which is built in and offline"
    if (choice.model or "").startswith(ROUTED_ELSEWHERE):
        return ""
    url = server_url(choice, chat.invocation.environ)
    if url is None:
        return " at OpenAI"
    server = server_at(chat.invocation.config, url)
    shown = without_credentials(url)
    return f" at {shown}" if server is None else f" at {server.name} ({shown})"


def _shown(settings: Settings) -> str:
    if not isinstance(settings.db, Path):
        return str(settings.db)
    path = settings.db.absolute()
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)
