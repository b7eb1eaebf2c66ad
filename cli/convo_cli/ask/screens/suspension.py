"""Ctrl-Z: the program stops until the shell lets it go on."""

import os
import signal
import termios


def suspend(descriptor: int | None) -> None:
    """Stop as Ctrl-Z does; on going on, give the terminal the modes that it had.

    The descriptor is that of the terminal, None where there is none.

    Where no shell could let it go on, the system does not stop it at all.
    """
    modes = None if descriptor is None else termios.tcgetattr(descriptor)
    handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTSTP)
    signal.signal(signal.SIGTSTP, handler)
    if descriptor is not None and modes is not None:
        termios.tcsetattr(descriptor, termios.TCSANOW, modes)
