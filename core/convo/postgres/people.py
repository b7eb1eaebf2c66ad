"""Whose head it is: on a server, everybody has one."""

import getpass
import os

from convo.postgres.literals import Quote


def person(quote: Quote) -> str:
    """The person of this process, as an expression: the role and the login name, or CONVO_USER."""
    named = os.environ.get("CONVO_USER")
    return quote(named) if named else f"(current_user || '/' || {quote(_login())})"


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        # The user of a container may have no name.
        return str(os.getuid())
