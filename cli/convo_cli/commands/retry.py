"""`convo retry`: the turn that failed, or else the last one, asked again."""

import typer

from convo.store import ConversationStore
from convo_cli.agent.choice import ModelChoice
from convo_cli.commands.asking import asks_a_model
from convo_cli.invocation import Invocation
from convo_cli.options import Raw


@asks_a_model
def retry(
    ctx: typer.Context,
    choice: ModelChoice,
    raw: Raw = False,
) -> None:
    """Ask again: the turn that failed, or the last one in a branch beside it.

    A turn that failed or was interrupted is asked where it would have stood, of the model that it
    was asked of. Where none was, the last turn is asked again in a new branch.
    """
    invocation = Invocation.of(ctx)
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
