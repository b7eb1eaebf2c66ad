"""Asks several models one question, and goes on with one of their branches."""

from collections.abc import Sequence

import typer

from convo.records import Location
from convo.store import ConversationStore
from convo_cli.actions.chat import check_stdin, whole_prompt
from convo_cli.ask.attachments import STDIN, attachments_of, content_of
from convo_cli.exits import ExitCode, UsageError
from convo_cli.invocation import Invocation
from convo_cli.location import find_location, location_if_there
from convo_cli.output.report import report, show
from convo_cli.render.trials import Line, answers, picked, where_answers_are
from convo_cli.settings import Format
from convo_cli.trials.choices import Tried, completed
from convo_cli.trials.picking import beside
from convo_cli.trials.question import Answered, Asking
from convo_cli.trials.running import run_trial
from convo_cli.trials.stopping import EndedError


def ask(
    invocation: Invocation,
    choices: Sequence[Tried],
    *,
    prompt: list[str] | None,
    attach: list[str],
    jobs: int,
    raw: bool,
    yes: bool,
    no_stdin: bool,
) -> None:
    """Ask a question with each choice, and write the answers."""
    terminal = invocation.terminal
    check_stdin(prompt or [], attach, no_stdin=no_stdin)
    files = attachments_of(attach, terminal)
    # The prompt of a template is that of all models, so there cannot be several.
    opening = choices[0].choice.opening
    if any(tried.choice.opening != opening for tried in choices):
        raise UsageError("these templates have different prompts", hint="ask with one of them")
    reads_stdin = not no_stdin and STDIN not in attach
    text = whole_prompt(prompt or [], terminal, opening, reads_stdin=reads_stdin)

    async def work() -> None:
        async with ConversationStore(invocation.settings.db, create=True) as store:
            location = await location_if_there(store, invocation.settings)
            place = None if location is None else Location(location.session, location.branch)
            tried = await completed(invocation, store, place, choices)
            asking = Asking(invocation, store, content_of(text, files), place, tried)
            await asking.confirm(yes=yes)
            code = await _asked(invocation, asking, jobs, raw)
        if code is not ExitCode.DONE:
            raise typer.Exit(code)

    run_trial(invocation, work())


async def _asked(invocation: Invocation, asking: Asking, jobs: int, raw: bool) -> ExitCode:
    """Ask, write the answers for a program, and return the exit code."""
    hidden = invocation.settings.format is not Format.TABLE
    code = ExitCode.DONE
    try:
        await asking.ask(jobs=jobs, raw=raw, hidden=hidden)
    except EndedError as error:
        code = error.code
    found = [_line(one) for one in asking.answered]
    if hidden:
        texts = [one.outcome.text if one.outcome else None for one in asking.answered]
        turns = [one.outcome.turn if one.outcome else None for one in asking.answered]
        show(invocation, answers(found, texts, turns))
    there = [line.branch for line in found if line.branch]
    if there:
        invocation.terminal.notice(where_answers_are(there))
    if code is ExitCode.INTERRUPTED:
        invocation.terminal.error("interrupted")
    elif code is ExitCode.DONE and any(line.error for line in found):
        return ExitCode.MODEL
    return code


def _line(one: Answered) -> Line:
    if one.outcome is None:
        return Line(
            one.tried.name,
            0,
            1,
            session=one.session,
            model=one.tried.model,
            state="failed" if one.error else "stopped",
            error=one.error,
        )
    outcome = one.outcome
    return Line(
        one.tried.name,
        1,
        1,
        outcome.tokens,
        outcome.cost,
        outcome.seconds,
        "done",
        one.session,
        one.branch,
        one.tried.model,
        outcome.turn,
    )


async def pick(invocation: Invocation, name: str) -> None:
    """Go on with a branch, and say what has become of those that were made with it."""
    async with ConversationStore(invocation.settings.db) as store:
        location = await find_location(store, invocation.settings)
        branch = await store.branch_called(location.session, name)
        others = await beside(store, location.session, branch)
        await store.go_on_with(location.session, branch, expected=location.head)
        model = (await store.session_model(location.session)).model
    if invocation.environ.get("CONVO_MODEL") or invocation.config.value("model"):
        # They come before what the session was last asked with.
        model = None
    row = {"branch": branch, "session": location.session, "others": others}
    report(invocation, picked(branch, others, model), row)
