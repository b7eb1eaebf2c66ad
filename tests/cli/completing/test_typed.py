"""Words as they are typed into a shell, and names as bash has to be given them."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from convo_cli.completing.typed import bash_line, one_word, quoted
from tests.program import PATIENCE

BREAKS = " \t\n\"'@><=;|&(:"

NAMES = [
    "plain",
    "it's",
    'a "b" c',
    "$(touch ran) `touch ran` $HOME ${HOME}",
    "new\nline\ttab",
    "-dash",
    "back\\slash",
    "; rm * ? [a] {b,c} ~ #x !y ^z & | < > (",
    "~tilde",
    "a=b:c",
    "\x1b[31mred\x07",
    "ünï 家",
    "\udcff is no UTF-8",
    "\u202etfel ot thgir",
]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("NAMED", "a b")
    monkeypatch.delenv("UNNAMED", raising=False)


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("convo show ", ["convo", "show", ""]),
        ("convo  sho", ["convo", "sho"]),
        (r"a\ b 'c d' \"e", ["a b", "c d", '"e']),
        ('"a\\"b\\$c\\d" x', ['a"b$c\\d', "x"]),
        ("$'a\\'b\\nc\\x41\\u' x", ["a'b\ncAu", "x"]),
        ("~/x ~nobody-here/y a~", ["/home/me/x", "~nobody-here/y", "a~"]),
        ("$NAMED/x ${NAMED} '$NAMED' \\$NAMED x", ["a b/x", "a b", "$NAMED", "$NAMED", "x"]),
        ("$UNNAMED $(rm x) `rm x` $ x", [None, None, None, "$", "x"]),
        ("", [""]),
    ],
)
def test_a_line_of_bash(line: str, values: list[str | None]) -> None:
    assert [word.value for word in bash_line(line, BREAKS)] == values


def test_operators_are_no_words() -> None:
    words = bash_line("convo show>a 2> b|c '>' ", BREAKS)
    assert [word.operator for word in words] == ["", "", ">", "", "", ">", "", "|", "", "", ""]


@pytest.mark.parametrize(
    ("word", "literal", "quote", "fixed"),
    [
        ("abc", "abc", "", 0),
        ("--format=js", "--format=js", "", 9),
        ("local/qwen3:8", "local/qwen3:8", "", 12),
        ("'a b", "a b", "'", 0),
        ("--db='a b", "--db=a b", "'", 5),
        ('"a b', "a b", '"', 0),
        ('"a b"c', "a bc", "", 3),
        ("$'a b", "a b", "$'", 0),
        (r"a\ b\:c", "a b:c", "", 0),
        ("$NAMED", "$NAMED", "", 0),
        ("~/x", "~/x", "", 0),
        ("a\\", "a", "", 0),
    ],
)
def test_the_word_at_the_cursor(word: str, literal: str, quote: str, fixed: int) -> None:
    last = bash_line(f"convo {word}", BREAKS)[-1]
    assert (last.literal, last.quote, last.fixed) == (literal, quote, fixed)


@pytest.mark.parametrize(
    ("word", "literal"),
    [(r"a\ b\n", "a b\n"), (r"'a\'b\n'", r"a'b\n"), ('"a\\"b', 'a"b'), ("`a", "`a")],
)
def test_a_word_of_fish(word: str, literal: str) -> None:
    assert one_word(word, fish=True).literal == literal


@pytest.mark.parametrize(("quote", "end"), [("", ""), ("'", "'"), ('"', '"'), ("$'", "'")])
def test_bash_reads_what_is_quoted_for_it(quote: str, end: str) -> None:
    words = " ".join(f"{quote}{quoted(name, quote)}{end}" for name in NAMES)
    script = f"printf '%s\\0' {words}"
    done = subprocess.run(
        [shutil.which("bash") or "", "--norc", "-c", script.encode("utf-8", "surrogateescape")],
        env={"PATH": "/nowhere", "HOME": "/home/me", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=True,
        timeout=PATIENCE,
    )
    read = done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
    assert (read, done.stderr) == (NAMES, b"")


@pytest.mark.parametrize("quote", ["", "'", '"', "$'"])
def test_what_was_quoted_is_read_again(quote: str) -> None:
    for name in NAMES:
        word = bash_line(f"convo {quote}{quoted(name, quote)}", "")[-1]
        assert word.literal == name, (name, quote)


@pytest.mark.parametrize("name", NAMES)
def test_no_control_character_is_shown(name: str) -> None:
    for quote in ("", "'", '"', "$'"):
        assert quoted(name, quote).isprintable()
