"""The plain lines of `config.toml` are read as the real parser reads them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convo_cli.completing import configured

PLAIN = """\
# A comment.
model = "fast"   # another
db = '~/c.db'
status = true
[aliases]
fast = "openai/gpt-5-mini"
"gpt-4.1" = 'x'
[servers . local]
url = "http://127.0.0.1:1/v1"
[templates.brief]
prompt = "Say $what"
options.temperature = 0.2
[mcp.files]
args = ["-y", "server"]
env = { A = "b" }
"""


def texts(table: dict[str, object]) -> dict[str, object]:
    """The tables and texts of a document; other values are None."""
    return {
        name: texts(value) if isinstance(value, dict) else value if isinstance(value, str) else None
        for name, value in table.items()
    }


def test_a_plain_file_is_read_without_the_parser(tmp_path: Path) -> None:
    found = configured.plain(PLAIN)
    expected = tomllib.loads(PLAIN)
    # Inline tables are values that nobody completes.
    expected["mcp"]["files"]["env"] = None
    assert found == texts(expected)
    (tmp_path / "config.toml").write_text(PLAIN)
    assert configured.document(str(tmp_path / "config.toml")) == found


@pytest.mark.parametrize(
    "line",
    [
        'db = "a\\tb"',
        'db = """\nx"""',
        'args = [\n  "a",\n]',
        'args = ["a[b"]',
        "[[many]]",
        '"a\\"b" = "c"',
        "db = 'a",
        "nothing",
        "[a] b",
        'a = "b"\na.c = "d"',
        "db = ",
        'a = "b" c',
    ],
)
def test_other_lines_are_left_to_the_parser(line: str) -> None:
    with pytest.raises(configured.NotPlainError):
        configured.plain(line)


LINES = st.lists(st.sampled_from([*PLAIN.splitlines(), "[x]", 'a.b = "c"', "n = 1", '"x y" = "z"']))


@given(LINES)
def test_both_read_the_same(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        expected = texts(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        return
    try:
        assert _without_env(configured.plain(text)) == _without_env(expected)
    except configured.NotPlainError:
        assert texts(configured.parsed(text)) == texts(tomllib.loads(text))


def _without_env(table: object) -> object:
    if not isinstance(table, dict):
        return table
    return {name: _without_env(value) for name, value in table.items() if name != "env"}


@pytest.mark.parametrize("text", [b"\xff", b"no toml", b""])
def test_a_file_that_cannot_be_read_is_empty(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "config.toml").write_bytes(text)
    assert configured.document(str(tmp_path / "config.toml")) == {}
    assert configured.document(str(tmp_path)) == configured.document("/nowhere/x") == {}
