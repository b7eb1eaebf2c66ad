"""Ctrl-Z: stops the program until the shell resumes it."""

import os
import signal
import termios


def suspend(descriptor: int | None) -> None:
    """Stop as Ctrl-Z does; when resumed, restore the modes of the terminal.

    `descriptor` is that of the terminal, None without a terminal. If no shell could resume the
    program, the system does not stop it at all.
    """
    modes = None if descriptor is None else termios.tcgetattr(descriptor)
    handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTSTP)
    signal.signal(signal.SIGTSTP, handler)
    if descriptor is not None and modes is not None:
        termios.tcsetattr(descriptor, termios.TCSANOW, modes)
