"""Prints and installs the completion scripts."""

from convo_cli.invocation import Invocation
from convo_cli.output.files import write_file
from convo_cli.output.report import report
from convo_cli.shells.places import advice, place_of, script


def write(invocation: Invocation, shell: str) -> None:
    """Print the script for a shell."""
    invocation.terminal.write(script(shell))


def install(invocation: Invocation, shell: str) -> None:
    """Put the script where the shell looks for it, and say what it still needs."""
    environ = invocation.environ
    path = place_of(shell, environ)
    text = script(shell)
    is_new = not path.is_file() or path.read_bytes() != text.encode()
    if is_new:
        for folder in reversed([one for one in path.parents if not one.exists()]):
            # zsh uses no folder that others can write to.
            folder.mkdir(mode=0o755, exist_ok=True)
        write_file(path, [text], force=True)
    remaining = advice(shell, path, environ)
    report(
        invocation,
        f"{'installed' if is_new else 'already installed'}: {path}",
        {"shell": shell, "path": str(path), "changed": is_new, "remaining": remaining},
    )
    if remaining is not None:
        invocation.terminal.notice(remaining)
    else:
        invocation.terminal.notice(f"new {shell} shells use it")
