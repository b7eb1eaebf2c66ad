"""Files of agents: whether one is what was named, and whether others can change it."""

from __future__ import annotations

from pathlib import Path

import pytest

from convo_cli.config.agent_files import agent_file, open_to_others


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "pkg").mkdir(mode=0o755)
    made = tmp_path / "pkg" / "desk.py"
    made.write_text("")
    made.chmod(0o644)
    return made


def test_a_file_that_is_edited_stays_what_was_named(file: Path) -> None:
    named = agent_file(file, None)
    file.write_text("agent = 1")
    assert agent_file(file, None) == named


def test_a_link_is_another_file_once_it_leads_elsewhere(file: Path, tmp_path: Path) -> None:
    link, other = tmp_path / "link.py", tmp_path / "other.py"
    other.write_text("")
    link.symlink_to(file)
    named = agent_file(link, None)
    assert named != agent_file(file, None)
    link.unlink()
    link.symlink_to(other)
    assert agent_file(link, None) != named


def test_a_file_of_another_owner_is_another_file(file: Path) -> None:
    named = agent_file(file, None)
    assert agent_file(file, None) | {"owner": 4711} != named
    file.unlink()
    assert agent_file(file, None)["owner"] is None


def test_another_name_in_the_file_is_another_agent(file: Path) -> None:
    assert agent_file(file, "agent") != agent_file(file, "wipe_everything")


def test_a_file_in_a_folder_of_ones_own_is_nobody_elses(file: Path, tmp_path: Path) -> None:
    # Above it is /tmp or its like, where everybody can write, but nobody replaces a folder of ours.
    assert open_to_others(file, tmp_path) is None


@pytest.mark.parametrize("which", ["pkg/desk.py", "pkg", "."])
def test_what_others_can_write_is_found(file: Path, tmp_path: Path, which: str) -> None:
    (tmp_path / which).chmod(0o777)
    assert open_to_others(file, tmp_path) == tmp_path / which


def test_a_folder_that_everybody_puts_files_in_is_no_place_to_import_from(
    file: Path, tmp_path: Path
) -> None:
    tmp_path.chmod(0o1777)
    assert open_to_others(file, file.parent) is None
    assert open_to_others(file, tmp_path) == tmp_path
    tmp_path.chmod(0o777)
    assert open_to_others(file, file.parent) == tmp_path


def test_where_a_link_leads_is_looked_at_too(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.py"
    link.symlink_to(file)
    assert open_to_others(link, tmp_path) is None
    file.parent.chmod(0o777)
    assert open_to_others(link, tmp_path) == file.parent
