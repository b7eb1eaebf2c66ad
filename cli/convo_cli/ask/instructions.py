"""Reads instructions: given as text, or as @FILE."""

from convo_cli.exits import UsageError
from convo_cli.reading import LARGEST, named_file, read_at_most


def instructions_of(given: str) -> str:
    """The given text, or the contents of FILE for @FILE. Raises `UsageError`."""
    if not given.startswith("@"):
        return given
    path = named_file(given[1:])
    try:
        text = read_at_most(path, LARGEST)
        if len(text) > LARGEST:
            raise UsageError(f"the instructions in '{path}' have more than {LARGEST:,} bytes")
        return text.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise UsageError(f"the instructions in '{path}' are not UTF-8 text") from None
    except OSError as error:
        raise UsageError(
            f"the instructions in '{path}' cannot be read: {error.strerror}"
        ) from error
