"""Shows the last turn to a user who has switched to another branch."""

from convo.store import ConversationStore
from convo_cli.invocation import Invocation
from convo_cli.settings import Format


async def remind(
    invocation: Invocation, store: ConversationStore, session: str, branch: str
) -> None:
    """Show the last turn of a branch, shortened, on stderr, if that is a terminal."""
    terminal = invocation.terminal
    is_read = invocation.settings.format is Format.TABLE and terminal.stderr_is_terminal
    if not is_read or not await store.last_turn(session, branch):
        return
    # Imported here because programs that call convo do not need it.
    from convo_cli.render.pending import last_turn

    (turn,) = await store.transcript(session, branch, -1, -1)
    look = terminal.look._replace(colour=terminal.stderr_colour)
    terminal.aside(last_turn(turn, look).rstrip("\n"))
