"""`convo export`: a branch as a file of its own."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.cli.snapshots import check
from tests.cli.stored import store_turn
from tests.program import Program

EVIL = (
    "<script>alert(1)</script>\x1b[2J\n\n![x](http://evil/x.png) [y](javascript:alert(1))"
    ' <img src=x onerror=alert(1)> "><b>'
)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def set_price(program: Program) -> None:
    """Ten dollars for a million tokens: the known prices change."""
    folder = program.home / ".config" / "convo"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('[prices."gpt-5"]\ninput = 10\noutput = 10\n')


@pytest.mark.parametrize("export_format", ["md", "json", "jsonl", "html"])
def test_whole_documents(paris: Program, export_format: str) -> None:
    set_price(paris)
    result = paris("export", "-b", "main", "--format", export_format)
    assert (result.code, result.err) == (0, "")
    # The style and the script of a page are files of their own, and no part of the comparison.
    document = re.sub(r"(?s)(<(style|script)>).*?(</\2>)", r"\1\3", result.out)
    check(f"export.{export_format}", re.sub(r"sha256-[^']*", "sha256-", document))


def test_json_is_what_show_says(paris: Program) -> None:
    assert paris("export", "--json").out == paris("show", "--json").out
    assert paris("--format", "jsonl", "export").out == paris("show", "--format", "jsonl").out
    assert paris("export", "--format", "json", "--json").out == paris("show", "--json").out


@pytest.mark.parametrize(
    ("name", "export_format"),
    [("a.md", "md"), ("a.html", "html"), ("a.HTM", "html"), ("a.json", "json"), ("a", "md")],
)
def test_the_name_of_the_file_says_the_format(
    paris: Program, out: Path, name: str, export_format: str
) -> None:
    result = paris("export", "-b", "main", "-o", out / name)
    assert (result.out, result.err) == ("", f"wrote 3 turns to {out / name}\n")
    expected = paris("export", "-b", "main", "--format", export_format).out
    assert (out / name).read_text() == expected
    assert paris("export", "-b", "main", "-o", "-").out.startswith("# paris\n")


def test_no_file_is_written_over_unasked(paris: Program, out: Path) -> None:
    file = out / "a.md"
    file.write_text("mine")
    error = paris("export", "-o", file).error(4)
    assert error == f"'{file}' already exists; --force writes over it"
    assert file.read_text() == "mine"
    assert paris("export", "-o", file, "--force").code == 0
    assert file.read_text().startswith("# paris, branch tourism\n")
    assert [path.name for path in out.iterdir()] == ["a.md"]


def test_files_that_cannot_be_written(paris: Program, out: Path) -> None:
    assert paris("export", "-o", out, "--force").error(2).endswith("written: it is a folder")
    missing = out / "none" / "a.md"
    assert paris("export", "-o", missing).error(2).endswith("No such file or directory")
    assert list(out.iterdir()) == []


def test_a_name_that_asks_for_another_format(paris: Program, out: Path) -> None:
    error = paris("export", "-o", out / "a.pdf").error(2)
    assert error == "there is no export to '.pdf' files; name it .md, .html, .json or .jsonl"
    assert list(out.iterdir()) == []
    assert paris("export", "-o", out / "a.pdf", "--format", "md").code == 0


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--format", "xml"], "'xml' is not one of md, json, jsonl, html"),
        (["--format", "md", "--json"], "json and --format md contradict each other"),
    ],
)
def test_formats_that_are_none(paris: Program, args: list[str], message: str) -> None:
    assert message in paris("export", *args).error(2)
    assert "export does not write csv" in paris("--format", "csv", "export").error(2)


def test_a_markdown_document_survives_what_it_holds(convo: Program) -> None:
    output = "```\ncode\n````\n# not a heading\x1b[2J"
    store_turn(
        convo.db,
        {"role": "user", "content": "An open fence:\n\n```python\nprint()"},
        {"type": "function_call", "call_id": "1", "name": "a`*b", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "1", "output": output},
        {"role": "assistant", "content": "~~~\n```\n~~~\nDone."},
    )
    tokens = MarkdownIt("commonmark").parse(convo("export").out)
    titles = [place for place, token in enumerate(tokens) if token.type == "heading_open"]
    headings = [tokens[place + 1].content for place in titles]
    assert headings == [
        "s",
        "Turn 1",
        "User",
        "Tool call `` a`*b ``",
        "Tool output `` a`*b ``",
        "Assistant",
    ]
    fences = [token.content for token in tokens if token.type == "fence"]
    assert fences == ["print()\n", "{}\n", output.replace("\x1b", "\\x1b") + "\n", "```\n"]


class Tags(HTMLParser):
    """The tags of a page, their attributes, and the text of its script and its style."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()
        self.attributes: dict[str, set[str | None]] = {}
        self.texts: dict[str, str] = {}
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] += 1
        self._inside = tag
        for name, value in attrs:
            self.attributes.setdefault(name, set()).add(value)

    def handle_data(self, data: str) -> None:
        if self._inside in ("script", "style"):
            self.texts[self._inside] = self.texts.get(self._inside, "") + data

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


def test_a_page_runs_its_own_script_alone_and_loads_nothing(convo: Program) -> None:
    store_turn(
        convo.db,
        {"role": "user", "content": EVIL},
        {"type": "function_call", "call_id": "1", "name": EVIL, "arguments": EVIL},
        {"type": "function_call_output", "call_id": "1", "output": EVIL},
        {"type": "reasoning", "summary": [{"text": EVIL}]},
        {"role": "assistant", "content": [{"type": "input_image", "filename": EVIL}]},
    )
    page = convo("export", "--format", "html").out
    tags = Tags()
    tags.feed(page)
    assert not tags.seen.keys() & {"img", "b", "iframe", "link", "object", "form", "base"}
    assert not any(name.startswith("on") for name in tags.attributes)
    assert not tags.attributes.keys() & {"src", "style", "action"}
    links = tags.attributes["href"]
    assert {link for link in links if not str(link).startswith("#")} == {"http://evil/x.png"}
    assert "\x1b" not in page
    assert (tags.seen["script"], tags.seen["style"]) == (1, 1)
    (policy,) = (str(text) for text in tags.attributes["content"] if "default-src" in str(text))
    for kind, text in tags.texts.items():
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_json_keeps_every_character(convo: Program) -> None:
    store_turn(convo.db, {"role": "user", "content": EVIL})
    shown = convo("export", "--json").out
    assert "\x1b" not in shown
    assert json.loads(shown)[0]["items"][0]["text"] == EVIL


def test_a_branch_without_turns(convo: Program) -> None:
    convo("session", "new", "empty")
    assert convo("export").out == "# empty\n"
    assert convo("export", "--json").out == "[]\n"
    assert convo("export", "--format", "jsonl").out == ""


def test_a_page_of_all_branches(paris: Program, out: Path) -> None:
    result = paris("export", "--all-branches", "-o", out / "paris.html")
    assert (result.out, result.err) == ("", f"wrote 4 turns to {out / 'paris.html'}\n")
    tags = Tags()
    tags.feed((out / "paris.html").read_text())
    assert {"turn-1", "turn-2", "turn-3", "tourism.turn-2"} <= tags.attributes["id"]
    assert {str(link)[1:] for link in tags.attributes["href"]} <= tags.attributes["id"]
    assert tags.attributes["data-current"] == {"branch:tourism"}
    tags.feed(paris("export", "--all-branches", "--format", "html", "-b", "main").out)
    assert "branch:main" in tags.attributes["data-current"]


def test_a_page_says_what_turns_cost(paris: Program) -> None:
    set_price(paris)
    page = paris("export", "--format", "html", "-b", "tourism").out
    assert "120 tokens · $0.0012</p>" in page
    whole = paris("export", "--format", "html", "--all-branches", "--redact").out
    assert "1,277 output · $0.13 · echo, gpt-5</p>" in whole
    assert "12,340 tokens · $0.12</p>" in whole
