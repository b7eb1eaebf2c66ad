"""`convo completion`: prints the script that completes command lines of convo in a shell."""

from typing import Annotated, Literal

import typer

from convo_cli.invocation import Invocation

Shell = Literal["bash", "zsh", "fish"]


def completion(
    ctx: typer.Context,
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> None:
    """Print the completion script for a shell.

    Try it with `eval "$(convo completion bash)"`.
    """
    Invocation.of(ctx).terminal.write(script(shell, ctx.find_root().command))


def script(shell: Shell, root: object) -> str:
    """The completion script of a shell for the program with this root command."""
    from convo_cli.shells import bash, fish, zsh
    from convo_cli.shells.words import words_of

    writers = {"bash": bash.script, "zsh": zsh.script, "fish": fish.script}
    return writers[shell](words_of(root))
