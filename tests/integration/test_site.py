"""The documentation's site and the man page follow the program; `make docs` builds the site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from convo_cli.app import COMMANDS
from docs import command_page
from docs.help_pages import Help, every_help, parts
from docs.man_page import FILE, man_page

ROOT = Path(__file__).parents[2]
MACROS = (".TH ", ".SH ", ".SS ", ".PP", ".TP", ".B ", ".RS 4", ".RE", ".nf", ".fi")


@pytest.fixture(scope="module")
def helps() -> list[Help]:
    return every_help()


def test_the_man_page_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == man_page(), "write it again: python -m docs.man_page"


def test_no_text_of_the_man_page_is_taken_for_a_macro() -> None:
    page = man_page()
    assert page.isascii()
    odd = [line for line in page.splitlines() if line.startswith((".", "'"))]
    assert [line for line in odd if not line.startswith(MACROS)] == []


def test_every_command_has_one_page() -> None:
    listed = [name for names in parts().values() for name in names]
    assert len(listed) == len(set(listed))
    assert {COMMANDS[name] for name in listed} == set(COMMANDS.values())


def test_a_page_has_every_option_and_example_of_the_command(helps: list[Help]) -> None:
    for name in ("chat", "session"):
        text = command_page.page(name, helps)
        for one in (one for one in helps if one.path[:1] == (name,)):
            for section in one.page.sections:
                assert all(f"| `{entry.name}` |" in text for entry in section.entries)
            assert all(f"\n{example.line}\n" in text for example in one.page.examples)


def test_the_list_of_commands_has_a_link_to_each_page(helps: list[Help]) -> None:
    linked = set(re.findall(r"\]\((\w+)\.md\)", command_page.index(helps)))
    assert linked == {name for names in parts().values() for name in names}


def test_every_document_is_in_the_navigation() -> None:
    named = re.findall(r"[\w/]+\.md$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert {f"{path.stem}.md" for path in (ROOT / "docs").glob("*.md")} <= set(named)
