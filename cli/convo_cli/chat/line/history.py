"""The history of the prompt, kept across chats in a file that only its user can read."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory

FILE_NAME = "prompts"


def prompt_history(folder: Path, whole: Callable[[str], str] = str) -> History:
    """The history kept in `folder`; one in memory if no file can be written there.

    `whole` unfolds a line: the file contains the full text.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / FILE_NAME
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        # Messages to a model are private, even if another program created the file.
        os.fchmod(descriptor, 0o600)
        os.close(descriptor)
    except OSError:
        return InMemoryHistory()
    return _KeptHistory(path, whole)


class _KeptHistory(FileHistory):
    """A history that ignores errors of its file: the chat goes on without it."""

    def __init__(self, path: Path, whole: Callable[[str], str]) -> None:
        super().__init__(path)
        self._whole = whole

    def load_history_strings(self) -> Iterable[str]:
        try:
            return super().load_history_strings()
        except OSError:
            return []

    def store_string(self, string: str) -> None:
        try:
            super().store_string(self._whole(string))
        except OSError:
            # This chat still has it in memory.
            return
