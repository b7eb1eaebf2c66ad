"""`convo completion`: prints or installs the script that completes command lines in a shell."""

from typing import Annotated, Literal

import typer

from convo_cli import actions
from convo_cli.invocation import Invocation
from convo_cli.written import TEXT, writes

Shell = Literal["bash", "zsh", "fish"]


@writes(TEXT)
def completion(
    ctx: typer.Context,
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
    install: Annotated[
        bool, typer.Option("--install", help="Put it where the shell looks for it.")
    ] = False,
) -> None:
    """Print the completion script for a shell, or install it.

    It completes commands, options, and what they are about: sessions, branches, turns with their
    first words, models and files. Try it with `eval "$(convo completion bash)"`. --install writes
    it below your home, and says what else the shell needs, if anything.
    """
    if install:
        actions.completion.install(Invocation.of(ctx), shell)
    else:
        actions.completion.write(Invocation.of(ctx), shell)
