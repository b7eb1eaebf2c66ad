"""Ctrl-Z: the program stops until the shell lets it go on."""

import os
import signal
import sys
import termios


def suspend() -> None:
    """Stop as Ctrl-Z does; on going on, give the terminal the modes that it had.

    Where no shell could let it go on, the system does not stop it at all.
    """
    terminal = sys.stdin is not None and sys.stdin.isatty()
    modes = termios.tcgetattr(sys.stdin) if terminal else None
    handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTSTP)
    signal.signal(signal.SIGTSTP, handler)
    if modes is not None:
        termios.tcsetattr(sys.stdin, termios.TCSANOW, modes)
