"""The database and the configuration lie where the commands look for them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from convo_cli.completing.places import config_file, database
from convo_cli.config.file import Config, config_path
from convo_cli.settings import Given, settings_from


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"XDG_DATA_HOME": "/data", "XDG_CONFIG_HOME": "/config"},
        {"XDG_DATA_HOME": " ", "XDG_CONFIG_HOME": ""},
        {"CONVO_DB": "", "CONVO_CONFIG": ""},
        {"CONVO_DB": "x.db", "CONVO_CONFIG": "~/c.toml"},
    ],
)
@pytest.mark.parametrize("configured", [None, "~/k.db", "/k.db"])
@pytest.mark.parametrize("given", [None, "g.db"])
def test_the_commands_look_there(
    environ: dict[str, str],
    configured: str | None,
    given: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "CONVO_DB", "CONVO_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/me", **environ}.items():
        monkeypatch.setenv(name, value)
    config = Config(Path("c"), {} if configured is None else {"db": configured})
    settings = settings_from(Given(db=Path(given) if given else None), os.environ, config)
    assert database(given, dict(os.environ), configured) == str(settings.db)
    assert config_file(dict(os.environ)) == str(config_path(os.environ))


def test_a_server_is_a_url() -> None:
    assert database("postgresql://host/name", {}, None) == "postgresql://host/name"
