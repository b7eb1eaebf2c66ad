"""What was typed earlier, and who can read it."""

from __future__ import annotations

import stat
from pathlib import Path

from prompt_toolkit.history import History

from convo_cli.chat.line.history import FILE_NAME, prompt_history


def recalled(history: History) -> list[str]:
    return list(history.load_history_strings())


def test_the_next_chat_recalls_the_newest_first(tmp_path: Path) -> None:
    history = prompt_history(tmp_path / "state")
    for line in ("one", "two\nlines", "/turns"):
        history.store_string(line)
    assert recalled(prompt_history(tmp_path / "state")) == ["/turns", "two\nlines", "one"]


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("\n+old\n")
    (tmp_path / FILE_NAME).chmod(0o644)
    history = prompt_history(tmp_path)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert recalled(history) == ["old"]


def test_without_a_folder_it_lasts_as_long_as_the_chat(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no folder")
    history = prompt_history(tmp_path / "state")
    history.append_string("one")
    assert recalled(history) == ["one"]


def test_a_file_that_becomes_unusable_is_no_reason_to_stop(tmp_path: Path) -> None:
    history = prompt_history(tmp_path)
    (tmp_path / FILE_NAME).unlink()
    (tmp_path / FILE_NAME).mkdir()
    history.append_string("one")
    assert history.get_strings() == ["one"]
    assert recalled(history) == []
