"""Instructions as they are given: the text itself, or a file that has it."""

from pathlib import Path

from convo_cli.exits import UsageError


def instructions_of(given: str) -> str:
    """The instructions themselves, or those in the file that an @ names. Raises `UsageError`."""
    if not given.startswith("@"):
        return given
    path = Path(given[1:]).expanduser()
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"the instructions in '{path}' are not UTF-8 text") from None
    except OSError as error:
        raise UsageError(
            f"the instructions in '{path}' cannot be read: {error.strerror}"
        ) from error
