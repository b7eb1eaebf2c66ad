"""Asks the user for the password of a server, on the terminal, once for each server."""

import os
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convo.postgres.url import ServerAddress

_TERMINAL = "/dev/tty"


class Passwords:
    """The passwords that have been typed in this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._typed: dict[str, str | None] = {}

    def asked_for(self, address: "ServerAddress") -> "ServerAddress":
        """The address, whose password is asked for if the server wants one and none is found."""
        from dataclasses import replace

        return replace(address, ask=self._asking(address))

    def _asking(self, address: "ServerAddress") -> Callable[[], str | None]:
        def ask() -> str | None:
            # Connections are opened by several threads.
            with self._lock:
                name = str(address)
                if name not in self._typed:
                    self._typed[name] = _read(f"Password for {name}: ")
                return self._typed[name]

        return ask


def _read(prompt: str) -> str | None:
    """What is typed, without echo; None if there is no terminal, or nothing is typed."""
    import atexit
    import getpass
    import termios
    from functools import partial

    try:
        terminal = os.open(_TERMINAL, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return None
    # Ctrl-C ends the program, but not the thread that reads: the echo has to come back anyway.
    restore = partial(termios.tcsetattr, terminal, termios.TCSANOW, termios.tcgetattr(terminal))
    atexit.register(restore)
    try:
        return getpass.getpass(prompt) or None
    except EOFError:
        return None
    finally:
        atexit.unregister(restore)
        os.close(terminal)
