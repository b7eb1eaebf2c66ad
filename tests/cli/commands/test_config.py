"""`convo config …`, as a person or a script uses it."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable

import pytest

from convo_cli.config.file import parsed
from tests.cli.config.document import DOCUMENT, written
from tests.cli.config.test_file import TEN_LINES, TEN_MISTAKES
from tests.program import Program, ended

Configure = Callable[[str], None]


@pytest.fixture
def configure(convo: Program) -> Configure:
    def write(text: str) -> None:
        folder = convo.home / ".config" / "convo"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.toml").write_text(text)

    return write


def origins(convo: Program, *args: str, **env: str | None) -> dict[str, tuple[object, str]]:
    rows = json.loads(convo(*args, "config", "list", "--origin", "--json", env=env).out)
    return {row["key"]: (row["value"], row["origin"]) for row in rows}


def test_the_document_is_what_the_keys_say() -> None:
    text = DOCUMENT.read_text()
    assert text == written(text), "write it again: python -m tests.cli.config.document"


def test_the_example_of_the_document_is_one() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert parsed(DOCUMENT, example).value("servers.local.url")


def test_ten_mistakes_get_ten_lines_and_nothing_is_done(
    convo: Program, configure: Configure
) -> None:
    configure(TEN_MISTAKES)
    done = convo("turns")
    file = convo("config", "path").out.rstrip("\n")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [f"convo: {file}{line}" for line in TEN_LINES.splitlines()]
    assert convo("chat", "Hello").err == done.err
    assert not convo.db.exists()


def test_what_is_set_is_kept_with_what_was_written_there(
    convo: Program, configure: Configure
) -> None:
    configure('# Mine.\nmodel = "a"   # for now\n\n[aliases]\nfast = "b"\n')
    for key, value in (
        ("model", "echo"),
        ("notices", "false"),
        ("options.temperature", "0.5"),
        ("options.reasoning.effort", "low"),
        ("servers.local.url", "http://127.0.0.1:1/v1"),
        ("mcp.a.command", "npx"),
        ("mcp.a.args", '["-y", "b"]'),
        ('aliases."gpt-4.1"', "openai/gpt-4.1"),
    ):
        assert convo("config", "set", key, value).code == 0, key
    file = convo.home / ".config" / "convo" / "config.toml"
    assert file.read_text() == (
        '# Mine.\nmodel = "echo"   # for now\nnotices = false\n\n'
        '[aliases]\nfast = "b"\n"gpt-4.1" = "openai/gpt-4.1"\n\n'
        '[options]\ntemperature = 0.5\n\n[options.reasoning]\neffort = "low"\n\n'
        '[servers.local]\nurl = "http://127.0.0.1:1/v1"\n\n'
        '[mcp.a]\ncommand = "npx"\nargs = ["-y", "b"]\n'
    )
    assert convo("config", "unset", "options.reasoning.effort").code == 0
    assert convo("config", "unset", "mcp").code == 0
    assert "reasoning" not in file.read_text()
    assert "mcp" not in file.read_text()


def test_programs_that_write_at_once_lose_nothing(convo: Program) -> None:
    script = " & ".join(f"convo alias set a{number} m{number}" for number in range(8))
    assert convo.shell(f"{script} & wait").code == 0
    rows = json.loads(convo("alias", "list", "--json").out)
    assert {row["alias"]: row["model"] for row in rows} == {f"a{n}": f"m{n}" for n in range(8)}


def test_a_new_file_is_for_its_user_alone(convo: Program) -> None:
    assert convo("config", "set", "theme", "dark").err == "theme is dark\n"
    folder = convo.home / ".config" / "convo"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_a_link_to_the_file_stays_one(convo: Program, configure: Configure) -> None:
    configure("")
    kept = convo.home / "dotfiles.toml"
    kept.write_text("")
    file = convo.home / ".config" / "convo" / "config.toml"
    file.unlink()
    file.symlink_to(kept)
    assert convo("config", "set", "theme", "dark").code == 0
    assert file.is_symlink()
    assert kept.read_text() == 'theme = "dark"\n'


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("modle", "x", "there is no key 'modle' (did you mean 'model'?)"),
        ("servers.a.uri", "x", "there is no key 'servers.a.uri' (did you mean 'servers.a.url'?)"),
        ("servers", "x", "'servers' is a table: name a key in it, such as servers.NAME"),
        ("model.name", "x", "'model' has nothing inside of it"),
        ("=", "x", "'=' is not a key"),
        ("notices", "maybe", "'notices' is true or false, not 'maybe'"),
        ("format", "xml", "'format' is one of table, json, jsonl, csv, tsv, not \"xml\""),
        ("keys", "vim", "'keys' is one of emacs, vi, not \"vim\" (did you mean 'vi'?)"),
        ("options.temperature", "hot", "the setting temperature is a number, not 'hot'"),
        ("options.temprature", "1", "there is no model setting 'temprature'"),
        ("options", "1", "'options' is a table: name a key in it"),
        ("servers.a.url", "ftp://a", "'servers.a.url' is a web address"),
        ("db", "c.db", "'db' is a path from the root or from ~"),
        ("mcp.a.args", '["-y"]', "'mcp.a' needs either a command or a url"),
    ],
)  # fmt: skip
def test_what_cannot_be_set_is_not_written(
    convo: Program, configure: Configure, key: str, value: str, said: str
) -> None:
    configure("# Mine.\n")
    assert convo("config", "set", key, value).error(2).startswith(said)
    assert (convo.home / ".config" / "convo" / "config.toml").read_text() == "# Mine.\n"


def test_another_mistake_is_no_reason_not_to_mend_one(convo: Program, configure: Configure) -> None:
    configure('modle = "a"\ntheme = "pink"\n')
    done = convo("config", "unset", "modle")
    assert done.code == 0
    assert done.err.splitlines()[0] == "modle is not set any more"
    assert convo("config", "set", "theme", "dark").err == "theme is dark\n"


def test_where_values_come_from(paris: Program, configure: Configure) -> None:
    del paris.env["CONVO_MODEL"], paris.env["CONVO_DB"]
    db = str(paris.db)
    configure(f'db = "{db}"\npager = "more"\n[options]\ntop_p = 1\n[mcp.a]\ncommand = "x"\n'
              'env.TOKEN = "secret"\n')  # fmt: skip
    found = origins(paris, PAGER="less")
    file = "file ~/.config/convo/config.toml"
    assert found == {
        "model": ("echo", "session paris"),
        "db": (db, f"{file}:1"),
        "format": ("json", "command line"),
        "pager": ("more", f"{file}:2"),
        "keys": ("emacs", "default"),
        "status": (True, "default"),
        "notices": (True, "default"),
        "options.top_p": (1, f"{file}:4"),
        "mcp.a.command": ("x", f"{file}:6"),
        "mcp.a.env.TOKEN": ("***", f"{file}:7"),
    }
    found = origins(paris, "--db", "b.db", CONVO_MODEL="m", NO_COLOR="1", CONVO_PAGER="")
    assert found["db"] == ("b.db", "command line")
    assert found["model"] == ("m", "environment CONVO_MODEL")
    assert found["theme"] == ("none", "environment NO_COLOR")
    assert found["pager"] == ("", "environment CONVO_PAGER")


def test_a_list_for_people(convo: Program, configure: Configure) -> None:
    configure('theme = "dark"\n')
    table = convo("config", "list", "--origin").out
    assert "theme    dark" in table
    assert "config.toml:1" in table
    assert "origin" not in convo("config", "list").out


def test_get_prints_what_is_in_effect(convo: Program, configure: Configure) -> None:
    configure('model = "a"\n[options]\ntemperature = 0.5\n[servers.a]\nurl = "http://h/v1"\n')
    assert convo("config", "get", "model").out == "echo\n"
    assert convo("config", "get", "model", env={"CONVO_MODEL": None}).out == "a\n"
    assert convo("config", "get", "options.temperature").out == "0.5\n"
    assert convo("config", "get", "servers.a.url", "--json").code == 0
    assert convo("config", "get", "notices").out == "true\n"
    assert convo("config", "get", "instructions").error(3) == (
        "'instructions' is not set; `convo config set instructions …` sets it"
    )
    assert convo("config", "unset", "instructions").code == 3


def test_editing_opens_the_editor_and_says_what_is_wrong(convo: Program) -> None:
    editor = convo.home / "editor"
    editor.write_text('#!/bin/sh\necho "$TEXT" >> "$1"\n')
    editor.chmod(0o700)
    good = convo("config", "edit", env={"EDITOR": str(editor), "TEXT": "theme = 'dark'"})
    assert (good.code, good.err) == (0, "")
    bad = convo("config", "edit", env={"VISUAL": str(editor), "TEXT": "modle = 1"})
    file = convo.home / ".config" / "convo" / "config.toml"
    assert bad.error(2) == f"{file}:2: there is no key 'modle' (did you mean 'model'?)"
    assert (
        convo("config", "edit", env={"EDITOR": "/nowhere"})
        .error(2)
        .startswith("the editor '/nowhere' does not start")
    )


def test_a_file_that_others_can_write_is_not_followed(paris: Program, configure: Configure) -> None:
    configure('db = "/tmp/others.db"\n')
    file = paris.home / ".config" / "convo" / "config.toml"
    file.chmod(0o666)
    said = f"{file}: other users of this machine can change {file}; chmod go-w {file}"
    assert paris("turns").error(2) == said
    assert paris("config", "set", "theme", "dark").error(2) == said


def test_commands_that_need_no_settings_work_beside_a_broken_file(
    convo: Program, configure: Configure
) -> None:
    configure("= =\n")
    assert convo("config", "path").code == 0
    assert convo("--help").code == convo("--version").code == 0
    assert convo("completion", "bash").code == 0


def test_the_format_is_that_of_lists_and_not_of_answers(
    paris: Program, configure: Configure
) -> None:
    configure('format = "jsonl"\n')
    assert len(paris("turns", "-b", "main").out.splitlines()) == len(
        json.loads(paris("turns", "-b", "main", "--json").out)
    )
    assert paris("chat", "Hello").out.startswith("This is turn")
    assert json.loads(paris("chat", "Hello", "--json").out)["answer"]


def test_notices_can_be_left_out(convo: Program, configure: Configure) -> None:
    configure("notices = false\n")
    assert convo("chat", "Hello").err == ""


def test_a_theme_of_no_colours(paris: Program, configure: Configure) -> None:
    def coloured(**env: str) -> bool:
        child = paris.at_terminal("branches", env={"TERM": "xterm", **env})
        ended(child)
        return "\x1b[1m" in child.before

    assert coloured()
    configure('theme = "none"\n')
    assert not coloured()
    assert coloured(CONVO_THEME="dark")
    assert paris("branches", env={"CONVO_THEME": "pink"}).error(2) == (
        "CONVO_THEME is 'pink'; set it to light, dark or none"
    )


@pytest.mark.parametrize(
    ("theme", "term", "green"),
    [
        ("dark", "xterm-256color", "32"),
        ("light", "xterm-256color", "38;5;22"),
        (None, "xterm-256color", "38;5;28"),
        ("light", "xterm", "32"),
    ],
)
def test_the_theme_chooses_the_colours(
    paris: Program, configure: Configure, theme: str | None, term: str, green: str
) -> None:
    if theme is not None:
        configure(f'theme = "{theme}"\n')
    child = paris.at_terminal("branches", env={"TERM": term})
    ended(child)
    assert f"\x1b[{green}m" in child.before


def test_the_configured_pager_is_asked_before_that_of_all_programs(
    paris: Program, configure: Configure
) -> None:
    configure('pager = "sed s/^/CONFIGURED:/"\n')
    env = {"TERM": "xterm", "PAGER": "sed s/^/OTHER:/", "LINES": "3"}
    child = paris.at_terminal("show", env=env)
    ended(child)
    assert "CONFIGURED:" in child.before
    child = paris.at_terminal("show", env={**env, "CONVO_PAGER": "sed s/^/OWN:/"})
    ended(child)
    assert "OWN:" in child.before


def test_keys_and_addresses_are_whole_in_a_table(convo: Program, configure: Configure) -> None:
    configure('[servers.local]\nurl = "http://127.0.0.1:11434/v1"\n')
    lines = convo("config", "list", "--origin").out.splitlines()
    (line,) = [line for line in lines if line.startswith("servers.local.url ")]
    assert line.split() == [
        *("servers.local.url", "http://127.0.0.1:11434/v1"),
        *("file", "config.toml:2"),
    ]
