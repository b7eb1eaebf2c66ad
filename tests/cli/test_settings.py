"""What options and environment come to."""

from __future__ import annotations

from pathlib import Path

import pytest

from convo_cli.config.file import Config
from convo_cli.exits import UsageError
from convo_cli.settings import Format, Given, Settings, settings_from
from tests.program import Program

DB = Path("c.db")
NOTHING = Config(Path("config.toml"))


def test_later_options_override_earlier_ones_singly() -> None:
    earlier = Given(db=DB, session="a", branch="b", quiet=True)
    assert earlier.then(Given(session="c")) == Given(db=DB, session="c", branch="b", quiet=True)
    assert earlier.then(Given()) == earlier


def test_a_later_format_replaces_an_earlier_one_however_it_is_said() -> None:
    as_csv = Given(output_format=Format.CSV)
    assert as_csv.then(Given(as_json=True)) == Given(as_json=True)
    assert Given(as_json=True).then(as_csv) == as_csv
    assert as_csv.then(Given(quiet=True)) == Given(output_format=Format.CSV, quiet=True)


def test_two_formats_at_once_contradict_each_other() -> None:
    assert Given().then(Given(as_json=True, output_format=Format.JSON)).as_json
    with pytest.raises(UsageError, match="--json and --format tsv contradict"):
        Given().then(Given(as_json=True, output_format=Format.TSV))


def test_options_over_environment_over_defaults() -> None:
    environ = {"CONVO_DB": "env.db", "CONVO_SESSION": "env"}
    given = Given(db=DB, session="given", as_json=True)
    assert settings_from(given, environ, NOTHING) == Settings(DB, "given", format=Format.JSON)
    assert settings_from(Given(), environ, NOTHING) == Settings(
        Path("env.db"), "env", session_of_environ=True
    )
    default = settings_from(Given(), {"CONVO_DB": "", "CONVO_SESSION": ""}, NOTHING)
    assert default.db.name == "conversations.db"
    assert default.session is None


def test_environment_over_configuration_over_defaults() -> None:
    config = Config(Path("config.toml"), {"db": "~/of-config.db", "format": "csv"})
    configured = settings_from(Given(), {}, config)
    assert configured == Settings(Path.home() / "of-config.db", format=Format.CSV)
    environ = {"CONVO_DB": "env.db"}
    assert settings_from(Given(), environ, config).db == Path("env.db")
    assert settings_from(Given(db=DB, as_json=True), environ, config) == Settings(
        DB, format=Format.JSON
    )


def test_a_session_of_no_name_is_not_the_current_one() -> None:
    assert settings_from(Given(db=DB, session=""), {"CONVO_SESSION": "env"}, NOTHING).session == ""


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("sqlite:///c.db", "sqlite"),
        ("file:///c.db", "file"),
        ("mysql+pymysql://user:secret@host/x", "mysql+pymysql"),
        (" https://secret@host", "https"),
    ],
)
def test_a_url_is_no_database_and_is_not_repeated(
    tmp_path: Path, convo: Program, url: str, scheme: str
) -> None:
    said = (
        f"has a {scheme}:// address, which convo does not speak; "
        "give the path of a file, or postgresql://USER@HOST/DATABASE"
    )
    command = ("chat", "-m", "echo", "Hi")
    assert convo("--db", url, *command, cwd=tmp_path).error(2) == f"--db {said}"
    assert convo(*command, "--debug", env={"CONVO_DB": url}, cwd=tmp_path).error(2) == (
        f"CONVO_DB {said}"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_path_with_a_colon_is_a_path() -> None:
    for path in ("./a:/b", "a:b", "C:/c.db", "/a:/b"):
        assert settings_from(Given(), {"CONVO_DB": path}, NOTHING).db == Path(path)
