"""`convo chat`: asks one turn from the command line or a pipe, or chats interactively."""

from typing import TYPE_CHECKING, Annotated

import typer

from convo_cli import actions
from convo_cli.commands.asking_options import Attach, FirstCode, LastCode, NoStdin, Raw
from convo_cli.commands.model_options import asks_a_model
from convo_cli.completing.kinds import FREE, TURNS
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.options import NoSwitch
from convo_cli.render.data import shapes
from convo_cli.written import one, writes

if TYPE_CHECKING:
    from convo_cli.turn.choice import ModelChoice


@writes(one(shapes.ANSWER), one({**shapes.ANSWER, "object": "any"}, "--schema"), exits=(3, 4, 5))
@asks_a_model
def chat(
    ctx: typer.Context,
    choice: "ModelChoice",
    prompt: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PROMPT",
            help="What to ask. Text from stdin is added below it; - is stdin alone.",
        ),
        FREE,
    ] = None,
    attach: Attach = None,
    raw: Raw = False,
    first_code: FirstCode = False,
    last_code: LastCode = False,
    new: Annotated[
        bool, typer.Option("--new", help="Start a new session, named after its first prompt.")
    ] = False,
    go_on: Annotated[
        bool,
        typer.Option(
            "-c",
            "--continue",
            help="Go on with the current session; that is the rule, with and without this.",
        ),
    ] = False,
    here: Annotated[
        bool,
        typer.Option(
            "--here", help="Go on with the last session of this folder, and record the folder."
        ),
    ] = False,
    turn: Annotated[
        str | None,
        typer.Option(
            "--turn", metavar="N|TAG", help="Replace turn N, in a new branch; -1 is the last."
        ),
        TURNS,
    ] = None,
    no_switch: NoSwitch = False,
    no_stdin: NoStdin = False,
) -> None:
    """Ask a model, and store the turn.

    The answer is streamed to stdout. Without a prompt, on a terminal, the chat is interactive. It
    goes on with the current session and branch, unless an option says otherwise. -s NAME creates
    that session if it does not exist, and makes it current then; naming one that exists leaves the
    current one current, and so does CONVO_SESSION. In a database without sessions, or with --here
    in a folder without one, a session begins that is named after its first prompt.
    """
    if go_on and new:
        raise UsageError("--continue and --new contradict each other", hint="give one of them")
    if here:
        Invocation.of(ctx).here()
    actions.chat.chat(
        Invocation.of(ctx),
        choice,
        prompt=prompt,
        attach=attach,
        raw=raw,
        first_code=first_code,
        last_code=last_code,
        new=new,
        turn=turn,
        no_switch=no_switch,
        no_stdin=no_stdin,
    )
