"""Turns every error into one line on stderr and an exit code."""

import traceback
from collections.abc import Callable
from typing import Any

import typer
from typer._click.core import Context
from typer._click.exceptions import NoSuchOption
from typer._click.exceptions import UsageError as TyperUsageError
from typer.exceptions import TyperException

from convo.errors import MORE_DESCRIPTORS, NO_DESCRIPTORS, ConvoError, SetError
from convo_cli.config.file import ConfigError, lines_of
from convo_cli.exits import DeclinedError, ExitCode, exit_code_for, is_out_of_descriptors
from convo_cli.invocation import Invocation
from convo_cli.terminal import OutputError

_OURS = {
    "--system": "-i",
    "--system-prompt": "-i",
    "--attachment": "--attach",
    "--file": "--attach",
    "--resume": "-s",
}
"""The options that other programs have for the same thing."""

_TOO_LARGE = (
    "there is not enough memory for what the database holds",
    "look at one turn or another branch, or allow more memory with `ulimit -v`",
)
_TOO_DEEP = (
    "an item in the database is nested too deeply",
    "look at one turn or another branch; `convo bundle` keeps it as it is",
)


def guarded(work: Callable[[], None], invocation: Invocation) -> int:
    """Run a command; report its error, if any, and return the exit code."""
    terminal = invocation.terminal
    try:
        try:
            work()
        except typer.Exit as ended:
            if ended.exit_code:
                return ended.exit_code
        # A closed pipe or a full disk may be noticed only when the last output is flushed.
        terminal.flush()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  nothing may get past here
        if isinstance(error, OSError | OutputError):
            terminal.abandon()
        _tell(error, invocation)
        return exit_code_for(error)
    return ExitCode.DONE


def _tell(error: BaseException, invocation: Invocation) -> None:
    terminal = invocation.terminal
    code = exit_code_for(error)
    if invocation.given.debug and (code is not ExitCode.USAGE or error.__cause__ is not None):
        terminal.trace("".join(traceback.format_exception(error)))
    if isinstance(error, ConfigError | SetError):
        for line in lines_of(error):
            terminal.error(line)
    elif isinstance(error, ConvoError):
        terminal.error(str(error), _hint(error, invocation))
    elif isinstance(error, TyperException):
        terminal.error(*_usage_error(error))
    elif is_out_of_descriptors(error):
        terminal.error(NO_DESCRIPTORS, MORE_DESCRIPTORS)
    elif isinstance(error, MemoryError | RecursionError):
        terminal.error(*(_TOO_LARGE if isinstance(error, MemoryError) else _TOO_DEEP))
    elif code is ExitCode.INTERRUPTED:
        terminal.error(*_interruption(error))
    elif code is ExitCode.UNEXPECTED:
        terminal.error(
            f"unexpected error: {type(error).__name__}: {error}",
            _how_to_report(bool(invocation.given.debug)),
        )


def _interruption(error: BaseException) -> tuple[str, str | None]:
    """The message and the hint for Ctrl-C, or for somebody who was asked and said no."""
    if isinstance(error, DeclinedError):
        return str(error), None
    return "interrupted", str(error) or None


def _hint(error: ConvoError, invocation: Invocation) -> str | None:
    """The hint of an error; where only the output failed, what the command has done."""
    return invocation.done if isinstance(error, OutputError) else error.hint


def _usage_error(error: TyperException) -> tuple[str, str | None]:
    """The message and the hint for an error that Typer found in a command line."""
    context = error.ctx if isinstance(error, TyperUsageError) else None
    hint = f"see `{context.command_path} --help`" if context is not None else None
    if isinstance(error, NoSuchOption):
        ours = _OURS.get(error.option_name)
        if ours is not None and context is not None and _takes(context, ours):
            hint = f"it is called {ours} here"
        elif near := _near(error):
            hint = f"did you mean {near}?"
        elif context is not None and _takes_text(context.command):
            hint = f'text that begins with - goes after --: `{context.command_path} -- "-…"`'
        return f"no such option {error.option_name}", hint
    message = error.format_message().strip().rstrip(".")
    return message[:1].lower() + message[1:], hint


def _near(error: NoSuchOption) -> str | None:
    """The option that was probably meant; those that Typer finds may have little in common."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(error.option_name, error.possibilities or (), 1, 0.7)), None)


def _takes(context: Context, option: str) -> bool:
    return any(option in param.opts for param in context.command.get_params(context))


def _takes_text(command: Any) -> bool:
    """Whether the arguments of a command are words of a text."""
    return any(param.metavar in {"PROMPT", "TEXT"} for param in command.params)


def _how_to_report(debug: bool) -> str:
    again = "" if debug else "run again with --debug for the traceback and "
    return f"{again}report it{_issues_page()}"


def _issues_page() -> str:
    """The end of a sentence that says where to report bugs."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        urls = metadata("convo-cli").get_all("Project-URL") or []
    except PackageNotFoundError:
        urls = []
    pages = dict(url.split(", ", 1) for url in urls)
    page = next((pages[name] for name in pages if name.lower() in {"issues", "tracker"}), None)
    return f" at {page}" if page else " to the developers of convo"
