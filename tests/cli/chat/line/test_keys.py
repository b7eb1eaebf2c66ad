"""Which keys the prompt has."""

from __future__ import annotations

from pathlib import Path

import pytest
from prompt_toolkit.enums import EditingMode

from convo_cli.chat.line.keys import editing_mode
from convo_cli.exits import UsageError

VI, EMACS = EditingMode.VI, EditingMode.EMACS


@pytest.mark.parametrize(
    ("inputrc", "chosen", "mode"),
    [
        (None, "", EMACS),
        (None, "vi", VI),
        ("set editing-mode vi\n", "", VI),
        ("set editing-mode vi\n", "emacs", EMACS),
        ("set editing-mode vi\n  set  editing-mode  emacs \n", "", EMACS),
        ("# set editing-mode vi\n", "", EMACS),
        ("\udcff", "", EMACS),
    ],
)
def test_keys_are_those_of_readline(
    tmp_path: Path, inputrc: str | None, chosen: str, mode: EditingMode
) -> None:
    path = tmp_path / "inputrc"
    if inputrc is not None:
        path.write_bytes(inputrc.encode(errors="surrogateescape"))
    assert editing_mode({"INPUTRC": str(path), "CONVO_KEYS": chosen}) is mode


def test_other_keys_are_refused() -> None:
    with pytest.raises(UsageError, match="CONVO_KEYS is 'nano'"):
        editing_mode({"CONVO_KEYS": "nano"})
