from itertools import islice
from pathlib import Path

import pytest

from convo import AdvancedSQLiteSession, ConversationStore, check_name
from convo.errors import DatabaseUnavailableError, InvalidNameError
from convo.names import made_names, slug


@pytest.mark.parametrize("name", ["a", "two words", "Ünïcode", "日本", "x" * 200, "a.b_c-d"])
def test_good_names(name: str) -> None:
    check_name("branch", name)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "cannot be empty"),
        (" \t", "cannot be empty"),
        ("x" * 201, "has 201 characters: a name has at most 200"),
        (" a", "begins or ends with white space"),
        ("a\nb", r"'a\\nb' has control characters"),
        ("\x1b[31mred", r"has control characters"),
        ("a\u202eb", r"'a\\u202eb' has control characters"),
        ("a/b", "has a slash"),
        ("a\\b", "has a slash"),
        ("-b", "like an option"),
    ],
)
def test_bad_names(name: str, says: str) -> None:
    with pytest.raises(InvalidNameError, match=says):
        check_name("branch", name)


def test_made_names_are_letters_behind_a_stem() -> None:
    names = list(islice(made_names("turn-2"), 28))
    assert names[:3] == ["turn-2", "turn-2-b", "turn-2-c"]
    assert names[25:] == ["turn-2-z", "turn-2-aa", "turn-2-ab"]


@pytest.mark.parametrize("address", ["mysql://me:secret@host/x", "sqlite:///c.db"])
@pytest.mark.parametrize("kind", [str, Path])
async def test_a_url_makes_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, kind: type
) -> None:
    monkeypatch.chdir(tmp_path)
    for open_it in (
        lambda: ConversationStore(kind(address), create=True),
        lambda: AdvancedSQLiteSession(session_id="s", db_path=kind(address), create_tables=True),
    ):
        with pytest.raises(DatabaseUnavailableError, match="is not a database file") as caught:
            open_it()
        assert "secret" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", [str, Path])
def test_a_session_in_a_file_is_not_on_a_server(kind: type) -> None:
    address = kind("postgresql://me:secret@host/x")
    with pytest.raises(DatabaseUnavailableError, match="is not a database file") as caught:
        AdvancedSQLiteSession(session_id="s", db_path=address, create_tables=True)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("What's the capital of France?", "whats-the-capital-of-france"),
        ("  Grüße, Welt!\nZeile zwei", "grüße-welt-zeile-zwei"),
        ("日本の首都はどこですか", "日本の首都はどこですか"),
        ("https://example.com/a/b?c=d", "https-example-com-a-b-c-d"),
        (
            "one two three four five six seven eight nine ten",
            "one-two-three-four-five-six-seven-eight",
        ),
        ("x" * 300, "x" * 40),
        ("?!… \x1b[31m", "31m"),
        ("👩‍👩‍👧", "chat"),
    ],
)
def test_a_name_is_made_of_the_first_words_of_a_text(prompt: str, name: str) -> None:
    assert slug(prompt) == name
    check_name("session", name)
