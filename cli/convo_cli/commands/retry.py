"""`convo retry`: the turn that failed, or else the last one, asked again."""

import typer

from convo.store import ConversationStore
from convo_cli.commands.asking import model_choice
from convo_cli.invocation import Invocation
from convo_cli.options import (
    Agent,
    Api,
    BaseUrl,
    Instructions,
    MaxTurns,
    Model,
    ModelSetting,
    NoAgent,
    NoStream,
    Raw,
    Timeout,
    Trace,
)


def retry(
    ctx: typer.Context,
    model: Model = None,
    base_url: BaseUrl = None,
    api: Api = None,
    instructions: Instructions = None,
    agent: Agent = None,
    no_agent: NoAgent = False,
    option: ModelSetting = None,
    max_turns: MaxTurns = 10,
    timeout: Timeout = 600.0,
    no_stream: NoStream = False,
    raw: Raw = False,
    trace: Trace = False,
) -> None:
    """Ask again: the turn that failed, or the last one in a branch beside it.

    A turn that failed or was interrupted is asked where it would have stood, of the model that it
    was asked of. Where none was, the last turn is asked again in a new branch.
    """
    invocation = Invocation.of(ctx)
    choice = model_choice(
        model=model,
        base_url=base_url,
        api=api,
        instructions=instructions,
        agent=agent,
        no_agent=no_agent,
        option=option,
        max_turns=max_turns,
        timeout=timeout,
        trace=trace,
        stream=not no_stream,
    )
    from convo_cli.chat.conversation import locate
    from convo_cli.chat.oneshot import ask_once
    from convo_cli.chat.question import Question, question_again
    from convo_cli.render.held import asking_again

    async def find(store: ConversationStore) -> Question:
        settings = invocation.settings
        there = await locate(store, settings, new=False)
        # Where no place is named, a new session that failed to begin may be what is meant.
        anywhere = settings.session is None and settings.branch is None
        question = await question_again(store, there, or_new=anywhere)
        invocation.terminal.notice(asking_again(question.text, question.from_turn))
        return question

    ask_once(invocation, choice, find, raw=raw)
