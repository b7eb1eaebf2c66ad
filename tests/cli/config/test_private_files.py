"""Files of the user alone: nothing but a regular file is replaced."""

import os
from pathlib import Path

import pytest

from convo_cli.config.file import ConfigError
from convo_cli.config.private_files import write_whole
from convo_cli.config.writing import set_value


def test_what_is_no_regular_file_is_not_replaced(tmp_path: Path) -> None:
    fifo = tmp_path / "config.toml"
    os.mkfifo(fifo)
    with pytest.raises(OSError, match="not a regular file"):
        write_whole(fifo, "text")
    with pytest.raises(ConfigError, match="not a regular file"):
        set_value(fifo, ("model",), "echo")
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]
    assert fifo.is_fifo()
