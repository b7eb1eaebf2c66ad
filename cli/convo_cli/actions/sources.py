"""Checks the names of the programs that conversations are imported from."""

from convo.importing.registry import DOCUMENTS, MODULES
from convo.names import did_you_mean
from convo_cli.exits import UsageError


def require_source(name: str) -> None:
    """Raise `UsageError` with the nearest name unless there is a source of that name."""
    names = (DOCUMENTS, *MODULES)
    if name not in names:
        raise UsageError(
            f"there is no source '{name}'{did_you_mean(name, names)}", hint=f"say {sources()}"
        )


def sources() -> str:
    """The names of all sources, in a sentence."""
    *others, last = (DOCUMENTS, *MODULES)
    return f"{', '.join(others)} or {last}" if others else last
