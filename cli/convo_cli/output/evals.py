"""Writes what came of an eval, in the format that was asked for and as JUnit XML."""

from collections.abc import Sequence
from pathlib import Path

from convo.eval_records import EvalResult, EvalRun
from convo_cli.config.private_files import write_whole
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.report import show
from convo_cli.render.data.junit import junit
from convo_cli.render.evals import attempts, report
from convo_cli.render.terminal.tables import draw
from convo_cli.settings import Format

_SHOWN = 50
"""Attempts that a table lists; `convo eval show --all` lists all of them."""


def write_report(
    invocation: Invocation, run: EvalRun, results: Sequence[EvalResult], *, every: bool = False
) -> None:
    """Write what came of a run: for a user, the choices and the attempts that have not passed."""
    show(invocation, report(run, results))
    if invocation.settings.format is not Format.TABLE:
        return
    terminal = invocation.terminal
    listed = list(results) if every else [one for one in results if not one.passed]
    shown = listed if every else listed[:_SHOWN]
    if shown:
        terminal.write("\n" + draw(attempts(run, shown), terminal.look))
    if len(shown) < len(listed):
        terminal.notice(
            f"these are {len(shown):,} of {len(listed):,} that have not passed; "
            f"`convo eval show {run.run} --all` lists every attempt"
        )


def write_junit(
    invocation: Invocation, file: Path, run: EvalRun, results: Sequence[EvalResult]
) -> None:
    """Write the results as JUnit XML to a file. Raises `UsageError`."""
    try:
        write_whole(file, "".join(junit(run, results)), mode=0o644)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error
    invocation.terminal.notice(f"wrote {file}")
