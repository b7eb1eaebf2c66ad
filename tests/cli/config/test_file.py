"""Reading `config.toml`: what it says, and a clear line for each thing that is wrong with it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from convo_cli.config.file import (
    ConfigError,
    config_folder,
    config_path,
    lines_of,
    parsed,
    read_config,
)

TEN_MISTAKES = """\
modle = "gpt-5-mini"
format = "xml"
notices = "yes"
theme = dark
keys = "emcas"
db = "c.db"

[options]
temperature = "hot"

[servers.local]
uri = "http://127.0.0.1:11434/v1"

[servers.far]
url = "ftp://far.example"
[mcp.files]
command = "npx"
args = ["-y", 1]
"""

TEN_LINES = """\
:1: there is no key 'modle' (did you mean 'model'?)
:2: 'format' is one of table, json, jsonl, csv, tsv, not "xml"
:3: 'notices' is true or false, not "yes"
:4: it is not TOML: invalid value; a text needs quotes
:5: 'keys' is one of emacs, vi, not "emcas" (did you mean 'emacs'?)
:6: 'db' is a path from the root or from ~, not "c.db"
:9: the setting temperature is a number, not 'hot'
:11: 'servers.local' has no url
:12: there is no key 'servers.local.uri' (did you mean 'servers.local.url'?)
:15: 'servers.far.url' is a web address such as http://127.0.0.1:11434/v1, not "ftp://far.example"
:18: 'mcp.files.args' is a list of texts, not 1
"""


def wrong_with(text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        parsed(Path("c.toml"), text)
    return [line.removeprefix("c.toml") for line in lines_of(raised.value)]


def test_values_are_found_by_their_names() -> None:
    config = parsed(
        Path("c.toml"), 'model = "echo"\n[options]\ntop_p = 1\n[servers.a]\nurl = "http://h/v1"\n'
    )
    assert config.value("model") == "echo"
    assert config.value("options.top_p") == 1
    assert config.value("servers.a.url") == "http://h/v1"
    assert config.value("servers.b.url") is None
    assert config.value("model.inside") is None
    assert config.named("servers") == {"a": {"url": "http://h/v1"}}
    assert config.named("aliases") == {}
    assert config.line_of("servers", "a", "url") == 5


def test_every_mistake_has_a_line_of_its_own() -> None:
    assert wrong_with(TEN_MISTAKES) == TEN_LINES.splitlines()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model = 1\nmodel = 2", [
            ":1: 'model' is a text, not 1",
            ":2: it is not TOML: this key or table already exists"]),
        ('keys = 1\nmodel = """x\ny\ntheme = 3', [
            ":1: 'keys' is a text, not 1",
            ":2: it is not TOML: what begins here has no end"]),
        ("= 1\nmodel", [":1: it is not TOML: invalid statement",
                        ":2: it is not TOML: expected '=' after a key in a key/value pair"]),
        ('[templates.brief]\nmodle = "m"', [
            ":2: there is no key 'templates.brief.modle' (did you mean 'templates.brief.model'?)"]),
        ('servers = "x"', [":1: 'servers' is a table, not \"x\""]),
        ('options = "x"', [":1: 'options' is a table of model settings, not \"x\""]),
        ('[servers.openai]\nurl = "http://h"', [
            ":1: 'servers.openai' stands for something else already; take another name"]),
        ('[aliases]\n"a b" = "x"', [
            ":2: \"a b\" is not a name for one of 'aliases': "
            "names are letters, digits, '.', '_' and '-'"]),
        ("[mcp.a]\nargs = []", [":1: 'mcp.a' needs either a command or a url"]),
        ("[mcp.a]\ncommand = 'x'\n[mcp.a.env]\nA = 1", [
            ":3: 'mcp.a.env' is a table of texts, not 1"]),
        ("model = '''\ntheme = 1\n'''\ntheme = 1", [":4: 'theme' is a text, not 1"]),
        ("[servers]\na.url = 'x'\n", [
            ":2: 'servers.a.url' is a web address such as http://127.0.0.1:11434/v1, not \"x\""]),
    ],
)  # fmt: skip
def test_what_is_said_of_a_mistake(text: str, said: list[str]) -> None:
    assert wrong_with(text) == said


def test_no_file_says_nothing(tmp_path: Path) -> None:
    assert read_config(tmp_path / "config.toml").document == {}
    assert read_config(Path(os.devnull)).document == {}


@pytest.mark.parametrize("exposed", ["config.toml", "."])
def test_a_file_that_others_can_write_is_refused(tmp_path: Path, exposed: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text('model = "echo"\n')
    file.chmod(0o600)
    (tmp_path / exposed).chmod(0o777)
    with pytest.raises(ConfigError) as raised:
        read_config(file)
    place = (tmp_path / exposed).absolute()
    assert list(lines_of(raised.value)) == [
        f"{file}: other users of this machine can change {place}; chmod go-w {place}"
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'model = "a"\n\xff', ":2: it is not UTF-8 text"),
        (b"#" * 1_000_001, ": it has more than 1,000,000 bytes"),
        (None, ": it cannot be read: Is a directory"),
    ],
)
def test_what_is_no_text_file_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "config.toml"
    if content is None:
        file.mkdir(mode=0o700)
    else:
        file.write_bytes(content)
        file.chmod(0o600)
    with pytest.raises(ConfigError) as raised:
        read_config(file)
    assert raised.value.lines == [f"{file}{said}"]


@pytest.mark.parametrize("base", ["", "/elsewhere"])
def test_the_folder_is_that_of_the_platform(monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", base)
    expected = Path(platformdirs.user_config_dir("convo", appauthor=False))
    assert config_folder(os.environ) == expected
    assert config_path({"CONVO_CONFIG": "/a/b.toml"}) == Path("/a/b.toml")


def test_to_find_no_file_imports_nothing(tmp_path: Path) -> None:
    code = (
        "import os, sys; from convo_cli.config.file import config_path, read_config;"
        "before = set(sys.modules); read_config(config_path(os.environ));"
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
